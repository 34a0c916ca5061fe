package filter

import (
	"strings"

	"mqttlab/mqttcore/spec"
)

// Error is a mistake in an expression, with its place and, where it can be
// guessed, the mend. Places are counted in bytes.
type Error struct {
	Offset int
	Length int
	// Key and Args say what is wrong, as spec.Message takes them.
	Key  string
	Args []string
	// Suggestion would be right in place of the Length bytes at Offset, if
	// Suggested; it may be empty, to leave them out.
	Suggestion string
	Suggested  bool
}

// Error returns the text in English.
func (e *Error) Error() string { return e.Text(spec.English) }

// Text says in a language what is wrong.
func (e *Error) Text(l spec.Lang) string { return spec.Message(l, e.Key, e.Args...) }

// Mended returns the expression with the suggestion in its place.
func (e *Error) Mended(expr string) string {
	if !e.Suggested || e.Offset+e.Length > len(expr) {
		return expr
	}
	return expr[:e.Offset] + e.Suggestion + expr[e.Offset+e.Length:]
}

// mistake blames the bytes [from, to).
func mistake(from, to int, key string, args ...string) *Error {
	return &Error{Offset: from, Length: to - from, Key: key, Args: args}
}

func (e *Error) suggest(s string) *Error {
	e.Suggestion, e.Suggested = s, true
	return e
}

// nearest returns the candidate that is the fewest edits away from word, ""
// if none is near. Case does not count as an edit.
func nearest(word string, candidates []string) string {
	word = strings.ToLower(word)
	best, least := "", 1+max(1, len(word)/3)
	for _, c := range candidates {
		if d := distance(word, strings.ToLower(c), least); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b; it gives up at most.
func distance(a, b string, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most || len(a) > 64 || len(b) > 64 {
		return most
	}
	var rows [3][66]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			d := min(last[j+1], row[j]) + 1
			if a[i] == b[j] {
				d = min(d, last[j])
			} else {
				d = min(d, last[j]+1)
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
