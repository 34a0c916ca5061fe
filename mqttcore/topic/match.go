package topic

import "strings"

// Match says whether a Topic Filter matches a Topic Name (section 4.7). Both
// must be well formed; a Shared Subscription's filter is what stands behind
// its ShareName, see CutShare.
func Match(filter, name string) bool {
	if hidden(filter, name) {
		return false
	}
	at, all := walk(filter, name, 0)
	return all || at == len(name)+1
}

// hidden says whether name begins with $ and filter with a wildcard, which
// never match [MQTT-4.7.2-1].
func hidden(filter, name string) bool {
	return name != "" && name[0] == '$' && filter != "" && (filter[0] == '+' || filter[0] == '#')
}

// walk follows the levels of a filter, or of a part of one, along name from
// the level that begins at byte at. It returns where the next level of name
// begins, len(name)+1 when there is none, and -1 when a level differs or
// name has too few. With all, a # matched everything that is left. It goes
// byte by byte: nothing is faster for levels of a few bytes, and a hostile
// filter can have 65,000 of them.
func walk(filter, name string, at int) (next int, all bool) {
	for i, j := 0, at; ; i, j = i+1, j+1 { // each round is one level
		if i < len(filter) && filter[i] == '#' {
			return len(name) + 1, true // also the parent level: a/# matches a
		}
		if j > len(name) {
			return -1, false
		}
		if i < len(filter) && filter[i] == '+' {
			for i++; j < len(name) && name[j] != '/'; j++ {
			}
		} else {
			for ; i < len(filter) && filter[i] != '/'; i, j = i+1, j+1 {
				if j >= len(name) || name[j] != filter[i] {
					return -1, false
				}
			}
			if j < len(name) && name[j] != '/' {
				return -1, false
			}
		}
		if i >= len(filter) {
			return j + 1, false
		}
	}
}

// levelEnd returns the end of the level of name that begins at byte at.
func levelEnd(name string, at int) int {
	if i := strings.IndexByte(name[at:], '/'); i >= 0 {
		return at + i
	}
	return len(name)
}

// Verdict says how one level of a Topic Filter meets one level of a Topic Name.
type Verdict uint8

// The verdicts. Every verdict from Differs on means that filter and name do
// not match.
const (
	Equal      Verdict = iota // the same characters
	SingleWild                // + matches one level [MQTT-4.7.1-3; 5.0: MQTT-4.7.1-2]
	MultiWild                 // # matches this level and all below it, or none
	Differs                   // other characters
	FilterEnds                // the name has more levels than the filter
	NameEnds                  // the filter has more levels than the name
	Hidden                    // a leading wildcard does not match a name that begins with $ [MQTT-4.7.2-1]
)

// String returns the verdict's slug, such as "single-wild".
func (v Verdict) String() string {
	return [...]string{"equal", "single-wild", "multi-wild", "differs", "filter-ends", "name-ends", "hidden"}[v]
}

// Level is one step of an Explanation. An empty level is an empty string;
// where one side has ended, its string is empty too and the Verdict says so.
type Level struct {
	Filter  string
	Name    string // for # all the rest of the name, slashes included
	Verdict Verdict
}

// Explanation says level by level why a filter matches a name or why not.
// Levels ends with the first one that decides.
type Explanation struct {
	Match  bool
	Levels []Level
}

// Explain is Match with its reasons.
func Explain(filter, name string) Explanation {
	var e Explanation
	add := func(filter, name string, v Verdict) { e.Levels = append(e.Levels, Level{filter, name, v}) }
	leading := true
	for filterMore, nameMore := true, true; filterMore || nameMore; leading = false {
		var want, have string
		if !filterMore {
			have, _, _ = strings.Cut(name, "/")
			add("", have, FilterEnds)
			return e
		}
		want, filter, filterMore = strings.Cut(filter, "/")
		if leading && hidden(want, name) {
			have, _, _ = strings.Cut(name, "/")
			add(want, have, Hidden)
			return e
		}
		if want == "#" {
			if !nameMore {
				name = ""
			}
			add(want, name, MultiWild)
			e.Match = true
			return e
		}
		if !nameMore {
			add(want, "", NameEnds)
			return e
		}
		have, name, nameMore = strings.Cut(name, "/")
		switch want {
		case have:
			add(want, have, Equal)
		case "+":
			add(want, have, SingleWild)
		default:
			add(want, have, Differs)
			return e
		}
	}
	e.Match = true
	return e
}
