package capture

import "fmt"

// Problem names what is wrong with a file. It is a key for texts.
type Problem string

// The problems.
const (
	UnknownFormat Problem = "unknown-format" // none of the formats that are read
	Truncated     Problem = "truncated"      // the file ends within something
	Corrupt       Problem = "corrupt"        // a length or a mark that cannot be
	Bomb          Problem = "gzip-bomb"      // it unpacks to more than is allowed
	BadGzip       Problem = "bad-gzip"       // the compressed data is damaged
	ReadFailed    Problem = "read-failed"    // the io.Reader failed; see Unwrap
)

// Error says why and where reading ended before the file's end. All Records
// before that place have been given.
type Error struct {
	Problem Problem
	Format  Format
	Offset  int64  // in the unpacked file, in bytes from its beginning
	Frame   int    // frames read before it
	Why     string // English
	Err     error  // cause, or nil
}

// Error names the place, the fault and what was read all the same.
func (e *Error) Error() string {
	what := "capture"
	if e.Format != 0 {
		what = e.Format.String()
	}
	text := fmt.Sprintf("%s at byte %d: %s", what, e.Offset, e.Why)
	if e.Frame > 0 {
		text += fmt.Sprintf("; %d frames before it were read", e.Frame)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
