package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// simple is a session with five packets.
func simple() *wire {
	return newWire().session()
}

// session adds a connection from its SYN to its FIN.
func (w *wire) session() *wire {
	return w.open().data(0, connect...).data(1, connack...).data(0, pingreq...).data(1, pingresp...).data(0, goodbye...).close()
}

func zipped(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flavoured writes frames as one of pcap's dialects.
func flavoured(frames []wireFrame, order binary.AppendByteOrder, magic uint32, major, minor uint16, fileUp, recUp int, swap bool) []byte {
	var b []byte
	b = order.AppendUint32(b, magic)
	b = order.AppendUint16(b, major)
	b = order.AppendUint16(b, minor)
	b = append(b, make([]byte, 8)...)
	b = order.AppendUint32(b, 65535)
	b = order.AppendUint32(b, linkRaw)
	b = append(b, make([]byte, fileUp)...)
	for _, f := range frames {
		b = order.AppendUint32(b, uint32(f.when.Unix()))
		b = order.AppendUint32(b, uint32(f.when.Nanosecond()/1000))
		n := [2]uint32{uint32(len(f.ip)), uint32(len(f.ip)) + 4}
		if swap {
			n[0], n[1] = n[1], n[0]
		}
		b = order.AppendUint32(b, n[0])
		b = order.AppendUint32(b, n[1])
		b = append(b, make([]byte, recUp)...)
		b = append(b, f.ip...)
	}
	return b
}

func TestPcapFlavours(t *testing.T) {
	frames := simple().frames
	for name, data := range map[string][]byte{
		"little":        flavoured(frames, binary.LittleEndian, 0xa1b2c3d4, 2, 4, 0, 0, false),
		"big":           flavoured(frames, binary.BigEndian, 0xa1b2c3d4, 2, 4, 0, 0, false),
		"kuznetzov":     flavoured(frames, binary.LittleEndian, 0xa1b2cd34, 2, 4, 0, 8, false),
		"red hat":       flavoured(frames, binary.BigEndian, 0xa1e2cb12, 2, 4, 0, 8, false),
		"ixia":          flavoured(frames, binary.BigEndian, 0x1c0001ac, 2, 4, 4, 0, false),
		"old 2.2":       flavoured(frames, binary.LittleEndian, 0xa1b2c3d4, 2, 2, 0, 0, true),
		"old 2.3":       flavoured(frames, binary.LittleEndian, 0xa1b2c3d4, 2, 3, 0, 0, true),
		"old 2.3 plain": flavoured(frames, binary.LittleEndian, 0xa1b2c3d4, 2, 3, 0, 0, false),
		"digital unix":  flavoured(frames, binary.LittleEndian, 0xa1b2c3d4, 543, 0, 0, 0, true),
		"gzip":          zipped(t, flavoured(frames, binary.LittleEndian, 0xa1b2c3d4, 2, 4, 0, 0, false)),
	} {
		if records := readAll(t, data, Options{}); count(records, Packet) != 5 || count(records, Note) != 0 {
			t.Errorf("%s:\n%s", name, told(records))
		}
	}
	records := readAll(t, simple().pcap(), Options{})
	if got := records[0].Time; !got.Equal(began) {
		t.Errorf("nanoseconds: %s, want %s", got, began)
	}
}

func TestLinkTypes(t *testing.T) {
	const v4, outer = "\x08\x00", "\x45\x00\x00\x00\x00\x00\x00\x00\x40" // of IPv4, its length left open
	mac := strings.Repeat("\x02", 12)
	cases := map[string]struct {
		link   uint32
		header string
	}{
		"null":        {linkNull, "\x02\x00\x00\x00"},
		"ethernet":    {linkEthernet, mac + v4},
		"vlan":        {linkEthernet, mac + "\x81\x00\x00\x07" + v4},
		"qinq":        {linkEthernet, mac + "\x88\xa8\x00\x07\x81\x00\x00\x08" + v4},
		"mpls":        {linkEthernet, mac + "\x88\x47\x00\x01\x00\x40\x00\x01\x01\x40"},
		"pppoe":       {linkEthernet, mac + "\x88\x64\x11\x00\x00\x01\x00\x2a\x00\x21"},
		"snap":        {linkEthernet, mac + "\x00\x60\xaa\xaa\x03\x00\x00\x00" + v4},
		"ppp":         {linkPPP, "\xff\x03\x00\x21"},
		"raw bsd":     {linkRawBSD, ""},
		"loop":        {linkLoop, "\x00\x00\x00\x02"},
		"sll":         {linkSLL, strings.Repeat("\x00", 14) + v4},
		"sll2":        {linkSLL2, v4 + strings.Repeat("\x00", 18)},
		"ipv4":        {linkIPv4, ""},
		"cisco hdlc":  {linkCHDLC, "\x0f\x00" + v4},
		"802.11":      {105, "\x08\x02\x00\x00" + strings.Repeat("\x02", 18) + "\x00\x00\xaa\xaa\x03\x00\x00\x00" + v4},
		"802.11, FCS": {105, "\x08\x02\x00\x00" + strings.Repeat("\x02", 18) + "\x00\x00\xaa\xaa\x03\x00\x00\x00" + v4},
		"gre":         {linkRaw, outer + "\x2f\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + "\xb0\x00" + v4 + strings.Repeat("\x00", 12)},
		"gre bridged": {linkRaw, outer + "\x2f\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + "\x00\x00\x65\x58" + mac + "\x81\x00\x00\x07" + v4},
		"vxlan":       {linkRaw, outer + "\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + "\x30\x00\x12\xb5\x00\x00\x00\x00" + "\x08\x00\x00\x00\x00\x00\x07\x00" + mac + v4},
		"geneve":      {linkRaw, outer + "\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + "\x30\x00\x17\xc1\x00\x00\x00\x00" + "\x01\x00\x65\x58\x00\x00\x07\x00\x01\x02\x03\x00" + mac + v4},
		"radiotap":    {127, "\x00\x00\x08\x00\x00\x00\x00\x00\x08\x02\x00\x00" + strings.Repeat("\x02", 18) + "\x00\x00\xaa\xaa\x03\x00\x00\x00" + v4},
		"ip in ip":    {linkRaw, "\x45\x00\x00\x00\x00\x00\x00\x00\x40\x04\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02"},
		"6in4 header": {linkRaw, "\x60\x00\x00\x00\x00\x00\x04\x40" + strings.Repeat("\x01", 32)},
		"gtp-u":       {linkRaw, outer + "\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + "\x08\x68\x08\x68\x00\x00\x00\x00" + "\x30\xff\x00\x00\x00\x00\x00\x07"},
		"gtp-u, 5G":   {linkRaw, outer + "\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + "\x08\x68\x08\x68\x00\x00\x00\x00" + "\x34\xff\x00\x00\x00\x00\x00\x07" + "\x00\x00\x00\x85" + "\x01\x00\x09\x00"},
		"erspan":      {linkRaw, outer + "\x2f\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02" + "\x10\x00\x88\xbe\x00\x00\x00\x01" + "\x10\x07\x00\x64\x00\x00\x00\x01" + mac + v4},
	}
	all := ngSection(binary.BigEndian)
	var ifaces, blocks []byte
	for i, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		w := newWire()
		w.addr[0] = mustPort(w.addr[0], uint16(40000+i))
		frames := w.session().frames
		if name == "802.11, FCS" || c.link == 127 { // a frame check sequence follows
			for i := range frames {
				frames[i].ip = append(frames[i].ip, 0, 0, 0, 0)
			}
		}
		records := readAll(t, pcapOf(frames, binary.BigEndian, c.link, []byte(c.header)), Options{})
		if count(records, Packet) != 5 || count(records, Note) != 0 {
			t.Errorf("%s:\n%s", name, told(records))
		}
		ifaces = append(ifaces, ngIface(binary.BigEndian, uint16(c.link), nil)...)
		for _, f := range frames {
			blocks = append(blocks, ngFrame(binary.BigEndian, uint32(i), 0, withLengths(append([]byte(c.header), f.ip...)))...)
		}
	}
	all = slices.Concat(all, ifaces, blocks)
	file := filepath.Join(t.TempDir(), "links.pcapng")
	if err := os.WriteFile(file, all, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := described(readAll(t, all, Options{})), dissected(t, file, "tcp.port==7777,mqtt"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant, as tshark says\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	records := readAll(t, pcapOf(simple().frames, binary.BigEndian, 147, nil), Options{})
	if len(records) != 1 || records[0].Code != LinkUnknown {
		t.Errorf("a link type that is not read:\n%s", told(records))
	}
}

// withLengths fills in the lengths that a tunnel's headers left open.
func withLengths(b []byte) []byte {
	switch {
	case b[12] == etherPPPoE>>8 && b[13] == etherPPPoE&0xff:
		binary.BigEndian.PutUint16(b[18:], uint16(len(b)-20))
	case bytes.HasPrefix(b, []byte("\x60\x00\x00\x00\x00\x00")):
		binary.BigEndian.PutUint16(b[4:], uint16(len(b)-40))
	case bytes.HasPrefix(b, []byte("\x45\x00\x00\x00")):
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
		if b[9] == protoUDP {
			binary.BigEndian.PutUint16(b[24:], uint16(len(b)-20))
		}
		if b[22] == portGTP>>8 && b[23] == portGTP&0xff {
			binary.BigEndian.PutUint16(b[30:], uint16(len(b)-36))
		}
	}
	return b
}

// block writes a pcapng block.
func block(order binary.AppendByteOrder, kind uint32, body []byte) []byte {
	body = append(body, make([]byte, -len(body)&3)...)
	n := uint32(len(body) + 12)
	b := order.AppendUint32(nil, kind)
	b = order.AppendUint32(b, n)
	return order.AppendUint32(append(b, body...), n)
}

func ngSection(order binary.AppendByteOrder) []byte {
	body := order.AppendUint32(nil, ngByteOrder)
	body = order.AppendUint16(body, 1)
	return block(order, ngSectionHeader, append(order.AppendUint16(body, 0), 255, 255, 255, 255, 255, 255, 255, 255))
}

func ngIface(order binary.AppendByteOrder, link uint16, options []byte) []byte {
	body := order.AppendUint16(nil, link)
	return block(order, ngInterface, append(order.AppendUint32(order.AppendUint16(body, 0), 0), options...))
}

func ngFrame(order binary.AppendByteOrder, iface uint32, ticks uint64, data []byte) []byte {
	body := order.AppendUint32(nil, iface)
	body = order.AppendUint32(body, uint32(ticks>>32))
	body = order.AppendUint32(body, uint32(ticks))
	body = order.AppendUint32(body, uint32(len(data)))
	return block(order, ngEnhanced, append(order.AppendUint32(body, uint32(len(data))), data...))
}

func TestPcapNGSectionsAndInterfaces(t *testing.T) {
	frames := simple().frames
	var b []byte
	for i, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		b = append(b, ngSection(order)...)
		b = append(b, ngIface(order, linkEthernet, nil)...)
		b = append(b, block(order, 0x0bad, []byte("a block of nobody's"))...)
		nano := order.AppendUint16(order.AppendUint16(nil, 9), 1)
		b = append(b, ngIface(order, linkRaw, append(nano, 9, 0, 0, 0, 0, 0, 0, 0))...)
		part := frames[:5]
		if i == 1 {
			part = frames[5:]
		}
		for j, f := range part {
			if j%2 == 0 {
				b = append(b, ngFrame(order, 1, uint64(f.when.UnixNano()), f.ip)...)
			} else {
				b = append(b, ngFrame(order, 0, uint64(f.when.UnixMicro()), append([]byte(strings.Repeat("\x02", 12)+"\x08\x00"), f.ip...))...)
			}
		}
	}
	records := readAll(t, b, Options{})
	if count(records, Packet) != 5 || count(records, Note) != 0 {
		t.Fatal(told(records))
	}
	if got := records[0].Time; !got.Equal(began) {
		t.Errorf("time %s, want %s", got, began)
	}
	if got, want := records[1].Time, began.Add(3*time.Millisecond).Truncate(time.Microsecond); !got.Equal(want) {
		t.Errorf("time %s, want %s", got, want)
	}
}

func TestSimplePacketBlocks(t *testing.T) {
	b := append(ngSection(binary.LittleEndian), ngIface(binary.LittleEndian, linkRaw, nil)...)
	for _, f := range simple().frames {
		b = append(b, block(binary.LittleEndian, ngSimplePacket, append(binary.LittleEndian.AppendUint32(nil, uint32(len(f.ip))), f.ip...))...)
	}
	if records := readAll(t, b, Options{}); count(records, Packet) != 5 {
		t.Error(told(records))
	}
}

func TestSnoop(t *testing.T) {
	b := []byte("snoop\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x04")
	for _, f := range simple().frames {
		data := append([]byte(strings.Repeat("\x02", 12)+"\x08\x00"), f.ip...)
		n := uint32(len(data))
		for _, x := range []uint32{n, n, n + 24, 0, uint32(f.when.Unix()), 7} {
			b = binary.BigEndian.AppendUint32(b, x)
		}
		b = append(b, data...)
	}
	if records := readAll(t, b, Options{}); count(records, Packet) != 5 {
		t.Error(told(records))
	}
	records, r := collect(b[:len(b)-10], Options{})
	if count(records, Packet) != 5 || problemOf(r.Err()) != Truncated {
		t.Errorf("%v\n%s", r.Err(), told(records))
	}
}

func TestRaw(t *testing.T) {
	big := publish("lab/a", strings.Repeat("x", 300_000))
	data := join(connect, connack, big, pingreq, publish("lab/a", "y")[:6])
	want := "0 #1 open\n0 #1 packet 100e00044d515454\n0 #1 packet 20020000\n0 #1 packet 30e7a71200056c61\n0 #1 packet c000\n0 #1 note packet-incomplete size 10 have 6\n0 #1 part 6/10\n0 #1 close end\n"
	for name, b := range map[string][]byte{"plain": data, "gzip": zipped(t, data)} {
		records := readAll(t, b, Options{})
		if got := told(records); got != want {
			t.Errorf("%s: got\n%s", name, got)
		}
		if got, want := records[4].Offset, int64(len(data)-2-6); got != want {
			t.Errorf("offset %d, want %d", got, want)
		}
	}
	if records := readAll(t, []byte{0x1f, 0x02, 0, 0}, Options{Format: Raw}); count(records, Packet) != 1 {
		t.Error("a forced format is not taken")
	}
}

func problemOf(err error) Problem {
	var e *Error
	if errors.As(err, &e) {
		return e.Problem
	}
	return ""
}

func TestBadFiles(t *testing.T) {
	pcap := simple().pcap()
	lying := bytes.Clone(pcap)
	at := 24 + 6*16 // the seventh frame's header
	for _, f := range simple().frames[:6] {
		at += len(f.ip)
	}
	binary.LittleEndian.PutUint32(lying[at+8:], 0x7fffffff)
	ng, err := os.ReadFile(filepath.Join(captures(t), "mosquitto-mqttv5.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	short := bytes.Clone(ng)
	binary.LittleEndian.PutUint32(short[4:], 7)
	bomb := zipped(t, slow(pcap))
	damaged := zipped(t, bytes.Repeat(pcap, 1))
	damaged[len(damaged)-6] ^= 0xff
	for _, c := range []struct {
		name    string
		data    []byte
		o       Options
		problem Problem
		offset  int64
		packets int
	}{
		{"empty", nil, Options{}, Truncated, 0, 0},
		{"text", []byte("hello, world"), Options{}, UnknownFormat, 0, 0},
		{"png", []byte("\x89PNG\r\n\x1a\n"), Options{}, UnknownFormat, 0, 0},
		{"header cut", pcap[:20], Options{}, Truncated, 0, 0},
		{"frame header cut", pcap[:at+7], Options{}, Truncated, int64(at), 3},
		{"frame cut", pcap[:at+30], Options{}, Truncated, int64(at + 16), 3},
		{"lying length", lying, Options{}, Corrupt, int64(at), 3},
		{"pcapng cut", ng[:len(ng)-2], Options{}, Truncated, int64(len(ng) - 2), -1},
		{"pcapng length", short, Options{}, Corrupt, 0, 0},
		{"gzip cut", zipped(t, pcap)[:150], Options{}, Truncated, -1, -1},
		{"gzip damaged", damaged, Options{}, BadGzip, int64(len(pcap)), 5},
		{"gzip in gzip", zipped(t, zipped(t, pcap)), Options{}, UnknownFormat, 0, 0},
		{"gzip bomb by size", bomb, Options{MaxUnzipped: 1 << 20}, Bomb, -1, -1},
		{"gzip bomb by ratio", bomb, Options{}, Bomb, -1, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			records, r := collect(c.data, c.o)
			var e *Error
			if !errors.As(r.Err(), &e) || e.Problem != c.problem {
				t.Fatalf("error %v, want %s", r.Err(), c.problem)
			}
			if c.offset >= 0 && e.Offset != c.offset {
				t.Errorf("offset %d, want %d: %v", e.Offset, c.offset, e)
			}
			if c.packets >= 0 && count(records, Packet) != c.packets {
				t.Errorf("%d packets, want %d", count(records, Packet), c.packets)
			}
			if r.Stats().Held != 0 {
				t.Errorf("%d held", r.Stats().Held)
			}
		})
	}
	r := NewReader(iotest.ErrReader(io.ErrClosedPipe), Options{})
	for range r.Records() {
		t.Error("a record of nothing")
	}
	if !errors.Is(r.Err(), io.ErrClosedPipe) {
		t.Errorf("the reader's own error is lost: %v", r.Err())
	}
}

// slow is a capture of many equal frames, which packs well.
func slow(pcap []byte) []byte {
	w := newWire().data(0, bytes.Repeat([]byte{0}, 60000)...)
	one := w.pcap()[24:]
	return append(bytes.Clone(pcap), bytes.Repeat(one, 500)...)
}

func TestReaderStopsWhenToldTo(t *testing.T) {
	r := NewReader(bytes.NewReader(simple().pcap()), Options{})
	n := 0
	for range r.Records() {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 || r.Err() != nil {
		t.Errorf("%d records, %v", n, r.Err())
	}
}

func TestSmallReads(t *testing.T) {
	r := NewReader(iotest.OneByteReader(bytes.NewReader(simple().pcap())), Options{})
	n := 0
	for range r.Records() {
		n++
	}
	if n != 7 || r.Err() != nil {
		t.Errorf("%d records, %v", n, r.Err())
	}
}

// TestTextIsNoCapture: the dumps that people paste are not taken for files.
func TestTextIsNoCapture(t *testing.T) {
	for _, pattern := range []string{"hexdump", "packets", "broker"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "testdata", pattern, "*.*"))
		if err != nil || len(files) == 0 {
			t.Fatal(err, len(files))
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := Detect(data[:min(len(data), DetectBytes)]); got != Unknown {
				t.Errorf("%s is taken for %s", file, got)
			}
		}
	}
}
