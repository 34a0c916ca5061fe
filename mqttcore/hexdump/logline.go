package hexdump

import (
	"strings"
	"unicode/utf8"
)

// senderWords says which side a word in a log speaks of. The point of view is the client's, as in
// serial and modem logs and network assistants: what it sends comes from the client.
var senderWords = []struct {
	word string
	from Sender
}{
	// Order matters: the first that occurs wins, so that "server -> client" is read by its arrow form.
	{"server -> client", Server}, {"server->client", Server}, {"server → client", Server},
	{"broker -> client", Server}, {"broker->client", Server}, {"broker → client", Server},
	{"raw_bin_received", Client}, {"raw_bin_sent", Server}, // a broker's own log: EMQX
	{"s->c", Server}, {"s2c", Server}, {"b->c", Server},
	{"client -> ", Client}, {"client->", Client}, {"client → ", Client}, {"c->s", Client}, {"c2s", Client},
	{"c->b", Client},
	{"peer0", Client}, {"peer1", Server}, // Wireshark's copy of a stream; the client speaks first
	{"from client", Client}, {"to server", Client}, {"to broker", Client},
	{"from server", Server}, {"from broker", Server}, {"to client", Server},
	{"+ipd", Server}, {"+qiurc", Server}, {"cipsend", Client}, {"qisend", Client},
	{"answers", Server}, {"replies", Server}, {"returns", Server}, {"返回", Server}, {"应答", Server}, {"回复", Server},
	{"received", Server}, {"receive", Server}, {"recv", Server}, {"rx", Server}, {"接收", Server}, {"收到", Server},
	{"收←", Server},
	{"sending", Client}, {"sends", Client}, {"send", Client}, {"sent", Client}, {"tx", Client}, {"发送", Client}, {"发→", Client},
	{".1883 >", Server}, {".8883 >", Server}, {".1883:", Client}, {".8883:", Client},
	{"client", Client}, {"server", Server}, {"broker", Server}, {"客户端", Client}, {"服务器", Server},
}

// labelOf reads the heading of a run of bytes: who sent it, and its time stamp or, failing that, the
// direction word.
func labelOf(heading string) (from Sender, label string) {
	if len(heading) > 200 {
		heading = heading[len(heading)-200:]
	}
	lower := strings.ToLower(heading)
	for _, w := range senderWords {
		if i := findWord(lower, w.word); i >= 0 {
			from, label = w.from, strings.TrimSpace(lower[i:i+len(w.word)])
			if len(lower) == len(heading) {
				label = strings.TrimSpace(heading[i : i+len(w.word)])
			}
			break
		}
	}
	if from == Unknown {
		from, label = arrow(heading)
	}
	for i := 0; i < len(heading); i++ {
		if n := timestamp(heading, i); n > 0 {
			return from, heading[i : i+n]
		}
	}
	return from, label
}

// arrow reads a line that begins with an arrow, as in "> 10 0c 00 04": to the right, the client sends.
func arrow(heading string) (Sender, string) {
	heading = strings.TrimRight(heading, " \t\r\n")
	i := strings.LastIndexByte(heading, '\n')
	if i < 0 {
		return Unknown, ""
	}
	s := strings.TrimSpace(heading[i:])
	s = strings.TrimSpace(s[logPrefix(s):])
	for _, a := range []struct {
		sign string
		from Sender
	}{
		{"-->", Client}, {"->", Client}, {"=>", Client}, {">>", Client}, {"→", Client}, {">", Client},
		{"<--", Server}, {"<-", Server}, {"<=", Server}, {"<<", Server}, {"←", Server}, {"<", Server},
	} {
		if rest, ok := strings.CutPrefix(s, a.sign); ok && (rest == "" || rest[0] == ' ') { // not "<pre>"
			return a.from, a.sign
		}
	}
	return Unknown, ""
}

// findWord is strings.Index for whole words: a letter may not touch a letter at either end.
func findWord(s, word string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(word)
		before := i > 0 && isWordByte(s[i-1]) && isWordByte(word[0])
		after := end < len(s) && isWordByte(s[end]) && isWordByte(word[len(word)-1])
		if !before && !after {
			return i
		}
		from = i + 1
	}
}

