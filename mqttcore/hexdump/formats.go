package hexdump

// formats is the table of readers. Where two readings have equal evidence the earlier row wins.
var formats = []struct {
	name string // for tests and messages; the Reading names the exact variant
	read func(*input) []candidate
}{
	{"dump with offsets", readDump},
	{"dump of characters", readCharDump},
	{"hex in source code", readHexCalls},
	{"number list", readLists},
	{"escaped string", readEscapes},
	{"percent-encoded", readPercent},
	{"tshark export", readExports},
	{"binary digits", readBinary},
	{"plain hex", readPlain},
	{"decimal numbers", readDecimals},
	{"base64", readBase64},
}
