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
	plus, hash := strings.IndexByte(s, '+'), strings.IndexByte(s, '#')
	if plus < 0 || hash >= 0 && hash < plus {
		return hash
	}
	return plus
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
