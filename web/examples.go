package web

import "mqttlab/mqttcore/spec"

// Example is a text for the decode page.
type Example struct {
	Key  string // of its name and what it is about
	Text string
}

// Name is what the example is called, in a reader's language.
func (e Example) Name(l spec.Lang) string { return say(l, "decode.example."+e.Key) }

// About says what is worth a look.
func (e Example) About(l spec.Lang) string { return say(l, "decode.example."+e.Key+".about") }

// Examples are bytes that people have met in tutorials, logs and forums, with
// their mistakes.
var Examples = []Example{
	{"password", "10 26 00 04 4D 51 54 54 04 C2 00 3C 00 09 31 32 33 34 35 36 37 38 39 00 05 61 64 6D 69 6E 00 08 70 61 73 73 77 6F 72 64"},
	{"misprint", "10 26 00 04 4D 51 54 54 04 C2 00 3C 00 09 31 32 33 34 35 36 37 38 39 00 05 61 64 6D 69 6E 00 08 70 61 73 73 73 77 6F 72 64"},
	{"will", "10 4e 00 04 4d 51 54 54 04 ee 00 3c 00 1e 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31 31" +
		" 00 03 6c 77 74 00 0c 63 6c 69 65 6e 74 20 67 6f 6e 65 21 00 05 61 64 6d 69 6e 00 08 70 61 73 73 77 6f 72 64"},
	{"subscribe", "82 09 00 01 00 04 74 65 73 74 00"},
	{"retained", "31 15 00 06 74 65 73 74 2F 61 68 65 6C 6C 6F 5F 65 73 70 38 32 36 36"},
	{"kept", "31 13 00 04 74 65 73 74 68 65 6C 6C 6F 5F 65 73 70 38 32 36 36\n30 13 00 04 74 65 73 74 68 65 6C 6C 6F 5F 65 73 70 38 32 36 36"},
	{"heartbeat", "20 02 00 00"},
	{"three", "C0 00 D0 00 E0 00"},
	{"reserved-bits", "1f 0f 00 04 4d 51 54 54 04 02 00 0a 00 03 63 69 64"},
	{"reserved-flag", "10 0c 00 04 4d 51 54 54 04 03 00 00 00 00"},
	{"order", "0a c0"},
	{"modem", "10 8C 00 04 4D 51 54 54 04 02 00 3C 00 00 1A 0D 0A"},
	{"cut", "30 13 00 04 74 65 73 74 68 65 6C"},
	{"hexdump", "00000000  10 26 00 04 4d 51 54 54  04 c2 00 3c 00 09 31 32  |.&..MQTT...<..12|\n" +
		"00000010  33 34 35 36 37 38 39 00  05 61 64 6d 69 6e 00 08  |3456789..admin..|\n" +
		"00000020  70 61 73 73 77 6f 72 64                           |password|\n00000028"},
	{"xxd", "00000000: 8209 0001 0004 7465 7374 0031 1500 0674  ......test.1...t\n" +
		"00000010: 6573 742f 6168 656c 6c6f 5f65 7370 3832  est/ahello_esp82\n" +
		"00000020: 3636                                     66"},
	{"slip", "30 0c 00 04 74 65 73 74 6 8g 65 6c 6c 6f 21"},
}
