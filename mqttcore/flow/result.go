package flow

import "mqttlab/mqttcore/packet"

// Seen is one packet of a connection.
type Seen struct {
	Index int          // the caller's number for it; links name it
	From  packet.Party // its sender; 0: not known
	// Packet is nil if it breaks the grammar; Type is then all that is known.
	// It is not kept beyond the call.
	Packet  packet.Packet
	Type    packet.Type
	Fault   *packet.Fault  // why Packet is nil, if the caller says it
	Version packet.Version // under which it was read; 0: as before
	Size    int            // its bytes; 0: as Append would write it
	// At is when it was seen, in nanoseconds from any fixed moment; Timed
	// says that this is known.
	At    int64
	Timed bool
}

// Result is what the packets before say about a packet. It shares nothing
// with the packet.
type Result struct {
	From     packet.Party // the sender, where it could be deduced
	Topic    string       // of a PUBLISH, its alias resolved; "" if not known
	Links    []Link
	Findings []Finding
	// Exchange is what the packet is a part of, as it stands after the packet;
	// its ID is 0 for packets that are part of none.
	Exchange Exchange
	Again    bool // the packet was sent before, under the same Packet Identifier
}

// Kind says what a link means.
type Kind string

// The kinds of links.
const (
	Answers   Kind = "answers"   // answers that packet
	Grants    Kind = "grants"    // one code of a SUBACK or UNSUBACK, and its filter
	Duplicate Kind = "duplicate" // the same message, sent again
	AliasSet  Kind = "alias-set" // from here on a Topic Alias stands for a topic
	AliasUsed Kind = "alias"     // the alias was set in that packet
	Matches   Kind = "matches"   // delivered because of that SUBSCRIBE
)

// Link joins a packet to an earlier one, or, as AliasSet, to itself.
type Link struct {
	To    int
	Kind  Kind
	Place Place // the part of this packet that it is about
	Key   string
	Args  []string
}

// Severity of a finding, as package annotate has it.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
	Note
)

// Finding is something wrong or noteworthy.
type Finding struct {
	Code     string // a stable slug
	Rule     string
	Severity Severity
	Place    Place
	Key      string
	Args     []string // a placeholder's name and its value, alternating
	// Unsure: packets that are missing here would explain it.
	Unsure bool
}

// Late is a finding about an earlier packet, known only at the end.
type Late struct {
	Index   int
	Finding Finding
}

// Place is a part of a packet. The zero Place is its first byte.
type Place struct {
	Field    packet.Field
	Property packet.PropertyID // if not 0, that property instead of a Field
	Nth      int               // among several of the kind, from 0
}

func field(f packet.Field) Place          { return Place{Field: f} }
func property(id packet.PropertyID) Place { return Place{Property: id} }
func nth(f packet.Field, i int) Place     { return Place{Field: f, Nth: i} }
func other(p packet.Party) packet.Party   { return [...]packet.Party{0, packet.Server, packet.Client}[p] }
func (r *Result) link(l Link)             { r.Links = append(r.Links, l) }
func (r *Result) answers(to int, t packet.Type) {
	// It is the link of every other packet, so all of it is one allocation.
	one := &struct {
		links [1]Link
		args  [4]string
	}{}
	one.args = [...]string{"type", t.String(), "to", number(to)}
	one.links[0] = Link{To: to, Kind: Answers, Key: "flow.answers", Args: one.args[:]}
	if r.Links == nil {
		r.Links = one.links[:]
	} else {
		r.link(one.links[0])
	}
}
