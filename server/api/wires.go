package api

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/limits"
)

// Wire is a client's wire as the contract shows it. PUT takes the same two
// members without what waits; a direction that is left out stays as it is.
type Wire struct {
	Open     bool       `json:"open"` // there is a connection
	ToBroker *Direction `json:"to_broker"`
	ToClient *Direction `json:"to_client"`
}

// Direction is what a wire does to packets of one direction. The zero
// Direction lets everything pass.
type Direction struct {
	Hold    bool   `json:"hold"`     // packets wait until they are stepped
	DelayMS int    `json:"delay_ms"` // of each packet, in milliseconds
	Rate    int    `json:"rate"`     // bytes a second; 0: any
	Segment int    `json:"segment"`  // bytes of each segment; 0: whole packets
	Rules   []Rule `json:"rules"`    // the first that is for a packet is done to it

	Waiting []Waiting `json:"waiting,omitempty"` // what is under way, the next first; at most waitingShown
	Total   int       `json:"waiting_total"`     // how many there are
	Partial int       `json:"partial,omitempty"` // bytes sent of a packet that is not whole yet; it does not pass before it is
}

// Rule does something to packets as they enter the wire.
type Rule struct {
	Do     string `json:"do"`               // "drop", "duplicate", "corrupt" or "cut"
	Type   string `json:"type,omitempty"`   // "PUBACK" …; "": every packet
	Skip   int    `json:"skip,omitempty"`   // so many of them pass before
	Times  int    `json:"times,omitempty"`  // so many are treated, then the rule is gone; 0: all
	Offset *int   `json:"offset,omitempty"` // corrupt: the byte, from 0; negative: from the packet's end
	Xor    *int   `json:"xor,omitempty"`    // corrupt: the bits to flip, 1 to 255
	Value  *int   `json:"value,omitempty"`  // corrupt: what the byte becomes, 0 to 255
	How    string `json:"how,omitempty"`    // cut: "fin" or "rst"
	Bytes  int    `json:"bytes,omitempty"`  // cut: so many bytes of the packet still pass
}

// Waiting is a packet, or the end of the connection, that is under way.
type Waiting struct {
	ID      uint64 `json:"id"`                // for POST …/wire/step
	Type    string `json:"type,omitempty"`    // "" where the bytes are no packet
	Summary string `json:"summary,omitempty"` // in English or Chinese
	Length  int    `json:"length"`
	Hex     string `json:"hex,omitempty"`     // of the first waitingHex bytes
	Changed bool   `json:"changed,omitempty"` // these bytes are not what was sent
	Left    int    `json:"left,omitempty"`    // bytes that have arrived already
	Cut     string `json:"cut,omitempty"`     // the wire is cut behind it: "fin" or "rst"
	End     string `json:"end,omitempty"`     // no packet: the client has ended the connection: "fin" or "rst"
}

// WaitingPacket is one packet that is under way, with all its bytes.
type WaitingPacket struct {
	Waiting
	Version string `json:"version,omitempty"`  // of the connection, as far as it is known
	SentHex string `json:"sent_hex,omitempty"` // as it was sent, where these bytes are not
}

const (
	waitingShown = 50
	waitingHex   = 64
	longestWait  = 10 * time.Minute
	mostRate     = 1 << 30
	mostRules    = 20
)

func (a *API) wireRoutes(r chi.Router) {
	r.Method("GET", "/benches/{id}/wire", a.onBench(a.coming))
	r.Method("PUT", "/benches/{id}/wire", a.onBench(a.setComing))
	r.Method("GET", "/benches/{id}/clients/{cid}/wire", a.onBench(a.wire))
	r.Method("PUT", "/benches/{id}/clients/{cid}/wire", a.onBench(a.setWire))
	r.Method("GET", "/benches/{id}/clients/{cid}/wire/{direction}/{packet}", a.onBench(a.waiting))
	r.Method("POST", "/benches/{id}/clients/{cid}/wire/step", a.onBench(a.stepWire))
	r.Method("POST", "/benches/{id}/clients/{cid}/wire/cut", a.onBench(a.cutWire))
	r.Method("PUT", "/benches/{id}/clients/{cid}/autopilot", a.onBench(a.autopilot))
	r.Method("POST", "/benches/{id}/presets/{name}", a.onBench(a.preset))
}

// wire returns what stands between a client and the broker, in each direction,
// and the packets that wait there.
func (a *API) wire(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return a.replyWire(w, r, b.Wire)
}

