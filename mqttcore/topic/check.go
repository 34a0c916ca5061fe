package topic

import "strings"

// Problem says what is wrong with a Topic Name or a Topic Filter.
type Problem uint8

// The ways in which a Topic Name or Topic Filter can break section 4.7.
const (
	OK             Problem = iota
	Empty                  // no character at all [MQTT-4.7.3-1]
	WildcardInName         // + or # in a Topic Name [MQTT-3.3.2-2]
	HashNotLast            // # with something after it [MQTT-4.7.1-2; 5.0: MQTT-4.7.1-1]
	HashNotAlone           // # that does not fill its level [MQTT-4.7.1-2; 5.0: MQTT-4.7.1-1]
	PlusNotAlone           // + that does not fill its level [MQTT-4.7.1-3; 5.0: MQTT-4.7.1-2]
	NoShareName            // $share without a ShareName [MQTT-4.8.2-1]
	BadShareName           // a wildcard in the ShareName [MQTT-4.8.2-2]
	NoSharedFilter         // $share/name without a filter behind it [MQTT-4.8.2-2]
)

// Fault is a Problem and its place: the bytes [Offset, Offset+Length) of the checked string.
type Fault struct {
	Problem        Problem
	Offset, Length int
}

// CheckName reports the first fault of a Topic Name, the topic of a PUBLISH
// or a Will. Its Problem is OK if there is none.
func CheckName(name string) Fault {
	if name == "" {
		return Fault{Problem: Empty}
	}
	if i := indexWildcard(name); i >= 0 {
		return Fault{WildcardInName, i, 1}
	}
	return Fault{}
}

// indexWildcard returns the index of the first + or # in s, or -1.
func indexWildcard(s string) int {
	if !hasWildcard(s) {
		return -1
	}
	return strings.IndexAny(s, "+#")
}

// hasWildcard says whether + or # is in s, eight bytes at a time; the last
// eight may overlap with those before. The two differ in bit 3 only, so that
// with it set both are '+', of which the exclusive or with '+' leaves 0; and
// only a word with a byte of 0 keeps a top bit in what (x - ones) &^ x leaves.
func hasWildcard(s string) bool {
	const bit3, plus, ones, tops = 0x0808080808080808, 0x2b2b2b2b2b2b2b2b, 0x0101010101010101, 0x8080808080808080
	if len(s) < 8 {
		for i := range len(s) {
			if s[i]|8 == '+' {
				return true
			}
		}
		return false
	}
	x := (word(s[len(s)-8:]) | bit3) ^ plus
	found := (x - ones) &^ x
	for ; len(s) > 8; s = s[8:] {
		x = (word(s) | bit3) ^ plus
		found |= (x - ones) &^ x
	}
	return found&tops != 0
}

// word returns the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// CheckFilter reports the first fault of a Topic Filter without looking at
// a $share prefix. Its Problem is OK if there is none.
func CheckFilter(filter string) Fault {
	if filter == "" {
		return Fault{Problem: Empty}
	}
	for i := 0; i < len(filter); i++ {
		c := filter[i]
		if c != '+' && c != '#' {
			continue
		}
		startsLevel := i == 0 || filter[i-1] == '/'
		endsLevel := i == len(filter)-1 || filter[i+1] == '/'
		switch {
		case c == '+' && !(startsLevel && endsLevel):
			return Fault{PlusNotAlone, i, 1}
		case c == '#' && !startsLevel:
			return Fault{HashNotAlone, i, 1}
		case c == '#' && i != len(filter)-1:
			return Fault{HashNotLast, i, 1}
		}
	}
	return Fault{}
}

// CheckSharedFilter is CheckFilter for MQTT 5.0, where a filter that begins
// with "$share/" is a Shared Subscription: $share/{ShareName}/{filter}
// (section 4.8.2).
func CheckSharedFilter(filter string) Fault {
	name, rest, shared := CutShare(filter)
	if !shared {
		return CheckFilter(filter)
	}
	const prefix = len("$share/")
	if name == "" {
		return Fault{NoShareName, prefix, 0}
	}
	if i := indexWildcard(name); i >= 0 {
		return Fault{BadShareName, prefix + i, 1}
	}
	if rest == "" {
		return Fault{NoSharedFilter, len(filter), 0}
	}
	f := CheckFilter(rest)
	f.Offset += len(filter) - len(rest)
	return f
}

// CutShare splits "$share/{name}/{filter}" and says whether filter begins
// with "$share/". Without a second slash rest is empty.
func CutShare(filter string) (name, rest string, shared bool) {
	tail, shared := strings.CutPrefix(filter, "$share/")
	if !shared {
		return "", filter, false
	}
	name, rest, _ = strings.Cut(tail, "/")
	return name, rest, true
}
