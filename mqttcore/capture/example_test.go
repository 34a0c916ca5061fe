package capture_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"time"

	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// A bench writes what it captured, and anyone reads it back.
func Example() {
	var file bytes.Buffer
	w, err := capture.NewWriter(&file, capture.WriterOptions{ServerPort: 1883})
	if err != nil {
		fmt.Println(err)
		return
	}
	conn := capture.Record{
		Conn:   1,
		Time:   time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Client: netip.MustParseAddrPort("127.0.0.1:50001"),
		Server: netip.MustParseAddrPort("127.0.0.1:21883"),
	}
	write := func(k capture.Kind, from packet.Party, b string, cause capture.Cause) {
		rec := conn
		rec.Kind, rec.From, rec.Bytes, rec.Cause = k, from, []byte(b), cause
		if err := w.Write(&rec); err != nil {
			fmt.Println(err)
		}
	}
	write(capture.Open, 0, "", 0)
	write(capture.Packet, packet.Client, "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02c1", 0)
	write(capture.Packet, packet.Server, "\x20\x02\x00\x00", 0)
	write(capture.Close, packet.Client, "", capture.CauseRST)
	if err := w.Flush(); err != nil {
		fmt.Println(err)
	}

	r := capture.NewReader(&file, capture.Options{})
	for rec := range r.Records() {
		switch rec.Kind {
		case capture.Packet, capture.Part:
			fmt.Printf("frame %d, connection %d, %s: % x\n", rec.Frame, rec.Conn, rec.From, rec.Bytes)
		case capture.Note:
			fmt.Println(rec.Code, rec.Args)
		default:
			fmt.Printf("frame %d, connection %d: %s\n", rec.Frame, rec.Conn, rec.Kind)
		}
	}
	fmt.Println(r.Format(), r.Err())
	// Output:
	// frame 1, connection 1: open
	// frame 4, connection 1, client: 10 0e 00 04 4d 51 54 54 04 02 00 3c 00 02 63 31
	// frame 5, connection 1, server: 20 02 00 00
	// frame 6, connection 1: close
	// pcapng <nil>
}