// timestamp is the length of the date and time, or time of day, at s[i:], or 0. Two colons are needed:
// "12:34" may as well be two bytes.
func timestamp(s string, i int) int {
	if i > 0 && (isWordByte(s[i-1]) || s[i-1] == ':') || i >= len(s) || !isDecimal(s[i]) {
		return 0
	}
	j := i
	if n := matchDigits(s, j, "dddddddddd: "); n > 0 && s[j] == '1' {
		return 10 // seconds since 1970, as in mosquitto's log
	}
	if n := matchDigits(s, j, "dddd-dd-dd", "dddd/dd/dd", "dd/dd/dddd", "dd.dd.dddd"); n > 0 {
		if k := j + n; k < len(s) && (s[k] == ' ' || s[k] == 'T' || s[k] == '_') {
			if m := clock(s, k+1); m > 0 {
				return k + 1 + m - i
			}
		}
		if j+n == len(s) || !isWordByte(s[j+n]) && s[j+n] != '-' {
			return n
		}
		return 0
	}
	if n := matchDigits(s, j, "dddd.dd.dd ", "dd-dd-dddd "); n > 0 { // a date only before a time of day: may be bytes
		if m := clock(s, j+n); m > 0 {
			return j + n + m - i
		}
		return 0
	}
	return clock(s, j)
}

// clock is the length of a time of day at s[i:], with an optional fraction and zone, or 0.
func clock(s string, i int) int {
	n := matchDigits(s, i, "dd:dd:dd", "d:dd:dd")
	if n == 0 {
		return 0
	}
	c := i + n
	if hour, _ := number(s[i:c-6], 10); hour > 23 || s[c-5] > '5' || s[c-2] > '5' {
		return 0
	}
	if c < len(s) && (s[c] == '.' || s[c] == ',' || s[c] == ':') {
		f := c + 1
		for f < len(s) && isDecimal(s[f]) {
			f++
		}
		switch {
		case f-c > 1 && (s[c] != ':' || f-c == 4):
			c = f
		case s[c] == ':' && f-c > 1:
			return 0 // a fourth field of two digits: bytes with colons
		}
	}
	if c < len(s) && s[c] == 'Z' {
		c++
	} else if m := matchDigits(s, c, "+dd:dd", "+dddd"); m > 0 {
		c += m
	}
	if c < len(s) && isWordByte(s[c]) {
		return 0
	}
	return c - i
}

// matchDigits is the length of the first pattern that s[i:] begins with, where d is any decimal digit.
func matchDigits(s string, i int, patterns ...string) int {
next:
	for _, p := range patterns {
		if len(s)-i < len(p) {
			continue
		}
		for k := range len(p) {
			if c := s[i+k]; p[k] == 'd' && !isDecimal(c) || p[k] != 'd' && c != p[k] {
				continue next
			}
		}
		return len(p)
	}
	return 0
}

// logPrefix is the length of what a logger puts before a dump line: an ESP-IDF tag or a time stamp.
func logPrefix(line string) int {
	if espLine(line) {
		end := min(len(line), 120)
		if i := strings.Index(line[:end], ": "); i > 0 {
			return i + 2
		}
	}
	i := 0
	if strings.HasPrefix(line, "[") {
		if n := kernelPrefix(line); n > 0 {
			return n
		}
		i = 1
	}
	if n := timestamp(line, i); n > 0 {
		i += n
		for i < len(line) && strings.IndexByte("] \t", line[i]) >= 0 {
			i++
		}
		return i
	}
	return 0
}

// kernelPrefix is the length of what Linux puts before a line of print_hex_dump, "[  123.456789] mqtt: ", or 0.
func kernelPrefix(line string) int {
	end := strings.IndexByte(line[:min(len(line), 24)], ']')
	if end < 0 {
		return 0
	}
	seconds, fraction, ok := strings.Cut(strings.TrimLeft(line[1:end], " "), ".")
	if !ok || !allDecimal(seconds) || !allDecimal(fraction) || len(fraction) != 6 {
		return 0
	}
	end = skipSpace(line, end+1)
	if name, _, ok := strings.Cut(line[end:min(len(line), end+40)], ": "); ok && !allHex(name) {
		end += len(name) + 2
	}
	return end
}

// espLine reports whether a line begins as ESP-IDF's logs do: "I (1234) tag: ".
func espLine(line string) bool {
	return len(line) > 4 && strings.IndexByte("IDWEV", line[0]) >= 0 && line[1] == ' ' && line[2] == '(' &&
		isDecimal(line[3])
}

// looksLogged reports whether a line without bytes is the work of a program rather than a sentence.
func looksLogged(line string) bool {
	s := strings.TrimSpace(line)
	if logPrefix(s) > 0 || strings.HasPrefix(s, "AT+") || strings.HasPrefix(s, "AT\r") || strings.HasPrefix(s, "+") {
		return true
	}
	if n := matchDigits(s, 0, "dddddddddd: ", "dddddddddd.d"); n > 0 {
		return true // mosquitto's log begins with seconds since 1970
	}
	switch s {
	case "AT", "OK", "ERROR", ">", "SEND OK", "CONNECT", "CONNECT OK", "CLOSED", "SHUT OK":
		return true
	}
	if r, _ := utf8.DecodeRuneInString(s); r == '[' || r == '【' {
		return strings.ContainsAny(s, "]】")
	}
	return false
}
