package topic

import "strings"

// Covers says whether filter matches every name that the filter narrower
// matches.
func Covers(filter, narrower string) bool {
	if hidden(filter, narrower) {
		return false
	}
	for wantMore, haveMore := true, true; ; {
		var want, have string
		if !wantMore || !haveMore {
			return wantMore == haveMore || filter == "#"
		}
		want, filter, wantMore = strings.Cut(filter, "/")
		have, narrower, haveMore = strings.Cut(narrower, "/")
		switch {
		case want == "#":
			return true
		case have == "#", want != "+" && want != have:
			return false
		}
	}
}
