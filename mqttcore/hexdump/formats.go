package hexdump

// formats is the table of readers. Where two readings have equal evidence the earlier row wins.
var formats = []struct {
	name string // for tests and messages; the Reading names the exact variant
	read func(*input) []candidate
}{
	{"dump with offsets", readDump},
	{"plain hex", readPlain},
}
