package hexdump

import "strings"

// header is one protocol header found at the front of a frame.
type header struct {
	code string
	args []string
	size int
}

// frame is a chunk understood as a captured packet: headers, then TCP payload, then filler.
type frame struct {
	headers []header
	payload int // bytes
	missing int // bytes of payload that the IP header announces but the text does not hold
	from    Sender
}

// stripFrames takes link, IP and TCP headers off every chunk that is a whole frame, as tcpdump and
// tshark print it and Wireshark copies it.
func (b *builder) stripFrames() {
	old := b.r
	found := false
	var bytes []byte
	var source []Range
	var chunks []Chunk
	for i, c := range old.Chunks {
		end := len(old.Bytes)
		if i+1 < len(old.Chunks) {
			end = old.Chunks[i+1].Offset
		}
		f, ok := parseFrame(old.Bytes[c.Offset:end])
		at := c.Offset
		if ok {
			found = true
			if f.from != Unknown {
				c.From = f.from
			}
			for _, h := range f.headers {
				b.skipBytes(h.code, old.Source[at:at+h.size], h.args...)
				at += h.size
			}
			b.skipBytes("trailer", old.Source[at+f.payload:end])
			if f.missing > 0 {
				last := old.Source[at+f.payload-1]
				b.problem("cut-frame", last.From, last.To, count(f.missing))
			}
			end = at + f.payload
		}
		if at < end {
			c.Offset = len(bytes)
			chunks = append(chunks, c)
			bytes = append(bytes, old.Bytes[at:end]...)
			source = append(source, old.Source[at:end]...)
		}
	}
	if !found {
		return
	}
	b.stars = nil // their places are not the same now
	if len(bytes) == 0 {
		b.problem("no-payload", old.Source[0].From, old.Source[len(old.Source)-1].To)
	}
	b.r.Bytes, b.r.Source, b.r.Chunks = bytes, source, chunks
}

// skipBytes notes the characters of some bytes, one note for each unbroken stretch.
func (b *builder) skipBytes(code string, source []Range, args ...string) {
	for i := 0; i < len(source); {
		r := source[i]
		for i++; i < len(source); i++ {
			s := source[i]
			near := s.From <= r.To+2 && s.To+2 >= r.From
			if !near || s.From > r.To && strings.ContainsAny(b.in.text[r.To:s.From], "\n") {
				break
			}
			r.From, r.To = min(r.From, s.From), max(r.To, s.To)
		}
		b.skip(code, r.From, r.To, args...)
	}
}

// hasFrames reports whether a reading without bytes is one of frames without payload, which is worth
// showing.
func hasFrames(r Reading) bool {
	for i := len(r.Problems) - 1; i >= 0; i-- {
		if r.Problems[i].Code == "no-payload" {
			return true
		}
	}
	return false
}

// parseFrame walks the headers of a captured frame. It is strict, since it is tried on every chunk:
// what is not TCP over IP with sound lengths is no frame.
func parseFrame(p []byte) (frame, bool) {
	var f frame
	link, name := linkHeader(p)
	if link > 0 {
		f.headers = append(f.headers, header{"link-header", []string{name}, link})
	}
	ip, total, name := ipHeader(p[link:], link > 0)
	if ip == 0 {
		return frame{}, false
	}
	f.headers = append(f.headers, header{"ip-header", []string{name}, ip})
	have := len(p) - link
	f.missing = max(total-have, 0)
	segment := p[link+ip : link+min(total, have)]
	if len(segment) < 20 {
		return frame{}, false
	}
	size := int(segment[12]>>4) * 4
	if size < 20 || size > len(segment) {
		return frame{}, false
	}
	src, dst := word(segment), word(segment[2:])
	f.headers = append(f.headers, header{"tcp-header", []string{count(src), count(dst)}, size})
	f.payload = len(segment) - size
	if f.payload == 0 {
		f.missing = 0
	}
	f.from = senderByPorts(src, dst)
	return f, true
}

func word(b []byte) int { return int(b[0])<<8 | int(b[1]) }

// linkHeader returns the size and name of the header before the IP packet; size 0 for none.
func linkHeader(p []byte) (int, string) {
	isIP := func(b []byte, kind int) bool {
		return len(b) > 0 && (kind == 0x0800 && b[0]>>4 == 4 || kind == 0x86dd && b[0]>>4 == 6)
	}
	if len(p) < 24 {
		return 0, ""
	}
	switch {
	case isIP(p[14:], word(p[12:])):
		return 14, "Ethernet"
	case word(p[12:]) == 0x8100 && isIP(p[18:], word(p[16:])):
		return 18, "Ethernet with VLAN tag"
	case isIP(p[16:], word(p[14:])):
		return 16, "Linux cooked capture"
	case isIP(p[20:], word(p)):
		return 20, "Linux cooked capture v2"
	}
	loop := [4]byte(p)
	switch {
	case p[4]>>4 == 4 && (loop == [4]byte{2} || loop == [4]byte{3: 2}):
		return 4, "loopback"
	case p[4]>>4 == 6 && (loop == [4]byte{24} || loop == [4]byte{28} || loop == [4]byte{30}):
		return 4, "loopback"
	}
	return 0, ""
}

// ipHeader returns the size of the IP header, the length of the whole packet and the protocol's name;
// size 0 if p is no TCP over IP. Behind a link header filler may follow the packet; without one, either
// the length or the checksum has to fit exactly.
func ipHeader(p []byte, linked bool) (size, total int, name string) {
	switch {
	case len(p) >= 40 && p[0]>>4 == 4 && p[9] == 6:
		size, total = int(p[0]&15)*4, word(p[2:])
		if size < 20 || size+20 > len(p) || total < size+20 {
			return 0, 0, ""
		}
		if !linked && total != len(p) && !checksumFits(p[:size]) {
			return 0, 0, ""
		}
		return size, total, "IPv4"
	case len(p) >= 60 && p[0]>>4 == 6 && p[6] == 6:
		total = 40 + word(p[4:])
		if total < 60 || !linked && total != len(p) {
			return 0, 0, ""
		}
		return 40, total, "IPv6"
	}
	return 0, 0, ""
}

func checksumFits(h []byte) bool {
	sum := 0
	for i := 0; i+1 < len(h); i += 2 {
		sum += word(h[i:])
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return sum == 0xffff
}

// senderByPorts takes an MQTT port for the server's, and otherwise the one that is not ephemeral.
func senderByPorts(src, dst int) Sender {
	server := func(port, other int) bool {
		return port == 1883 || port == 8883 || port < 32768 && other >= 32768 && other != 1883 && other != 8883
	}
	switch {
	case server(src, dst) && !server(dst, src):
		return Server
	case server(dst, src) && !server(src, dst):
		return Client
	}
	return Unknown
}
