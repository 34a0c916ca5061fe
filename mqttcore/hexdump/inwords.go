package hexdump

import (
	"slices"
	"strings"
)

// packetNames are the Control Packets as logs write them.
var packetNames = []string{
	"CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE",
	"UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
}

// tellsPacket reports whether a line of a log tells of a packet in words, as those of Mosquitto and of Paho for Python
// do: "Sending CONNECT (u0, p0, wr0, …) client_id=b'c1'". What looks like bytes in it are names and flags.
func tellsPacket(line string) bool {
	var rest string
	for _, verb := range []string{"ending ", "eceived ", "Sent "} {
		if _, after, ok := strings.Cut(line, verb); ok {
			rest = after
			break
		}
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if !slices.Contains(packetNames, name) {
		return false
	}
	if rest == "" {
		return true
	}
	if to, after, ok := strings.Cut(rest, " ("); ok && (strings.HasPrefix(to, "to ") || strings.HasPrefix(to, "from ")) {
		rest = "(" + after
	}
	first := strings.TrimPrefix(rest, "(")
	if first == rest {
		return strings.HasPrefix(rest, "to ") || strings.HasPrefix(rest, "from ")
	}
	first, _, _ = strings.Cut(first, ",")
	first, _, _ = strings.Cut(first, ")")
	switch {
	case strings.HasPrefix(first, "Mid: "), strings.HasPrefix(first, "m"), allDecimal(first):
		return true
	}
	return len(first) == 2 && strings.IndexByte("ud", first[0]) >= 0 && isDecimal(first[1])
}

// inWords reports whether text[at] stands in a line that tells of a packet in words.
func (in *input) inWords(at int) bool {
	_, found := slices.BinarySearchFunc(in.words, at, func(r Range, at int) int {
		switch {
		case r.To <= at:
			return -1
		case r.From > at:
			return 1
		}
		return 0
	})
	return found
}
