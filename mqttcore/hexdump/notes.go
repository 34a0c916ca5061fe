package hexdump

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Note says something about a stretch of the text. Code and Args hold all that Text says, so that a
// translation can be made from them.
type Note struct {
	Range
	Code string   // stable slug, one of Codes
	Args []string // what the text names, in the order of the {0}, {1} … of the English text
}

// texts is the English text for each code. {n} is the n-th argument.
var texts = map[string]string{
	// Passed over.
	"offset-column":  "Offset column: counts the bytes, is no data.",
	"ascii-column":   "ASCII column: repeats the bytes as characters.",
	"end-offset":     "Offset at the end: the length of the dump.",
	"column-heading": "Heading of the columns.",
	"padding":        "Filler: the dump's last word has one half more than there are bytes.",
	"repeat-line":    `"*" stands for the line above, {0} more times: {1} bytes.`,
	"prose":          "Text without bytes.",
	"log-line":       "Log text without bytes.",
	"timestamp":      "Time stamp.",
	"address":        "Network address.",
	"identifier":     "Identifier.",
	"list-number":    "Number of the list item.",
	"hex-like-word":  `"{0}" could be hex, but reads as a word or number of the sentence around it.`,
	"syntax":         "Source code around the bytes.",
	"comment":        "Comment.",
	"metadata":       "Other fields of the export.",
	"terminal-code":  "Colour code of a terminal.",
	"byte-count":     "Number of the bytes that follow.",
	"link-header":    "Link-layer header ({0}).",
	"ip-header":      "{0} header.",
	"tcp-header":     "TCP header, port {0} to port {1}.",
	"trailer":        "Link-layer padding after the IP packet.",
	"more-skipped":   "{0} more stretches were passed over from here on.",

	// Wrong.
	"empty":           "There is nothing here. Paste a hex dump, or type bytes such as c0 00.",
	"no-hex":          "No bytes were found in this text. Paste hex such as 10 0c 00 04, or a dump by xxd or hexdump -C.",
	"odd-digit":       `"{0}" stands alone: a byte is two hex digits. Add the missing digit, or a 0 in front.`,
	"odd-stream":      `These {1} digits are an odd number: the last, "{0}", is left over. One digit is missing or too many; read in pairs from the left.`,
	"not-hex":         `"{0}" is no hex digit (0 to 9, a to f), so "{1}" is no byte. Correct it; the rest was read.`,
	"elided":          `"{0}" stands for bytes that were left out. Put them in.`,
	"truncated":       "The tool that printed this has cut off {0}. Print it whole.",
	"offset-gap":      "The offset {0} does not fit: the lines before it end at {1} (difference {2}). Lines or bytes are missing or too many.",
	"repeat-unknown":  `How often "*" repeats the line above cannot be told: the offset of the next line is missing. Add the dump's last line.`,
	"repeat-too-long": `"*" would stand for {0} bytes, more than is read here. Cut the dump shorter.`,
	"out-of-range":    "{0} is no byte: a byte is 0 to 255 (or -128 to 127). Correct the number.",
	"bad-escape":      `"{0}" is no escape sequence that is known here. A byte is written \x and two hex digits.`,
	"bad-item":        `"{0}" is no byte value. Write a number such as 0x10 or 16, or a character in single quotes.`,
	"bad-base64":      `"{0}" does not belong into base64. Remove or correct it; it was left out.`,
	"cut-base64":      "The base64 text ends in the middle of a byte: {0} is left over. Copy it whole.",
	"no-payload":      "This frame carries no data: only headers. Paste the frame whose TCP length is not 0.",
	"cut-frame":       "The frame is cut short: its header announces {0} more bytes. Capture without a length limit.",
	"more-problems":   "{0} more problems follow from here on.",
}

// Codes returns the code of every note there is, in alphabetical order.
func Codes() []string { return slices.Sorted(maps.Keys(texts)) }

// Text says in plain English what the note means and, for a problem, what to do.
func (n Note) Text() string {
	s, ok := texts[n.Code]
	if !ok {
		return n.Code
	}
	pairs := make([]string, 0, 2*len(n.Args))
	for i, a := range n.Args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", a)
	}
	return strings.NewReplacer(pairs...).Replace(s)
}
