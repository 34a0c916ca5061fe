package capture

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// maxRequest is how long an HTTP request or response head may be, in bytes.
const maxRequest = 16 << 10

// wsConn is what WebSocket adds to a connection.
type wsConn struct {
	offered    string // the subprotocols that the client asked for
	compressed bool
	halves     [2]wsHalf
}

// wsHalf is one direction's place in its WebSocket frames (RFC 6455 section 5.2).
type wsHalf struct {
	head    [14]byte // of the frame begun
	have    int
	mask    [4]byte
	masked  bool
	control bool   // the frame's payload is no MQTT
	deflate bool   // so is the whole message's
	left    uint64 // of the frame's payload
	at      int    // place in the mask
	lost    bool   // frames no longer begin where they should
}

// startsLikeGet says whether b begins with an HTTP GET.
func startsLikeGet(b []byte) answer {
	const get = "GET "
	n := min(len(b), len(get))
	switch {
	case string(b[:n]) != get[:n]:
		return no
	case n < len(get):
		return more
	}
	return yes
}

// headEnd returns the length of the HTTP head at the beginning of b, 0 if it
// does not end in b.
func headEnd(b []byte) int {
	if i := bytes.Index(b[:min(len(b), maxRequest)], []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	return 0
}

// header returns the values of an HTTP header field, joined by commas.
func header(head []byte, name string) string {
	var values []string
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(key), name) {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return strings.Join(values, ", ")
}

// upgrade waits for the heads of the request and the response and the first
// bytes behind the request.
func (r *Reader) upgrade(c *conn, final bool) {
	mine, theirs := &c.halves[c.client], &c.halves[1-c.client]
	request := headEnd(mine.buf)
	if request == 0 {
		if final || len(mine.buf) >= maxRequest {
			r.ignore(c)
		}
		return
	}
	if !strings.EqualFold(header(mine.buf[:request], "Upgrade"), "websocket") {
		r.ignore(c)
		return
	}
	offered := header(mine.buf[:request], "Sec-WebSocket-Protocol")
	named := false
	for protocol := range strings.SplitSeq(offered, ",") {
		named = named || strings.HasPrefix(strings.ToLower(strings.TrimSpace(protocol)), "mqtt")
	}
	if !named && !final {
		// only the first message can tell
		switch firstMessage(mine.buf[request:]) {
		case more:
			return
		case no:
			r.ignore(c)
			return
		}
	} else if !named {
		r.ignore(c)
		return
	}
	response := headEnd(theirs.buf)
	if response == 0 && !final && len(theirs.buf) < maxRequest && len(mine.buf) < maxUndecided {
		return
	}
	if response > 0 && !bytes.HasPrefix(theirs.buf, []byte("HTTP/1.1 101")) {
		r.ignore(c)
		return
	}
	c.ws = &wsConn{offered: offered}
	c.ws.compressed = response > 0 && strings.Contains(header(theirs.buf[:response], "Sec-WebSocket-Extensions"), "permessage-deflate")
	c.state, c.transport = stateWebSocket, WebSocket
	r.open(c)
	if !named {
		r.note(c, int(c.client), WSProtocol, "offered", strconv.Quote(offered))
	}
	var all []piece
	heads := [2]int{request, response}
	if c.client == 1 {
		heads = [2]int{response, request}
	}
	for side := range c.halves {
		h := &c.halves[side]
		h.passed(heads[side])
		h.at, h.skip = 0, 0
		h.inStep = true
		all = append(all, r.pieces(c, side)...)
	}
	sortPieces(all)
	for _, p := range all {
		p.framed = true
		r.replay(c, p)
	}
}

// firstMessage says whether the first frame behind the request holds a CONNECT.
func firstMessage(b []byte) answer {
	var f wsHalf
	for i, x := range b {
		if f.add(x) {
			if f.head[0]&0x0f > 2 || f.left == 0 {
				return no
			}
			b = bytes.Clone(b[i+1:])
			b = b[:min(uint64(len(b)), f.left)]
			f.unmask(b, b)
			return startsLikeConnect(b)
		}
	}
	return more
}

// add takes one byte of a frame's head and says whether the head is whole.
func (f *wsHalf) add(x byte) bool {
	f.head[f.have] = x
	f.have++
	if f.have < 2 {
		return false
	}
	length, at := uint64(f.head[1]&0x7f), 2
	switch length {
	case 126:
		at = 4
	case 127:
		at = 10
	}
	f.masked = f.head[1]&0x80 != 0
	whole := at
	if f.masked {
		whole += 4
	}
	if f.have < whole {
		return false
	}
	switch length {
	case 126:
		length = uint64(binary.BigEndian.Uint16(f.head[2:]))
	case 127:
		length = binary.BigEndian.Uint64(f.head[2:])
	}
	copy(f.mask[:], f.head[at:])
	f.left, f.at, f.have = length, 0, 0
	return true
}

// unmask writes src unmasked to dst, which may be the same.
func (f *wsHalf) unmask(dst, src []byte) {
	if !f.masked {
		copy(dst, src)
		return
	}
	for i, x := range src {
		dst[i] = x ^ f.mask[(f.at+i)&3]
	}
}

// webSocket takes the next bytes of a direction's WebSocket frames.
func (r *Reader) webSocket(c *conn, side int, b []byte) {
	f := &c.ws.halves[side]
	if f.lost && !f.plausible(b, side == int(c.client)) {
		r.stats.Skipped += int64(len(b))
		return
	}
	f.lost = false
	for len(b) > 0 && c.ws != nil {
		if f.left == 0 {
			whole := f.add(b[0])
			if b = b[1:]; whole {
				r.judge(c, side, f)
			}
			continue
		}
		n := int(min(f.left, uint64(len(b))))
		payload := b[:n]
		if !f.control && !f.deflate {
			if f.masked {
				r.mask = append(r.mask[:0], payload...)
				f.unmask(r.mask, payload)
				payload = r.mask
			}
			r.mqtt(c, side, payload)
		}
		f.at += n
		f.left -= uint64(n)
		b = b[n:]
	}
}

// judge looks at the head of a frame.
func (r *Reader) judge(c *conn, side int, f *wsHalf) {
	const (
		continuation = 0
		text         = 1
		binaryFrame  = 2
		closing      = 8
		pong         = 10
		rsv1         = 0x40
	)
	opcode := f.head[0] & 0x0f
	f.control = opcode > binaryFrame
	switch {
	case opcode == text:
		r.note(c, side, WSText)
	case opcode > binaryFrame && (opcode < closing || opcode > pong):
		r.note(c, side, WSFrame, "opcode", strconv.Itoa(int(opcode)))
	}
	if opcode == text || opcode == binaryFrame {
		if f.deflate = c.ws.compressed && f.head[0]&rsv1 != 0; f.deflate {
			r.note(c, side, WSCompressed)
			r.mqttGap(c, side, -1)
		}
	}
	if client := side == int(c.client); f.masked != client && f.left > 0 {
		want := "of a client not masked"
		if !client {
			want = "of a server masked"
		}
		r.note(c, side, WSMask, "want", want)
	}
}

// plausible says whether b can begin a frame of the client or server.
func (f *wsHalf) plausible(b []byte, client bool) bool {
	if len(b) < 2 {
		return false
	}
	opcode := b[0] & 0x0f
	return b[0]&0x70 == 0 && (opcode <= 2 || (opcode >= 8 && opcode <= 10)) && (b[1]&0x80 != 0) == client
}

// webSocketGap is gap for WebSocket: within a frame's payload the frames stay
// known, elsewhere the next segment that can begin one is waited for.
func (r *Reader) webSocketGap(c *conn, side int, n int) {
	f := &c.ws.halves[side]
	if n >= 0 && uint64(n) <= f.left {
		f.left -= uint64(n)
		f.at += n
		if !f.control && !f.deflate {
			r.mqttGap(c, side, n)
		}
		return
	}
	f.left, f.have, f.lost = 0, 0, true
	r.mqttGap(c, side, -1)
}
