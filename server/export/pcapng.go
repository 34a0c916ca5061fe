package export

import (
	"context"
	"io"
	"strings"

	"mqttlab/mqttcore/broker"
	core "mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
	"mqttlab/server/ladder"
)

// PCAPNG writes a bench's capture as a file for Wireshark, with the addresses
// and times that were, and what the broker decided as comments of packets in a
// language. port, if not 0, stands in place of the broker's own: Wireshark
// takes 1883 for MQTT by itself.
func PCAPNG(ctx context.Context, w io.Writer, b *bench.Bench, l spec.Lang, port uint16) error {
	file, err := core.NewWriter(w, core.WriterOptions{ServerPort: port, Comment: title(b)})
	if err != nil {
		return err
	}
	p := &pcapng{file: file, bench: b, lang: l, ends: newAddresses(b)}
	if err := each(ctx, b.Log(), p.event); err != nil {
		return err
	}
	if err := p.flush(); err != nil {
		return err
	}
	return file.Flush()
}

// What is said of one packet.
const (
	maxComments = 20
	maxComment  = 2000 // bytes
	maxHeld     = 500  // events behind a packet among which its explanations are looked for
)

type pcapng struct {
	file  *core.Writer
	bench *bench.Bench
	lang  spec.Lang
	ends  *addresses

	held   []core.Record // the first waits for its explanations, the others for it
	number uint64        // of the event that the first one is
	loose  []string      // explanations that no packet led to, for what comes next
}

// event writes an event, or holds it until all is known that is to be said of it.
func (p *pcapng) event(e *capture.Event) error {
	switch e.Kind {
	case capture.Explain:
		p.explain(e)
		return nil
	case capture.Open:
		x := p.ends.opened(e)
		return p.put(e, core.Record{Kind: core.Open, Client: x.client, Server: x.server, Comments: x.said})
	case capture.Packet:
		x := p.ends.of(e.Conn, e.Lane)
		kind := core.Packet
		if e.Broken {
			kind = core.Part
		}
		return p.put(e, core.Record{Kind: kind, Client: x.client, Server: x.server, From: e.From, Bytes: e.Bytes})
	case capture.Close:
		x := p.ends.of(e.Conn, e.Lane)
		delete(p.ends.open, e.Conn)
		rec := core.Record{Kind: core.Close, Client: x.client, Server: x.server, From: packet.Client, Cause: core.CauseFIN}
		switch e.How {
		case capture.RST:
			rec.Cause = core.CauseRST
		case capture.Server, capture.Timeout:
			rec.From = packet.Server
		}
		return p.put(e, rec)
	}
	return nil
}

// explain finds the packet that an explanation belongs to.
func (p *pcapng) explain(e *capture.Event) {
	x := e.Detail.(*broker.Explanation)
	text := ladder.Text(p.lang, x)
	if len(x.Rules) > 0 {
		text += " [" + strings.Join(x.Rules, ", ") + "]"
	}
	text = cut(text, maxComment)
	to := &p.loose
	if e.Cause != 0 && e.Cause == p.number && len(p.held) > 0 {
		to = &p.held[0].Comments
	}
	if len(*to) < maxComments {
		*to = append(*to, text)
	}
}

func (p *pcapng) put(e *capture.Event, rec core.Record) error {
	rec.Time = p.bench.Began().Add(e.At)
	rec.Conn = int(e.Conn)
	rec.Comments = append(rec.Comments, p.loose...)
	p.loose = nil
	if len(p.held) > 0 && (e.Cause != p.number && e.Kind != capture.Close || len(p.held) >= maxHeld) {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if len(p.held) == 0 {
		p.number = e.N
	}
	p.held = append(p.held, rec)
	return nil
}

func (p *pcapng) flush() error {
	for i := range p.held {
		if err := p.file.Write(&p.held[i]); err != nil {
			return err
		}
	}
	clear(p.held)
	p.held = p.held[:0]
	return nil
}
