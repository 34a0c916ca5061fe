package annotate

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"mqttlab/mqttcore/packet"
)

// findings lists the broken rules, then what else is worth knowing.
func (r *reading) findings() []Finding {
	list := []Finding{}
	for i := range r.trace.Faults {
		f := &r.trace.Faults[i]
		if f.Violation == packet.Incomplete {
			continue // said of the rest of the input
		}
		list = append(list, r.finding(f))
	}
	if r.moreFaults > 0 {
		list = append(list, Finding{Severity: Error, Code: "more", Offset: len(r.b), Text: r.say("finding.more", "count", decimal(r.moreFaults))})
	}
	list = append(list, r.lint()...)
	sortFindings(list)
	return list
}

// sortFindings puts errors first, and findings of one severity in wire order.
func sortFindings(list []Finding) {
	if len(list) < 2 {
		return
	}
	rank := map[Severity]int{Error: 0, Warning: 1, Note: 2}
	slices.SortStableFunc(list, func(a, b Finding) int {
		if d := rank[a.Severity] - rank[b.Severity]; d != 0 {
			return d
		}
		return a.Offset - b.Offset
	})
}

func (r *reading) finding(f *packet.Fault) Finding {
	code := f.Violation.String()
	key := "finding." + code
	rule := f.Rule()
	switch {
	case r.insideProperties(f):
		key = "finding.past-end-properties"
	case f.Violation == packet.PastEnd && f.Field == packet.FieldUnread:
		key = "finding.past-end-property-length"
	case f.Violation == packet.ReservedFlags && r.version == packet.V31:
		key = "finding.reserved-flags-3.1"
	case f.Violation == packet.ProtocolLevel && f.Want&packet.BridgeLevel != 0:
		key = "finding.protocol-level-bridge"
	case f.Violation == packet.SubackReserved && r.version == packet.V31:
		key = "finding.suback-reserved-3.1"
	case f.Violation == packet.PacketIDZero && r.version == packet.V5 && r.kind() == packet.PUBLISH && r.sender == packet.Server:
		rule = "MQTT-2.2.1-4" // MQTT-2.2.1-3 is about clients
	}
	finding := Finding{
		Severity: Error,
		Rule:     rule,
		Also:     f.Related(),
		Code:     code,
		Offset:   f.Offset,
		Length:   f.Length,
		Text:     r.say(key, r.faultArgs(f)...),
		Repair:   r.repair(f),
	}
	if f.Hi >= 0 {
		finding.Bits = &[2]int{int(f.Hi), int(f.Lo)}
	}
	return finding
}

// insideProperties says whether a field reaches beyond the end of the Properties, and not of the packet.
func (r *reading) insideProperties(f *packet.Fault) bool {
	return f.Violation == packet.PastEnd && f.Want > f.Have && r.whole() && len(r.b)-f.Offset-f.Length > f.Have
}

// search looks for a repair by trial, once for a packet.
func (r *reading) search() *Repair {
	if !r.asked {
		r.asked = true
		r.mended = r.searchFor(r.b)
	}
	return r.mended
}

// searchFor looks for a repair of b by trial, unless too many were looked for.
func (r *reading) searchFor(b []byte) *Repair {
	if r.mends != nil {
		if *r.mends == 0 {
			return nil
		}
		*r.mends--
	}
	fixed, how, ok := mend(b, r.version, r.lang)
	if !ok {
		return nil
	}
	return &Repair{Hex: hex.EncodeToString(fixed), Text: r.mendText(how)}
}

