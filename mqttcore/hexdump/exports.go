package hexdump

import "strings"

// readExports reads what tshark writes for other programs: fields, jsonraw, ek and the YAML of
// "follow". Each packet is a chunk.
func readExports(in *input) []candidate {
	switch {
	case strings.Contains(in.text, "!!binary"):
		return readYAML(in)
	case strings.Contains(in.text, "_raw\""), strings.Contains(in.text, "tcp.payload\""), strings.Contains(in.text, "tcp_tcp_payload\""):
		return readPayloads(in)
	case strings.Contains(in.text, "\t"):
		return readFields(in, '\t')
	case strings.Contains(in.text, ","):
		return readFields(in, ',')
	case strings.Contains(in.text, ";"):
		return readFields(in, ';')
	}
	return nil
}

// payloadKeys are the fields of tshark's JSON and XML that hold the wanted bytes, best first: payload alone,
// then whole frames, whose headers are taken off later.
var payloadKeys = []struct{ key, format string }{
	{`"tcp.payload_raw"`, "tshark jsonraw"}, {`"tcp_tcp_payload_raw"`, "tshark jsonraw"},
	{`"tcp.payload":`, "tshark JSON"}, {`"tcp_tcp_payload":`, "tshark JSON"},
	{`name="tcp.payload"`, "tshark PDML"},
	{`"mqtt_raw"`, "tshark jsonraw"}, {`"frame_raw"`, "tshark jsonraw"},
}

func readPayloads(in *input) []candidate {
	b := newBuilder(in)
	b.rest = "metadata"
	t := in.text
	for _, k := range payloadKeys {
		for i := 0; ; {
			at := strings.Index(t[i:], k.key)
			if at < 0 {
				break
			}
			i += at + len(k.key)
			// "key": ["hex", …] or "key": "hex" or name="key" … value="hex"
			j := i
			if strings.HasPrefix(k.key, "name") {
				end, _, _ := strings.Cut(t[j:min(j+4096, len(t))], "\n") // so that one long line costs no quadratic search
				j += max(0, strings.Index(end, `value="`)) + len(`value=`)
			}
			for j < len(t) && strings.IndexByte(" \t\r\n:[", t[j]) >= 0 {
				j++
			}
			if j >= len(t) || t[j] != '"' {
				continue
			}
			end := j + 1
			for end < len(t) && (isHex(t[end]) || t[end] == ':') {
				end++
			}
			b.chunk(Unknown, "")
			for _, tok := range cutTokens(in, Range{j + 1, end}) {
				if tok.kind == hexToken {
					b.hexPairs(tok.From, tok.To)
				}
			}
			i = end
		}
		if len(b.r.Bytes) > 0 {
			return []candidate{b.candidate(k.format, certain)}
		}
	}
	return nil
}

// readFields reads lines of columns with tabs or commas between (tshark -T fields, CSV) and takes the
// column that holds the most hex.
func readFields(in *input, separator byte) []candidate {
	if strings.Contains(in.text, "Follow: tcp,raw") {
		return nil
	}
	const most = 32
	var digits, cells [most]int
	rows, columns, offsets, memory := 0, 0, false, false
	for _, line := range in.lines {
		if in.blank(line) {
			continue
		}
		rows++
		n := 0
		eachCell(in, line, separator, func(column int, r Range) {
			if column >= most {
				return
			}
			n++
			memory = memory || column == 0 && strings.HasPrefix(in.at(r), "0x") && strings.HasSuffix(in.at(r), ":")
			h := hexCell(in.at(r))
			if h >= 4 {
				digits[column] += h
				cells[column]++
				offsets = offsets || rows == 1 && column == 0 && strings.Trim(in.at(r), "0") == ""
			}
		})
		columns = max(columns, n)
	}
	best, packets := 0, false
	for c := range most {
		if cells[c] == 0 {
			continue
		}
		fits := fitsMQTT(in.columnBytes(c, separator))
		if fits && !packets || fits == packets && digits[c] > digits[best] {
			best, packets = c, fits
		}
	}
	if columns < 2 || memory || cells[best] == 0 || offsets && best == 0 || 2*cells[best] < rows && !in.empty(best, separator) {
		return nil
	}
	for c := range most { // words and lists have commas, too
		if separator != '\t' && (columns >= most || !packets && (digits[c] >= 8*cells[c]) != (c == best || cells[c] == 0)) {
			return nil
		}
	}
	for c := range columns {
		if !packets && c < most && c != best && cells[c] > 0 && 4*digits[c] > digits[best] && digits[c] > 16*cells[c] {
			return nil // a table of words, or the two indents of "follow raw"
		}
	}
	b := newBuilder(in)
	b.rest = "metadata"
	one := columns == 2
	for _, line := range in.lines {
		eachCell(in, line, separator, func(column int, r Range) {
			if column != best || hexCell(in.at(r)) < 2 {
				one = one && (column != best) == in.blank(r)
				return
			}
			b.chunk(Unknown, "")
			for _, tok := range cutTokens(in, r) {
				if tok.kind == hexToken {
					b.hexPairs(tok.digits.From, tok.digits.To)
				}
			}
		})
	}
	if one {
		return nil
	}
	if separator != '\t' {
		if !fitsMQTT(b.r.Bytes) && rows == 1 {
			return nil
		}
		return []candidate{b.candidate("CSV", certain)}
	}
	return []candidate{b.candidate("tshark fields", certain)}
}

