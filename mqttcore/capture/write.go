package capture

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"mqttlab/mqttcore/packet"
)

// WriterOptions says how a Writer writes. A zero field stands for its default.
type WriterOptions struct {
	// ServerPort, if not 0, is written in place of the servers' own ports.
	// Wireshark dissects MQTT by itself on port 1883; for other ports it must be
	// told, by "Decode As…" or with tshark -d tcp.port==PORT,mqtt.
	ServerPort uint16
	// MSS is the most payload in one frame, in bytes. Default: 1460.
	MSS int
	// Application is named in the file as its writer. Default: "mqttlab".
	Application string
	// Comment is the file's comment. Default: none.
	Comment string
}

// maxUnacked is how many bytes of a direction go without an acknowledgement
// before one is written for its own sake; below the window of 65535 bytes.
const maxUnacked = 32 << 10

// Writer writes Records as a pcapng file of IP packets: around each
// connection's bytes, as they were captured, TCP's handshake, sequence and
// acknowledgement numbers, checksums and its end by FIN or RST. Frames bear
// their Record's Time. It streams, and remembers the open connections.
//
// Of a Record it heeds Kind, Time, Conn, Client, Server, From, Bytes, Cause and
// Comments, which stand at its first frame.
// Bytes need not be whole packets. Notes are not written. A connection whose
// Open is not written begins in mid-stream. What was WebSocket is written as
// MQTT over TCP. An address that is not valid, as of a client that exists only
// in a page, becomes one on loopback.
type Writer struct {
	w     *pcapgo.NgWriter
	o     WriterOptions
	conns map[int]*written
	opens uint32
	buf   []byte
	said  []string // comments of the next frame
}

// written is an open connection of a Writer.
type written struct {
	addr    [2]netip.AddrPort // client, server
	seq     [2]uint32         // of the next byte
	unacked [2]int            // bytes sent since the other side's last frame
}

// NewWriter writes the file's header and returns a Writer for the rest.
func NewWriter(w io.Writer, o WriterOptions) (*Writer, error) {
	if o.MSS <= 0 || o.MSS > 65000 {
		o.MSS = 1460
	}
	if o.Application == "" {
		o.Application = "mqttlab"
	}
	ng, err := pcapgo.NewNgWriterInterface(w,
		pcapgo.NgInterface{Name: "mqttlab", LinkType: layers.LinkTypeRaw, SnapLength: 0},
		pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{Application: o.Application, Comment: o.Comment}})
	if err != nil {
		return nil, err
	}
	return &Writer{w: ng, o: o, conns: map[int]*written{}}, nil
}

// Write writes one Record. Records of a connection must come in order.
func (w *Writer) Write(rec *Record) error {
	w.said = rec.Comments
	switch rec.Kind {
	case Open:
		return w.open(rec)
	case Packet, Part:
		return w.bytes(rec)
	case Close:
		return w.close(rec)
	case Note:
		return nil
	}
	return fmt.Errorf("capture: a Record of kind %d cannot be written", rec.Kind)
}

// Flush writes what is buffered.
func (w *Writer) Flush() error { return w.w.Flush() }

func (w *Writer) begin(rec *Record) *written {
	w.opens++
	c := &written{addr: [2]netip.AddrPort{w.valid(rec.Client, rec.Conn, 0), w.valid(rec.Server, rec.Conn, 1)}}
	if w.o.ServerPort != 0 {
		c.addr[1] = netip.AddrPortFrom(c.addr[1].Addr(), w.o.ServerPort)
	}
	if a, b := c.addr[0].Addr(), c.addr[1].Addr(); a.Is4() != b.Is4() { // one family for both
		for i, x := range c.addr {
			c.addr[i] = netip.AddrPortFrom(netip.AddrFrom16(x.Addr().As16()), x.Port())
		}
	}
	const apart = 2654435761 // so that the numbers of two connections are never taken for one's
	c.seq = [2]uint32{w.opens * apart, ^(w.opens * apart)}
	w.conns[rec.Conn] = c
	return c
}

// valid returns a as it can stand in an IP packet.
func (w *Writer) valid(a netip.AddrPort, conn, side int) netip.AddrPort {
	const dynamic, mqtt = 49152, 1883
	ip, port := a.Addr().Unmap().WithZone(""), a.Port()
	if !ip.IsValid() {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if port == 0 {
		port = mqtt
		if side == 0 {
			port = uint16(dynamic + conn%(65536-dynamic))
		}
	}
	return netip.AddrPortFrom(ip, port)
}

func (w *Writer) open(rec *Record) error {
	c := w.begin(rec)
	if err := w.frame(c, 0, flagSYN, rec.Time, nil); err != nil {
		return err
	}
	if err := w.frame(c, 1, flagSYN|flagACK, rec.Time, nil); err != nil {
		return err
	}
	return w.frame(c, 0, flagACK, rec.Time, nil)
}

func (w *Writer) bytes(rec *Record) error {
	c := w.conns[rec.Conn]
	if c == nil {
		c = w.begin(rec)
	}
	side := sideOf(rec.From)
	for b := rec.Bytes; len(b) > 0; {
		n := min(len(b), w.o.MSS)
		flags := uint8(flagACK)
		if n == len(b) {
			flags |= flagPSH
		}
		if err := w.frame(c, side, flags, rec.Time, b[:n]); err != nil {
			return err
		}
		b = b[n:]
		if c.unacked[side] >= maxUnacked {
			if err := w.frame(c, 1-side, flagACK, rec.Time, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Writer) close(rec *Record) error {
	c := w.conns[rec.Conn]
	if c == nil {
		return nil
	}
	delete(w.conns, rec.Conn)
	side := sideOf(rec.From)
	switch rec.Cause {
	case CauseRST:
		return w.frame(c, side, flagRST|flagACK, rec.Time, nil)
	case CauseFIN:
		if err := w.frame(c, side, flagFIN|flagACK, rec.Time, nil); err != nil {
			return err
		}
		if err := w.frame(c, 1-side, flagFIN|flagACK, rec.Time, nil); err != nil {
			return err
		}
		return w.frame(c, side, flagACK, rec.Time, nil)
	}
	return nil // cut off: nothing was seen on the wire
}

// sideOf returns 0 for the client, and for an unknown party, and 1 for the server.
func sideOf(p packet.Party) int {
	if p == packet.Server {
		return 1
	}
	return 0
}

// frame writes one TCP segment of a side and counts it in the numbers.
func (w *Writer) frame(c *written, side int, flags uint8, when time.Time, data []byte) error {
	ack := c.seq[1-side]
	if flags&flagACK == 0 {
		ack = 0
	} else {
		c.unacked[1-side] = 0
	}
	w.buf = appendSegment(w.buf[:0], c.addr[side], c.addr[1-side], c.seq[side], ack, flags, w.o.MSS, data)
	c.seq[side] += uint32(len(data))
	c.unacked[side] += len(data)
	if flags&(flagSYN|flagFIN) != 0 {
		c.seq[side]++
	}
	comments := w.said
	w.said = nil
	return w.w.WritePacketWithOptions(gopacket.CaptureInfo{Timestamp: when, CaptureLength: len(w.buf), Length: len(w.buf)}, w.buf,
		pcapgo.NgPacketOptions{Comments: comments})
}
