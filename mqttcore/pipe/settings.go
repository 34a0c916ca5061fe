package pipe

import (
	"time"

	"mqttlab/mqttcore/packet"
)

// End says how a connection ends: FIN, in good order, or RST. The zero End
// is none.
type End uint8

// The ends of a connection.
const (
	FIN End = iota + 1
	RST
)

// String returns "fin", "rst" or "".
func (e End) String() string { return [...]string{"", "fin", "rst"}[e] }

// Settings say what a pipe does to all packets that enter it. The zero
// Settings let everything pass.
type Settings struct {
	Hold    bool          // packets wait until they are stepped
	Delay   time.Duration // of each packet
	Rate    int           // bytes a second; 0: any
	Segment int           // packets leave in segments of so many bytes; 0: whole
	Rules   []Rule        // the first that is for a packet is done to it
}

// Plain says whether the settings let everything pass as it is.
func (s *Settings) Plain() bool {
	return !s.Hold && s.Delay == 0 && s.Rate == 0 && s.Segment == 0 && len(s.Rules) == 0
}

// Deed is what a Rule or a Step does to a packet.
type Deed uint8

// The deeds. Pass and Edit are for a Step.
const (
	Pass Deed = iota + 1
	Drop
	Duplicate // at MQTT level: the same bytes once more, directly behind
	Corrupt   // one byte
	Cut       // the connection, inside the packet or before it
	Edit      // put other bytes in its place
)

var deeds = [...]string{Pass: "pass", Drop: "drop", Duplicate: "duplicate", Corrupt: "corrupt", Cut: "cut", Edit: "edit"}

// String returns a word such as "drop".
func (d Deed) String() string { return deeds[d] }

// ParseDeed finds a deed by its word.
func ParseDeed(word string) (Deed, bool) {
	for d := Pass; d <= Edit; d++ {
		if deeds[d] == word {
			return d, true
		}
	}
	return 0, false
}

// Rule does something to packets as they enter the pipe.
type Rule struct {
	Do     Deed        // Drop, Duplicate, Corrupt or Cut
	Type   packet.Type // of the packets; 0: all, also bytes that are no packet
	Skip   int         // so many of them pass before the rule begins
	Times  int         // so many of them are treated, then the rule is gone; 0: all
	Change             // Corrupt
	How    End         // Cut
	Bytes  int         // Cut: so many bytes of the packet still pass
}

// Change is how one byte of a packet is corrupted.
type Change struct {
	Offset int  // from the packet's first byte; negative: from its end, -1 is the last
	Set    bool // the byte becomes Value; else its bits in Value are flipped
	Value  byte
}

// applied returns a copy of b with the byte changed, and its place; ok is false
// if b has no such byte.
func (c Change) applied(b []byte) (changed []byte, at int, ok bool) {
	at = c.Offset
	if at < 0 {
		at += len(b)
	}
	if at < 0 || at >= len(b) {
		return b, 0, false
	}
	changed = append(make([]byte, 0, len(b)), b...)
	if c.Set {
		changed[at] = c.Value
	} else {
		changed[at] ^= c.Value
	}
	return changed, at, true
}