// digitsOnly takes out what may stand between the digits of a cell.
var digitsOnly = strings.NewReplacer(":", "", ",", "", `"`, "", " ", "")

// columnBytes are the bytes of all cells of a column.
func (in *input) columnBytes(column int, separator byte) []byte {
	var b []byte
	for _, line := range in.lines {
		eachCell(in, line, separator, func(c int, r Range) {
			if c == column && hexCell(in.at(r)) > 0 {
				b = append(b, decodePairs(digitsOnly.Replace(in.at(r)))...)
			}
		})
	}
	return b
}

// empty reports whether a column holds hex or nothing, save for its heading: an acknowledgement of TCP has no
// payload.
func (in *input) empty(column int, separator byte) bool {
	for i, line := range in.lines {
		good := true
		eachCell(in, line, separator, func(c int, r Range) {
			good = good && (c != column || in.blank(r) || hexCell(in.at(r)) > 0)
		})
		if !good && i > 0 {
			return false
		}
	}
	return true
}

func eachCell(in *input, line Range, separator byte, yield func(column int, r Range)) {
	column, from := 0, line.From
	for i := line.From; i <= line.To; i++ {
		if i == line.To || in.text[i] == separator {
			yield(column, Range{from, i})
			column, from = column+1, i+1
		}
	}
}

// hexCell counts the hex digits of a cell, 0 if it holds anything else.
func hexCell(s string) int {
	n := 0
	s = strings.Trim(s, `" `)
	for i := range len(s) {
		switch {
		case isHex(s[i]):
			n++
		case s[i] == ':' || s[i] == ',':
		default:
			return 0
		}
	}
	if n%2 != 0 {
		return 0
	}
	return n
}

// readYAML reads tshark's "follow,tcp,yaml" and Wireshark's copy of it: base64 blocks with the peer and
// the time of each.
func readYAML(in *input) []candidate {
	b := newBuilder(in)
	b.rest = "metadata"
	peer, stamp, inside, indent := "", "", false, 0
	server := yamlServer(in)
	block := Range{}
	flush := func() {
		if block.To > block.From {
			b.addBase64(block)
		}
		block = Range{}
	}
	for _, line := range in.lines {
		r := in.trim(line)
		s := in.at(r)
		if inside && r.From-line.From > indent && s != "" && isBase64(s) {
			if block.To == 0 {
				block.From = r.From
			}
			block.To = r.To
			continue
		}
		flush()
		inside = false
		key, value, _ := strings.Cut(strings.TrimLeft(s, "- "), ":")
		value = strings.TrimSpace(value)
		switch {
		case key == "peer":
			peer = value
		case key == "timestamp":
			stamp = value
		case strings.Contains(value, "!!binary"):
			from := Unknown
			if key != "data" && strings.HasPrefix(key, "peer") { // Wireshark's older form: peer0_1: !!binary |
				peer = key[4:min(5, len(key))]
			}
			switch {
			case peer == "":
			case peer == server:
				from = Server
			default:
				from = Client
			}
			b.chunk(from, stamp)
			inside, indent = true, r.From-line.From
			if _, rest, ok := strings.Cut(value, "!!binary "); ok && len(rest) > 3 && rest[0] != '|' {
				at := r.From + strings.Index(s, rest)
				b.addBase64(Range{at, at + len(rest)})
				inside = false
			}
		}
	}
	flush()
	return []candidate{b.candidate("follow (YAML)", certain)}
}

// yamlServer is the number of the peer with an MQTT port; by default the second, since the client
// opens the connection.
func yamlServer(in *input) string {
	peer := ""
	for _, line := range in.lines {
		s := strings.TrimLeft(in.at(in.trim(line)), "- ")
		if p, ok := strings.CutPrefix(s, "peer: "); ok {
			peer = strings.TrimSpace(p)
		}
		if s == "port: 1883" || s == "port: 8883" {
			return peer
		}
		if s == "packets:" {
			break
		}
	}
	return "1"
}
