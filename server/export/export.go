// Package export writes what a bench has captured for other programs: a file
// for Wireshark, lines of JSON, a scenario to be replayed. All of them stream:
// whatever the length of a capture, they hold a few hundred events of it.
//
//	export.go    reading a capture from its beginning to what is its end now
//	pcapng.go    for Wireshark: TCP around the bytes, explanations as comments
//	address.go   addresses where there was no network
//	jsonl.go     annotated events
//	scenario.go  what the clients sent, and when
package export

import (
	"context"
	"time"

	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// title names a bench in a file that may go from hand to hand: who knows an id
// may use the bench, so only that of a bench that everybody knows is named.
func title(b *bench.Bench) string {
	const secret = 20 // characters, or more
	at := b.Began().UTC().Format(time.RFC3339)
	if len(b.ID()) >= secret {
		return "A bench of mqttlab, " + at
	}
	return "Bench " + b.ID() + " of mqttlab, " + at
}

// piece is how many events are read at a time.
const piece = 256

// each calls f with every event that a log holds now and still holds when its
// turn comes.
func each(ctx context.Context, log *capture.Log, f func(*capture.Event) error) error {
	from, end := log.Bounds()
	var events []capture.Event
	for from < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		events = log.Range(events[:0], from, min(from+piece, end))
		if len(events) == 0 { // dropped meanwhile
			first, _ := log.Bounds()
			from = max(first, from+1)
			continue
		}
		for i := range events {
			if err := f(&events[i]); err != nil {
				return err
			}
		}
		from = events[len(events)-1].N + 1
	}
	return nil
}
