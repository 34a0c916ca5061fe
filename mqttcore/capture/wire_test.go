package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"mqttlab/mqttcore/packet"
)

var (
	clientAddr = netip.MustParseAddrPort("192.0.2.1:40000")
	serverAddr = netip.MustParseAddrPort("192.0.2.2:7777") // no port of MQTT's
	began      = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
)

// wire builds a capture frame by frame.
type wire struct {
	addr   [2]netip.AddrPort
	seq    [2]uint32
	frames []wireFrame
	step   time.Duration
}

type wireFrame struct {
	when time.Time
	ip   []byte
}

func newWire() *wire {
	return &wire{addr: [2]netip.AddrPort{clientAddr, serverAddr}, seq: [2]uint32{1000, 9000}, step: time.Millisecond}
}

// send adds a segment of a side: 0 the client, 1 the server.
func (w *wire) send(side int, flags uint8, data []byte) *wire {
	w.at(side, w.seq[side], flags, data)
	w.seq[side] += uint32(len(data))
	if flags&(flagSYN|flagFIN) != 0 {
		w.seq[side]++
	}
	return w
}

// at adds a segment with any sequence number.
func (w *wire) at(side int, seq uint32, flags uint8, data []byte) *wire {
	ack := w.seq[1-side]
	if flags&flagACK == 0 {
		ack = 0
	}
	w.frames = append(w.frames, wireFrame{began.Add(time.Duration(len(w.frames)) * w.step),
		appendSegment(nil, w.addr[side], w.addr[1-side], seq, ack, flags, 1460, data)})
	return w
}

func (w *wire) open() *wire {
	return w.send(0, flagSYN, nil).send(1, flagSYN|flagACK, nil).send(0, flagACK, nil)
}

func (w *wire) data(side int, b ...byte) *wire { return w.send(side, flagACK|flagPSH, b) }

func (w *wire) close() *wire {
	return w.send(0, flagFIN|flagACK, nil).send(1, flagFIN|flagACK, nil).send(0, flagACK, nil)
}

// drop loses the last n frames of the capture.
func (w *wire) drop(n int) *wire {
	w.frames = w.frames[:len(w.frames)-n]
	return w
}

// pcap returns the frames as a pcap file of raw IP with nanoseconds.
func (w *wire) pcap() []byte { return pcapOf(w.frames, binary.LittleEndian, linkRaw, nil) }

// pcapOf writes a pcap file with nanoseconds, each frame behind a link header.
func pcapOf(frames []wireFrame, order binary.AppendByteOrder, link uint32, header []byte) []byte {
	var b []byte
	b = order.AppendUint32(b, 0xa1b23c4d)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = order.AppendUint32(b, 65535)
	b = order.AppendUint32(b, link)
	for _, f := range frames {
		b = order.AppendUint32(b, uint32(f.when.Unix()))
		b = order.AppendUint32(b, uint32(f.when.Nanosecond()))
		n := uint32(len(f.ip) + len(header))
		b = order.AppendUint32(b, n)
		b = order.AppendUint32(b, n)
		b = append(append(b, header...), f.ip...)
	}
	return b
}

// The packets that most tests send.
var (
	connect  = []byte("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02c1")
	connack  = []byte("\x20\x02\x00\x00")
	pingreq  = []byte("\xc0\x00")
	pingresp = []byte("\xd0\x00")
	goodbye  = []byte("\xe0\x00")
)

func publish(topic string, payload string) []byte {
	b, err := packet.Append(nil, &packet.Publish{Topic: topic, Payload: []byte(payload)}, packet.V311)
	if err != nil {
		panic(err)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func mustPort(a netip.AddrPort, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr(), port)
}
