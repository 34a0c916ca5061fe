package capture

import (
	"strconv"

	"mqttlab/mqttcore/spec"
)

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
	Why     string // of the message capture.problem.WHY, with its Args
	Args    []string
	Err     error // cause, or nil
}

// Error names the place, the fault and what was read all the same.
func (e *Error) Error() string { return e.Text(spec.English) }

// Text says in a language what Error says.
func (e *Error) Text(l spec.Lang) string {
	format := spec.Message(l, "capture.problem.file")
	if e.Format != 0 {
		format = e.Format.String()
	}
	key := "capture.problem.at"
	if e.Frame > 0 {
		key = "capture.problem.at-frames"
	}
	return spec.Message(l, key, "format", format, "offset", strconv.FormatInt(e.Offset, 10),
		"why", spec.Message(l, "capture.problem."+e.Why, e.Args...), "frames", strconv.Itoa(e.Frame))
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
