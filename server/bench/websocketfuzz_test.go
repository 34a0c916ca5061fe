package bench_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mqttlab/mqttcore/packet"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// upgrade is a request for a WebSocket whose connection is in memory.
type upgrade struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (u upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return u.conn, bufio.NewReadWriter(bufio.NewReader(u.conn), bufio.NewWriter(u.conn)), nil
}

// framed is what RFC 6455 makes of the bytes that one side sends.
type framed struct {
	mqtt []byte // in binary messages
	tail []byte // in a frame that is not whole, which may be heard or not
	text bool   // ended with a text message
	over bool   // ended by a frame that is against the rules, or by a close frame
}

// unframe reads frames up to the first that ends the connection.
func unframe(b []byte, masked bool) (f framed) {
	under := byte(0) // the message of which more frames come
	for len(b) >= 2 {
		fin, code, long := b[0]&0x80 != 0, b[0]&0x0f, uint64(b[1]&0x7f)
		control := code >= 8
		if b[0]&0x70 != 0 || code > 2 && code < 8 || code > 10 || control && !fin || b[1]&0x80 != 0 != masked ||
			code == 0 && under == 0 || (code == 1 || code == 2) && under != 0 {
			f.over = true
			return f
		}
		b = b[2:]
		if more := map[uint64]int{126: 2, 127: 8}[long]; more > 0 {
			if len(b) < more {
				return f
			}
			long = binary.BigEndian.Uint64(append(make([]byte, 8-more), b[:more]...))
			b = b[more:]
		}
		if control && long > 125 || long > 1<<63-1 {
			f.over = true
			return f
		}
		var key [4]byte
		if masked {
			if len(b) < 4 {
				return f
			}
			b = b[copy(key[:], b):]
		}
		payload := bytes.Clone(b[:min(long, uint64(len(b)))])
		for i := range payload {
			payload[i] ^= key[i%4]
		}
		if code == 1 || code == 2 {
			under = code
		}
		switch {
		case code == 8 && uint64(len(payload)) == long:
			f.over = true
			return f
		case !control && under == 1:
			f.text = true
			return f
		case uint64(len(payload)) < long:
			if !control {
				f.tail = payload
			}
			return f
		case !control:
			f.mqtt = append(f.mqtt, payload...)
		}
		if fin && !control {
			under = 0
		}
		b = b[len(payload):]
	}
	return f
}

// frame is a masked frame of a client.
func frame(first byte, payload []byte) []byte {
	key := [4]byte{1, 2, 3, 4}
	out := []byte{first, 0x80 | 126, byte(len(payload) >> 8), byte(len(payload)), key[0], key[1], key[2], key[3]}
	for i, c := range payload {
		out = append(out, c^key[i%4])
	}
	return out
}

// bytesOf returns all that one side has said, as the capture has it.
func bytesOf(b *bench.Bench, from packet.Party) (all []byte) {
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		if e.Kind == capture.Packet && e.From == from {
			all = append(all, e.Bytes...)
		}
	}
	return all
}

// FuzzWebSocket sends any bytes in the place of a client's WebSocket frames.
// The bench hears what RFC 6455 makes of them and nothing else; it answers as
// it does the same bytes without frames around them; what it says itself is
// frames as they should be.
func FuzzWebSocket(f *testing.F) {
	hello := unhex(f, connectA+subTest+publish0+pingreq)
	f.Add(frame(0x82, hello))
	f.Add(bytes.Join([][]byte{frame(0x02, hello[:9]), frame(0x89, []byte("ping")), frame(0x00, hello[9:30]), frame(0x8a, nil), frame(0x80, hello[30:])}, nil))
	f.Add(bytes.Join([][]byte{frame(0x82, hello), frame(0x81, []byte("text"))}, nil))
	f.Add(bytes.Join([][]byte{frame(0x82, hello), frame(0x88, []byte{3, 0xe8})}, nil))
	f.Add(bytes.Join([][]byte{frame(0x82, unhex(f, connect5)), frame(0x82, nil), frame(0x82, unhex(f, subscribe5+publish5)), frame(0x80, hello)}, nil))
	f.Add([]byte("\x82\x05\xc0\x00abc"))                                                     // without a mask
	f.Add([]byte("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x10\x0d"))        // of nine million million million bytes
	f.Add([]byte("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x0d"))        // of a negative length
	f.Add(append(frame(0xc2, hello), frame(0x89, bytes.Repeat([]byte{1}, 126))...))          // a reserved bit; a ping that is too long
	f.Add(append(frame(0x82, unhex(f, "100d000e")), bytes.Repeat(frame(0x89, nil), 500)...)) // a flood of pings
	f.Add(append(frame(0x82, unhex(f, connectA)), frame(0x82, hello)[:20]...))               // breaks off in a frame
	f.Fuzz(func(t *testing.T, sent []byte) {
		if len(sent) > 64<<10 {
			return
		}
		want := unframe(sent, true)
		synctest.Test(t, func(t *testing.T) {
			b := bench.New(bench.Config{})
			defer b.Close()
			here, there := net.Pipe()
			r := httptest.NewRequest(http.MethodGet, "/mqtt", nil)
			for key, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
				"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "mqtt"} {
				r.Header.Set(key, value)
			}
			b.ServeWebSocket(upgrade{httptest.NewRecorder(), there}, r, nil)
			said := make(chan []byte)
			go func() {
				all, _ := io.ReadAll(here)
				said <- all
			}()
			here.Write(sent)
			synctest.Wait()
			answers := bytesOf(b, packet.Server)
			here.Close()
			got := unframe(<-said, false)
			synctest.Wait()
			client := b.Clients()[0]
			if client.State != "closed" {
				t.Errorf("the connection is still %s", client.State)
			}
			heard := bytesOf(b, packet.Client)
			if !bytes.HasPrefix(append(want.mqtt, want.tail...), heard) || client.How != "server" && !want.text && len(heard) < len(want.mqtt) {
				t.Errorf("the bench (%s) has heard % x, not % x", client.How, heard, want.mqtt)
			}
			if !bytes.HasPrefix(bytesOf(b, packet.Server), got.mqtt) || got.text || !want.over && !want.text && !bytes.Equal(got.mqtt, answers) {
				t.Errorf("the client was sent % x, of % x", got.mqtt, answers)
			}
			numbered(t, b)
			transcript(b)
			if want.text || len(heard) == 0 {
				return
			}
			plain := bench.New(bench.Config{})
			defer plain.Close()
			v, _ := plain.AddClient("")
			plain.OpenClient(v.ID)
			plain.Send(v.ID, heard)
			synctest.Wait()
			if without := bytesOf(plain, packet.Server); !bytes.Equal(without, answers) {
				t.Errorf("% x is answered % x in frames, and % x without", heard, answers, without)
			}
		})
	})
}

// A client that pings without end and reads no answer is let go, and is felt by
// nobody else.
func TestWebSocketPings(t *testing.T) {
	b, address := webSockets(t, bench.Config{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.Listen(l)
	steadily(t, l.Addr().String(), func() {
		p := dial(t, strings.TrimPrefix(address, "ws://"))
		p.SetReadBuffer(4 << 10)
		p.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"))
		p.Write(frame(0x82, unhex(t, connectA)))
		p.SetDeadline(time.Now().Add(20 * time.Second))
		flood := bytes.Repeat(frame(0x89, make([]byte, 125)), 1000)
		for {
			if _, err := p.Write(flood); err != nil {
				if errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error("it may go on for ever")
				}
				break
			}
		}
	})
	eventually(t, "it is let go", func() bool { return b.Stats().Connections == 1 })
}
