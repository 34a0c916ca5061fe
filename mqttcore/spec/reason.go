package spec

import (
	"fmt"

	"mqttlab/mqttcore/packet"
)

// reasonNames holds the specification's names of the codes; labels translates
// them. A key is 0x87 for a Reason Code of 5.0 and
// 0x87@PUBACK where one packet has a name or a text of its own; before 5.0 it
// is 3.1.1:CONNACK:0x05, which 3.1 shares.
var reasonNames = file[map[string]string]{path: "data/reasons.yaml"}
var reasonTexts = newTexts[map[string]string]("reasons.yaml")

// reasonKeys lists the keys of a code, the most specific first.
func reasonKeys(v packet.Version, t packet.Type, code byte) []string {
	switch v {
	case packet.V5:
		return []string{fmt.Sprintf("0x%02X@%s", code, t), fmt.Sprintf("0x%02X", code)}
	case packet.V311:
		return []string{fmt.Sprintf("3.1.1:%s:0x%02X", t, code)}
	case packet.V31:
		return []string{fmt.Sprintf("3.1:%s:0x%02X", t, code), fmt.Sprintf("3.1.1:%s:0x%02X", t, code)}
	}
	return nil
}

// defined says whether a packet may carry a code.
func defined(v packet.Version, t packet.Type, code byte) bool {
	for _, c := range packet.ReasonCodes(t, v) {
		if byte(c) == code {
			return true
		}
	}
	return false
}

// ReasonName returns the specification's name of a return code (before 5.0)
// or Reason Code (5.0) in a packet of type t. A Reason Code that exists but
// not in that packet has its name, too; a code that does not exist has "".
func ReasonName(v packet.Version, t packet.Type, code byte) string {
	for _, key := range reasonKeys(v, t, code) {
		if name, ok := reasonNames.get()[key]; ok && (v == packet.V5 || defined(v, t, code)) {
			return name
		}
	}
	return ""
}

// ReasonLabel returns the name of a code in a language.
func ReasonLabel(l Lang, v packet.Version, t packet.Type, code byte) string {
	return Label(l, ReasonName(v, t, code))
}

// ReasonText says in a line what a code means and what usually causes it. It
// returns false for a code that a packet of type t may not carry.
func ReasonText(l Lang, v packet.Version, t packet.Type, code byte) (string, bool) {
	if !defined(v, t, code) {
		return "", false
	}
	for _, key := range reasonKeys(v, t, code) {
		if text, ok := look(reasonTexts, l, key); ok {
			return text, true
		}
	}
	return "", false
}