// faultArgs are the values that the texts of faults speak of.
func (r *reading) faultArgs(f *packet.Fault) []string {
	args := []string{
		"type", r.kind().String(),
		"number", decimal(int(r.kind())),
		"field", r.label(f.Field),
		"have", decimal(f.Have),
		"want", decimal(f.Want),
		"missing", decimal(f.Want - f.Have),
		"code", fmt.Sprintf("0x%02X", f.Want&0xff),
		"bytes", hexBytes(r.b[f.Offset:min(len(r.b), f.Offset+min(f.Length, 8))]),
		"length", decimal(f.Length),
	}
	switch f.Violation {
	case packet.ReservedFlags:
		want, _ := r.kind().Flags()
		args = append(args, "qos", fmt.Sprintf("%02b", r.b[0]>>1&3), "flags", fmt.Sprintf("%04b", r.b[0]&15), "right", fmt.Sprintf("%04b", want), "first", fmt.Sprintf("0x%02X", r.b[0]&0xf0|want))
	case packet.RemainingLengthNotMinimal:
		x := r.number(packet.FieldRemainingLength)
		args = append(args, "value", decimal(x), "shortest", hexBytes(packet.AppendVarint(nil, x)),
			"plain", decimal(int(r.b[1])), "meant", hexBytes(packet.AppendVarint(nil, int(r.b[1]))))
	case packet.PropertyNotHere, packet.PropertyTwice, packet.PropertyValue:
		args = append(args, "property", packet.PropertyID(f.Have).String(), "value", decimal(f.Want))
	}
	return args
}

// hexBytes writes bytes as people do: "0x8C 0x01".
func hexBytes(b []byte) string {
	s := ""
	for i, c := range b {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("0x%02X", c)
	}
	return s
}

// repair returns the corrected packet where only one correction makes sense. Where other faults stand beside f they are
// corrected, too: what is offered has none.
func (r *reading) repair(f *packet.Fault) *Repair {
	first := r.correct(f)
	if first == nil || len(r.trace.Faults) == 1 && r.moreFaults == 0 {
		return first
	}
	if len(r.b) > mendable {
		return nil
	}
	b, _ := hex.DecodeString(first.Hex)
	texts := []string{first.Text}
	for range 4 {
		next := read(b, r.version, Options{Lang: r.lang, mends: r.mends})
		if next.fault == nil {
			return &Repair{Hex: hex.EncodeToString(b), Text: strings.Join(texts, " ")}
		}
		more := next.correct(next.fault)
		if more == nil {
			return nil
		}
		b, _ = hex.DecodeString(more.Hex)
		texts = append(texts, more.Text)
	}
	return nil
}

// correct is repair for the one fault.
func (r *reading) correct(f *packet.Fault) *Repair {
	if !r.whole() && f.Violation != packet.ReservedType {
		return nil
	}
	b := slices.Clone(r.b)
	key := "repair." + f.Violation.String()
	switch f.Violation {
	case packet.ReservedFlags:
		want, _ := r.kind().Flags()
		b[0] = b[0]&0xf0 | want
	case packet.ReservedConnectFlag, packet.WillQoSWithoutWill, packet.WillRetainWithoutWill,
		packet.ReservedAckFlags, packet.SubscribeReserved, packet.DupWithQoS0, packet.NoLocalShared, packet.SessionPresentOnRefusal:
		b[f.Offset] &^= (1<<(f.Hi-f.Lo+1) - 1) << f.Lo
	case packet.PacketIDZero:
		switch r.kind() {
		case packet.PUBLISH, packet.SUBSCRIBE, packet.UNSUBSCRIBE:
			b[f.Offset+1] = 1
		default:
			return nil // nobody knows what it answers
		}
	case packet.EmptyClientIDNoClean:
		if s, ok := r.span(packet.FieldConnectFlags); ok {
			b[s.Offset] |= 2
		}
	case packet.RemainingLengthNotMinimal:
		s, _ := r.span(packet.FieldRemainingLength)
		b = slices.Concat(b[:1], packet.AppendVarint(nil, int(s.Value)), b[1+s.Length:])
	case packet.ReservedType:
		if !slices.Contains(b[:min(len(b), 2)], byte(packet.PINGREQ)<<4) {
			return nil
		}
		return &Repair{Hex: "c000", Text: r.say("repair.ping")}
	default:
		return r.search()
	}
	return &Repair{Hex: hex.EncodeToString(b), Text: r.say(key, r.faultArgs(f)...)}
}
