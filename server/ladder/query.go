package ladder

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/capture"
)

// Query selects packets of a log.
type Query struct {
	Filter *filter.Filter
	// Expression is the filter that is used. It is not what was typed where
	// Plain words were.
	Expression string
	Plain      bool
}

// ParseQuery reads what somebody typed: a filter, or plain words, which are
// looked for in topics, payloads, Client Identifiers and names. An error is
// always a *filter.Error, whose place is in text.
func ParseQuery(text string) (Query, error) {
	f, err := filter.Parse(text)
	if err == nil {
		return Query{Filter: f, Expression: text}, nil
	}
	words := plainWords(text)
	if words == nil {
		return Query{}, err
	}
	var all, phrase []string
	for _, word := range words {
		if t, ok := packet.ParseType(strings.ToUpper(word)); ok {
			all = append(all, "mqtt.msgtype == "+t.String())
		} else {
			phrase = append(phrase, word)
		}
	}
	if len(phrase) > 0 {
		all = append(all, phraseFilter(strings.Join(phrase, " ")))
	}
	expression := strings.Join(all, " && ")
	f, mistake := filter.Parse(expression)
	if mistake != nil {
		return Query{}, err
	}
	return Query{Filter: f, Expression: expression, Plain: true}, nil
}

// phraseFilter is the expression that looks for words that stand together.
func phraseFilter(phrase string) string {
	var tests []string
	for _, field := range []string{"mqtt.topic", "mqtt.clientid", "mqttlab.client", "mqtt.willtopic", "mqtt.username"} {
		tests = append(tests, "lower("+field+") contains "+strconv.Quote(strings.ToLower(phrase)))
	}
	tests = append(tests, "mqtt.msg contains "+strconv.Quote(phrase))
	if _, err := strconv.ParseUint(phrase, 10, 16); err == nil {
		tests = append(tests, "mqtt.msgid == "+phrase)
	}
	return "(" + strings.Join(tests, " || ") + ")"
}

// maxWords is how many plain words are taken.
const maxWords = 8

// plainWords cuts a text into words; nil if it looks like a filter.
func plainWords(text string) []string {
	for _, r := range text {
		if unicode.IsControl(r) || strings.ContainsRune(`"'=<>!&|(){}[]~`, r) {
			return nil
		}
	}
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > maxWords {
		return nil
	}
	for _, word := range words {
		for _, name := range []string{"mqtt.", "mqttlab.", "frame.", "tcp.", "ip."} {
			if strings.HasPrefix(strings.ToLower(word), name) {
				return nil
			}
		}
		switch word {
		case "and", "or", "not", "xor", "contains", "matches", "eq", "ne", "gt", "lt", "ge", "le", "in":
			return nil
		}
	}
	return words
}

// Found is what a search has come to.
type Found struct {
	Numbers []uint64 // of packets that match, and of explanations that they caused
	Packets int      // how many of them are packets
	First   uint64   // number of the oldest event held
	Next    uint64   // number to go on from
	End     uint64   // number of the next event of the log
}

// The bounds of one search; it goes on from Next.
const (
	findTime  = 60 * time.Millisecond
	findBytes = 8 << 20 // of packets
)

// Find looks for packets that match among the events from a number on, for a
// bounded time, until it has as many as limit. names says what clients are
// called, by lane.
func (ix *Index) Find(q Query, from uint64, limit int, notes bool, names map[string]string) Found {
	first, end := ix.log.Bounds()
	out := Found{Numbers: []uint64{}, First: first, End: end, Next: min(max(from, first), end)}
	began, bytes := time.Now(), 0
	matched := make(map[uint64]bool)
	var events []capture.Event
	for out.Next < end && out.Packets < limit && bytes < findBytes && time.Since(began) < findTime {
		events = ix.log.Range(events[:0], out.Next, min(end, out.Next+64))
		if len(events) == 0 {
			first, end = ix.log.Bounds()
			if out.Next >= first {
				break
			}
			out.First, out.Next = first, first
			continue
		}
		for i := range events {
			e := &events[i]
			out.Next = e.N + 1
			bytes += len(e.Bytes)
			switch {
			case e.Kind == capture.Packet && ix.matches(q, e, names):
				out.Numbers = append(out.Numbers, e.N)
				out.Packets++
				matched[e.N] = true
			case e.Kind == capture.Explain && notes && e.Cause > 0:
				hit, known := matched[e.Cause]
				if !known && e.Cause < out.Next {
					if cause := ix.log.Range(nil, e.Cause, e.Cause+1); len(cause) == 1 && cause[0].Kind == capture.Packet {
						hit = ix.matches(q, &cause[0], names)
					}
					matched[e.Cause] = hit
				}
				if hit {
					out.Numbers = append(out.Numbers, e.N)
				}
			}
			if out.Packets >= limit {
				break
			}
		}
	}
	return out
}

// matches says whether a packet passes. Very long packets are judged by what
// can be said of them cheaply.
func (ix *Index) matches(q Query, e *capture.Event, names map[string]string) bool {
	view := filter.View{Bytes: e.Bytes, Number: e.N, Time: Seconds(e.At), Length: len(e.Bytes), Stream: int(e.Conn) - 1, Sender: e.From, Name: names[e.Lane]}
	view.Client = netip.AddrPortFrom(netip.IPv4Unspecified(), 0) // else there is no tcp.stream
	var p annotate.Packet
	if t := packet.Type(e.Bytes[0] >> 4); len(e.Bytes) <= longPacket || t == packet.PUBLISH {
		ix.look(e.N)
		p = followed(spec.English, e, ix.result(e.N))
	} else {
		p = annotate.Packet{Length: len(e.Bytes), Type: t.String(), Direction: e.From.String(), Fields: []annotate.Field{}}
	}
	view.Packet = &p
	return q.Filter.Match(view)
}