func (a *API) replyWire(w http.ResponseWriter, r *http.Request, do func(string) (bench.Wire, error)) error {
	state, err := do(chi.URLParam(r, "cid"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, wireOf(r, state))
}

func wireOf(r *http.Request, s bench.Wire) Wire {
	up, down := directionOf(&s.ToBroker), directionOf(&s.ToClient)
	up.wait(r, s.WaitingToBroker, packet.Client, s.Version)
	down.wait(r, s.WaitingToClient, packet.Server, s.Version)
	up.Partial = s.Partial
	return Wire{Open: s.Open, ToBroker: up, ToClient: down}
}

func directionOf(s *pipe.Settings) *Direction {
	d := &Direction{Hold: s.Hold, DelayMS: int(s.Delay / time.Millisecond), Rate: s.Rate, Segment: s.Segment, Rules: []Rule{}}
	for _, r := range s.Rules {
		rule := Rule{Do: r.Do.String(), Skip: r.Skip, Times: r.Times, How: r.How.String(), Bytes: r.Bytes}
		if r.Type != 0 {
			rule.Type = r.Type.String()
		}
		if r.Do == pipe.Corrupt {
			value := int(r.Value)
			rule.Offset = &r.Offset
			if r.Set {
				rule.Value = &value
			} else {
				rule.Xor = &value
			}
		}
		d.Rules = append(d.Rules, rule)
	}
	return d
}

func (d *Direction) wait(r *http.Request, waiting []pipe.Waiting, from packet.Party, v packet.Version) {
	d.Total = len(waiting)
	for i := range waiting[:min(len(waiting), waitingShown)] {
		d.Waiting = append(d.Waiting, waitingOf(r, &waiting[i], v, waitingHex))
	}
}

func waitingOf(r *http.Request, it *pipe.Waiting, v packet.Version, most int) Waiting {
	out := Waiting{ID: it.ID, Length: len(it.Bytes), Hex: hex.EncodeToString(it.Bytes[:min(len(it.Bytes), most)]),
		Changed: it.Changed, Left: it.Left, Cut: it.Cut.String(), End: it.End.String()}
	if len(it.Bytes) > 0 {
		out.Summary = annotate.Summary(it.Bytes, v, Lang(r))
		if size, err := packet.Size(it.Bytes); err == nil && size == len(it.Bytes) && packet.Type(it.Bytes[0]>>4) != 0 {
			out.Type = packet.Type(it.Bytes[0] >> 4).String()
		}
	}
	return out
}

// waiting returns one packet that waits in a client's wire, with all its bytes
// and, where they were changed, those that were sent:
//
//	GET /api/benches/main/clients/v1/wire/to_broker/3
func (a *API) waiting(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	state, err := b.Wire(chi.URLParam(r, "cid"))
	if err != nil {
		return err
	}
	from, err := senderOf(chi.URLParam(r, "direction"))
	if err != nil {
		return err
	}
	list := state.WaitingToBroker
	if from == packet.Server {
		list = state.WaitingToClient
	}
	for i := range list {
		it := &list[i]
		if strconv.FormatUint(it.ID, 10) != chi.URLParam(r, "packet") {
			continue
		}
		out := WaitingPacket{Waiting: waitingOf(r, it, state.Version, len(it.Bytes))}
		if it.Changed {
			out.SentHex = hex.EncodeToString(it.Sent)
		}
		if state.Version != 0 {
			out.Version = state.Version.String()
		}
		return reply(w, http.StatusOK, out)
	}
	return pipe.ErrGone
}

// senderOf reads a direction: whose packets go that way.
func senderOf(direction string) (packet.Party, error) {
	switch direction {
	case "to_broker":
		return packet.Client, nil
	case "to_client":
		return packet.Server, nil
	}
	return 0, wrong("direction", "direction", "direction", strconv.Quote(direction))
}

// readWire reads what a PUT says of a wire; a direction that it does not name is nil.
func readWire(w http.ResponseWriter, r *http.Request) (up, down *pipe.Settings, err error) {
	var in struct {
		ToBroker *Direction `json:"to_broker"`
		ToClient *Direction `json:"to_client"`
	}
	if err = decode(w, r, &in); err != nil {
		return nil, nil, err
	}
	if up, err = in.ToBroker.settings("to_broker"); err == nil {
		down, err = in.ToClient.settings("to_client")
	}
	return up, down, err
}

// coming says what the wires of clients do that come from outside.
func (a *API) coming(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	return reply(w, http.StatusOK, wireOf(r, b.Coming()))
}

// setComing sets the wires of clients that come from now on, as PUT
// …/clients/{cid}/wire does for one that is there:
//
//	{"to_client": {"delay_ms": 200}}
func (a *API) setComing(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	up, down, err := readWire(w, r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, wireOf(r, b.SetComing(up, down)))
}

// setWire sets what a client's wire does in each direction:
//
//	{"to_broker": {"hold": true}}
//	{"to_broker": {}, "to_client": {"delay_ms": 500, "rate": 100, "segment": 3}}
//	{"to_client": {"rules": [{"do": "drop", "type": "PUBACK", "skip": 1, "times": 1}]}}
//	{"to_broker": {"rules": [{"do": "corrupt", "offset": -1, "xor": 1}, {"do": "cut", "type": "PUBLISH", "how": "rst", "bytes": 4}]}}
//
// "hold" makes packets wait for POST …/wire/step; "delay_ms" is for each packet,
// "rate" in bytes a second, "segment" in bytes. A rule does "drop", "duplicate",
// "corrupt" or "cut" to packets of its type, or to all: "skip" lets some pass
// before, and after "times" it is gone. "corrupt" has an offset (negative: from
// the end) and "xor", or the "value" that the byte becomes. A direction that is
// left out stays as it is; {} lets everything pass.
func (a *API) setWire(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	up, down, err := readWire(w, r)
	if err != nil {
		return err
	}
	return a.replyWire(w, r, func(id string) (bench.Wire, error) { return b.SetWire(id, up, down) })
}

// wrong is a value of a request that this call does not take.
func wrong(field, key string, args ...string) *Problem {
	return Say(http.StatusUnprocessableEntity, "wire", "wire."+key, args...).at(field)
}

func within(field string, n, least, most int) error {
	if n < least || n > most {
		return wrong(field, "range", "field", field, "value", strconv.Itoa(n), "least", strconv.Itoa(least), "most", strconv.Itoa(most))
	}
	return nil
}

// settings checks a direction; nil stays nil.
func (d *Direction) settings(field string) (*pipe.Settings, error) {
	if d == nil {
		return nil, nil
	}
	for _, check := range []struct {
		name    string
		n, most int
	}{
		{"delay_ms", d.DelayMS, int(longestWait / time.Millisecond)}, {"rate", d.Rate, mostRate},
		{"segment", d.Segment, limits.PacketBytes}, {"rules", len(d.Rules), mostRules},
	} {
		if err := within(field+"."+check.name, check.n, 0, check.most); err != nil {
			return nil, err
		}
	}
	s := &pipe.Settings{Hold: d.Hold, Delay: time.Duration(d.DelayMS) * time.Millisecond, Rate: d.Rate, Segment: d.Segment}
	for i := range d.Rules {
		rule, err := d.Rules[i].rule(fmt.Sprintf("%s.rules[%d]", field, i))
		if err != nil {
			return nil, err
		}
		s.Rules = append(s.Rules, rule)
	}
	return s, nil
}

func (r *Rule) rule(field string) (pipe.Rule, error) {
	deed, ok := pipe.ParseDeed(r.Do)
	if !ok || deed == pipe.Pass || deed == pipe.Edit {
		return pipe.Rule{}, wrong(field+".do", "rule", "do", strconv.Quote(r.Do))
	}
	out := pipe.Rule{Do: deed, Skip: r.Skip, Times: r.Times, Bytes: r.Bytes}
	for _, check := range []struct {
		name string
		n    int
	}{{"skip", r.Skip}, {"times", r.Times}, {"bytes", r.Bytes}} {
		if err := within(field+"."+check.name, check.n, 0, limits.PacketBytes); err != nil {
			return pipe.Rule{}, err
		}
	}
	if r.Type != "" {
		for t := packet.CONNECT; t <= packet.AUTH; t++ {
			if t.String() == r.Type {
				out.Type = t
			}
		}
		if out.Type == 0 {
			return pipe.Rule{}, wrong(field+".type", "type", "type", strconv.Quote(r.Type))
		}
	}
	var err error
	switch {
	case deed == pipe.Corrupt:
		out.Change, err = change(field+".", r.Offset, r.Xor, r.Value)
	case r.Offset != nil || r.Xor != nil || r.Value != nil:
		err = wrong(field, "corrupt")
	}
	if err != nil {
		return pipe.Rule{}, err
	}
	switch {
	case deed == pipe.Cut:
		out.How, err = endOf(field+".how", r.How)
	case r.How != "" || r.Bytes != 0:
		err = wrong(field, "cut")
	}
	return out, err
}

// change reads how a byte is corrupted: either xor or value says it.
func change(prefix string, offset, xor, value *int) (c pipe.Change, err error) {
	if offset == nil {
		return c, wrong(prefix+"offset", "offset")
	}
	c.Offset = *offset
	switch {
	case (xor == nil) == (value == nil):
		return c, wrong(prefix+"xor", "xor")
	case xor != nil:
		c.Value, err = byte(*xor), within(prefix+"xor", *xor, 1, 255)
	default:
		c.Set, c.Value, err = true, byte(*value), within(prefix+"value", *value, 0, 255)
	}
	return c, err
}

func endOf(field, word string) (pipe.End, error) {
	for _, e := range []pipe.End{pipe.FIN, pipe.RST} {
		if e.String() == word {
			return e, nil
		}
	}
	return 0, wrong(field, "how", "how", strconv.Quote(word))
}

// stepWire does something by hand to a packet that waits, the next one, or that
// with the "id" which GET …/wire shows:
//
//	{"direction": "to_broker", "do": "duplicate"}
//	{"direction": "to_broker", "do": "corrupt", "offset": 0, "xor": 1}
//	{"direction": "to_broker", "do": "edit", "hex": "c0 00"}
//	{"direction": "to_broker", "do": "pass"}
//	{"direction": "to_broker", "do": "drop"}
func (a *API) stepWire(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	var in struct {
		Direction string `json:"direction"` // "to_broker" or "to_client"
		Do        string `json:"do"`        // "pass", "drop", "duplicate", "corrupt" or "edit"
		ID        uint64 `json:"id"`        // of the packet; 0: the next
		Offset    *int   `json:"offset"`    // corrupt
		Xor       *int   `json:"xor"`       // corrupt
		Value     *int   `json:"value"`     // corrupt
		Hex       string `json:"hex"`       // edit
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	from, err := senderOf(in.Direction)
	if err != nil {
		return err
	}
	deed, ok := pipe.ParseDeed(in.Do)
	if !ok || deed == pipe.Cut {
		return wrong("do", "step", "do", strconv.Quote(in.Do))
	}
	step := pipe.Step{Do: deed, ID: in.ID}
	switch {
	case deed == pipe.Corrupt:
		step.Change, err = change("", in.Offset, in.Xor, in.Value)
	case in.Offset != nil || in.Xor != nil || in.Value != nil:
		err = wrong("offset", "corrupt")
	}
	if err != nil {
		return err
	}
	switch {
	case deed == pipe.Edit:
		if step.Bytes, err = parseHex("hex", in.Hex); err == nil && len(step.Bytes) == 0 {
			err = wrong("hex", "no-bytes")
		}
	case in.Hex != "":
		err = wrong("hex", "hex")
	}
	if err != nil {
		return err
	}
	return a.replyWire(w, r, func(id string) (bench.Wire, error) { return b.StepWire(id, from, step) })
}

// cutWire ends a connection for both its sides:
//
//	{"how": "rst"}
//
// "fin" ends it in good order.
func (a *API) cutWire(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	var in struct {
		How string `json:"how"` // "fin" or "rst"
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	how, err := endOf("how", in.How)
	if err != nil {
		return err
	}
	return a.replyWire(w, r, func(id string) (bench.Wire, error) { return b.CutWire(id, how) })
}

// autopilot says what a virtual client does by itself: acknowledge, ping, or,
// with "silent", nothing more at all. What is left out stays as it is.
//
//	{"ack": true, "ping": true, "silent": false}
func (a *API) autopilot(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	var in struct {
		Ack    *bool `json:"ack"`
		Ping   *bool `json:"ping"`
		Silent *bool `json:"silent"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	return a.driven(w, r, func(id string) (bench.Client, error) { return b.SetAutopilot(id, in.Ack, in.Ping, in.Silent) })
}

// preset makes the clients of a preset, which are named in the caller's
// language, and lets them send what it says. The presets are "publisher",
// "subscriber", "will", "same-id" and "session".
//
//	{"version": "5.0"}
func (a *API) preset(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	var in struct {
		Version string `json:"version"` // "3.1", "3.1.1" or "5.0"; "": 3.1.1
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	v, ok := ParseVersion(in.Version)
	if !ok {
		return Say(http.StatusUnprocessableEntity, "version", "version.preset", "version", in.Version).at("version")
	}
	if v == 0 {
		v = packet.V311
	}
	lang := Lang(r)
	clients, err := b.Preset(chi.URLParam(r, "name"), v, func(key string) string { return spec.Message(lang, "preset.client."+key) })
	if errors.Is(err, bench.ErrNoPreset) {
		return Say(http.StatusNotFound, "no-preset", "", "names", strings.Join(bench.Presets(), ", "))
	}
	if err != nil {
		return err
	}
	return reply(w, http.StatusCreated, struct {
		Clients []bench.Client `json:"clients"`
	}{clients})
}
