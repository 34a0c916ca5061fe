package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"mqttlab/mqttcore/broker"
	core "mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/capture"
	"mqttlab/server/limits"
)

// What can be wrong with a bench that shows a capture file.
var (
	ErrReadOnly  = errors.New("this bench shows a capture; nothing new happens on it")
	ErrNoCapture = errors.New("this is no capture file")
	ErrNoMQTT    = errors.New("there is no MQTT in this capture")
)

// Import returns a bench whose capture is that of a file (pcap, pcapng, snoop,
// gzip or plain packets): its connections, packets and times, each connection
// a client with its address. Nobody can connect to it. Of a file that is longer
// than a capture may be the beginning is shown, and it is said.
func Import(ctx context.Context, cfg Config, file io.Reader) (*Bench, error) {
	b := New(cfg)
	b.readOnly = true
	if err := b.importFile(ctx, file, cfg.CaptureEvents, cfg.CaptureBytes); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// importer fills a bench from a file.
type importer struct {
	bench *Bench
	first time.Time
	at    time.Duration // of the latest event
	conns map[int]*imported
	count int
	bytes int
}

// imported is a connection of the file.
type imported struct {
	client *client // nil: there are too many to be listed
	lane   string
	dec    packet.Decoder
}

// importedAtOnce is how many records are read between two looks at the clock.
const importedAtOnce = 256

// importFile reads a file into the bench's capture.
func (b *Bench) importFile(ctx context.Context, file io.Reader, maxEvents, maxBytes int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	in := &importer{bench: b, conns: make(map[int]*imported)}
	reader := core.NewReader(file, core.Options{MaxPacket: limits.PacketBytes, MaxUnzipped: 16 * limits.ImportBytes})
	more, packets, records := false, 0, 0
	for rec := range reader.Records() {
		if records++; records%importedAtOnce == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if more = in.count >= maxEvents-importedAtOnce || in.bytes >= maxBytes; more {
			break
		}
		if rec.Kind == core.Packet || rec.Kind == core.Part {
			packets++
		}
		in.record(rec)
	}
	err := reader.Err()
	switch {
	case packets == 0 && reader.Format() == core.Unknown:
		return fmt.Errorf("%w: %w", ErrNoCapture, errors.Join(err, errUnknown))
	case packets == 0 && err != nil:
		return fmt.Errorf("%w: %w", ErrNoMQTT, err)
	case packets == 0:
		return ErrNoMQTT
	case more:
		in.say("import.more", "packets", fmt.Sprint(packets))
	case err != nil:
		in.say("import.broken", "error", err.Error())
	}
	for _, c := range in.conns { // the capture ended first
		if c.client != nil {
			c.client.closed(capture.NotClosed)
		}
	}
	b.filmed = in.first
	return nil
}

var errUnknown = errors.New("it is neither pcap, pcapng, snoop nor a file of Control Packets")

// record puts a record of the file into the capture.
func (in *importer) record(rec *core.Record) {
	if in.first.IsZero() {
		in.first = rec.Time
	}
	in.at = max(in.at, rec.Time.Sub(in.first)) // records come as they are known, events in time
	switch rec.Kind {
	case core.Open:
		in.open(rec)
	case core.Packet, core.Part:
		in.packet(rec)
	case core.Close:
		in.close(rec)
	case core.Note:
		in.note(rec)
	}
}

func (in *importer) put(e capture.Event) {
	e.At = in.at
	in.count++
	in.bytes += len(e.Bytes) + 64
	in.bench.log.Append(e)
}

func (in *importer) say(key string, args ...string) {
	in.put(capture.Event{Kind: capture.Explain, Detail: &broker.Explanation{Key: key, Args: args}})
}

// open begins a connection. One whose beginning the file lacks begins with the
// first that is known of it.
func (in *importer) open(rec *core.Record) *imported {
	c := &imported{lane: fmt.Sprintf("t%d", rec.Conn)}
	in.conns[rec.Conn] = c
	name, remote := "–", ""
	if rec.Client.IsValid() {
		name = rec.Client.String()
		remote = name
	}
	if rec.Transport == core.WebSocket {
		remote += " (WebSocket)"
	}
	b := in.bench
	if len(b.clients) < limits.ClientsPerBench {
		c.client = &client{id: c.lane, name: name, remote: remote, state: "open", conn: broker.ConnID(rec.Conn)}
		b.add(c.client)
	}
	in.put(capture.Event{Kind: capture.Open, Conn: broker.ConnID(rec.Conn), Lane: c.lane, Detail: capture.Opened{
		Name: name, Remote: remote, Local: written(rec.Server)}})
	in.changed(c)
	return c
}

func written(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// changed records what a client now is.
func (in *importer) changed(c *imported) {
	if c.client != nil {
		in.put(capture.Event{Kind: capture.Client, Conn: c.client.conn, Lane: c.lane, Detail: c.client.snapshot()})
	}
}

func (in *importer) packet(rec *core.Record) {
	if len(rec.Bytes) == 0 {
		return
	}
	c := in.conns[rec.Conn]
	if c == nil {
		c = in.open(rec)
	}
	data := bytes.Clone(rec.Bytes)
	from := rec.From
	if from == 0 {
		from = packet.Client
	}
	p, err := c.dec.Decode(data)
	in.put(capture.Event{Kind: capture.Packet, Conn: broker.ConnID(rec.Conn), Lane: c.lane, From: from, Version: c.dec.Version,
		Broken: err != nil || rec.Kind == core.Part, Bytes: data})
	if connect, ok := p.(*packet.Connect); ok && c.client != nil && !c.client.connected {
		c.client.connect(connect.ClientID, c.dec.Version)
		in.changed(c)
	}
}

func (in *importer) close(rec *core.Record) {
	c := in.conns[rec.Conn]
	if c == nil {
		return
	}
	delete(in.conns, rec.Conn)
	how := capture.NotClosed
	switch {
	case rec.Cause == core.CauseFIN && rec.From == packet.Server, rec.Cause == core.CauseRST && rec.From == packet.Server:
		how = capture.Server
	case rec.Cause == core.CauseFIN:
		how = capture.FIN
	case rec.Cause == core.CauseRST:
		how = capture.RST
	}
	if c.client != nil {
		c.client.closed(how)
	}
	if how != capture.NotClosed { // else the capture ends, and nothing was seen
		in.put(capture.Event{Kind: capture.Close, Conn: broker.ConnID(rec.Conn), Lane: c.lane, How: how, Detail: Reason{}})
		in.changed(c)
	}
}

// note puts what the reader has to say into the flow.
func (in *importer) note(rec *core.Record) {
	e := capture.Event{Kind: capture.Explain, Conn: broker.ConnID(rec.Conn),
		Detail: &broker.Explanation{Key: "capture.note." + string(rec.Code), Args: append([]string(nil), rec.Args...), Conn: broker.ConnID(rec.Conn)}}
	if c := in.conns[rec.Conn]; c != nil {
		e.Lane = c.lane
	}
	in.put(e)
}
