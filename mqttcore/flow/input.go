package flow

import "mqttlab/mqttcore/packet"

// Input is a run of packets that may come from several connections, one
// behind the other, as people paste them.
type Input struct {
	options Options
	conn    *Conn
	late    []Late
}

// NewInput returns an input without packets. With o.Whole it is one
// connection.
func NewInput(o Options) *Input { return &Input{options: o, conn: New(o)} }

// See takes the next packet. A CONNECT begins a new connection: if the one
// before shows no end, that is said, and no packet from then on is held
// against a connection that it may not belong to.
func (in *Input) See(s Seen) Result {
	if s.Packet != nil {
		s.Type = s.Packet.Type()
	}
	if s.Type != packet.CONNECT || s.From == packet.Server || in.options.Whole || in.conn.count == 0 {
		return in.conn.See(s)
	}
	before := in.conn
	in.late = append(in.late, before.End()...)
	in.conn = New(in.options)
	in.conn.mixed = before.mixed || before.begun && !before.over()
	in.conn.rival = before.begun && !before.answered
	r := in.conn.See(s)
	if before.opening.known && in.conn.opening.known && !before.over() {
		id, old := in.conn.opening.id, before.opening.id
		k := anotherConnect
		switch {
		case id == "" || old == "":
			k = anotherConnectNoID
		case id == old:
			k = anotherConnectSameID
		}
		r.Findings = append(r.Findings, k.finding(in.conn.version, packet.Client, field(packet.FieldClientID), []string{
			"id", id, "before", old, "to", number(before.opening.index)}))
	}
	return r
}

// Conn returns the connection that the last packet was taken for.
func (in *Input) Conn() *Conn { return in.conn }

// Gap says that some bytes are missing before the next packet.
func (in *Input) Gap() { in.conn.Gap() }

// End returns the findings about earlier packets that are known only now.
func (in *Input) End() []Late { return append(in.late, in.conn.End()...) }
