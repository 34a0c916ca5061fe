package hexdump

// formats is the table of readers. Where two readings have equal evidence the earlier row wins.
var formats = []struct {
	name string // what the reader is for; the Reading names the exact variant
	most level  // the best evidence it can have: spares reading a text whose layout is certain
	read func(*input) []candidate
}{
	{"memory in a debugger", certain, readMemory},
	{"dump with offsets", certain, readDump},
	{"dump of characters", certain, readCharDump},
	{"hex in source code", certain, readHexCalls},
	{"characters and bracketed hex", certain, readBracketed},
	{"number list", certain, readLists},
	{"escaped string", certain, readEscapes},
	{"percent-encoded", certain, readPercent},
	{"tshark export", certain, readExports},
	{"a byte in each line", certain, readByteLines},
	{"binary digits", certain, readBinary},
	{"octal digits", certain, readOctal},
	{"plain hex", likely, readPlain},
	{"decimal numbers", certain, readDecimals},
	{"base64", certain, readBase64},
}
