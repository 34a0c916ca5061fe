package web

import (
	"strconv"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Joined is what else belongs to a captured packet's message.
type Joined struct {
	Members  []JoinedPacket // in their order; none: nothing else belongs to it
	More     int            // members that are not listed
	Exchange *ExchangeView  // nil: it has no Packet Identifier
	Original uint64         // of a copy; 0: it is none
	Will     bool           // the original is the Will of a CONNECT
	Held     bool           // the original is still held
	Changes  []CopyChange
}

// JoinedPacket is a packet of a message.
type JoinedPacket struct {
	N       uint64
	From    string // "client" or "server"
	Lane    string // the client's name
	LaneID  string
	Type    string
	Summary string
	Diff    []string // how a copy differs, in short
	Again   bool
}

// ExchangeView is what goes on under a Packet Identifier.
type ExchangeView struct {
	ID     uint16
	State  string // in words
	Done   bool
	Cut    bool
	Packet []uint64
}

// CopyChange is one difference between a copy and its original.
type CopyChange struct {
	Chip, From, To, Why, Rule string
}

// QoSGrid is the panel that counts deliveries by QoS.
type QoSGrid struct {
	Lang  spec.Lang
	Cells [3][3]QoSCell // by the PUBLISH's and the subscription's QoS
}

// QoSCell is a field of the grid.
type QoSCell struct {
	Count          int
	Original, Copy uint64
}

func numberOf(n uint64) string { return strconv.FormatUint(n, 10) }

// gridSteps are the packets of a delivery with a QoS.
func gridSteps(qos int) string {
	return [...]string{"PUBLISH →", "PUBLISH → PUBACK ←", "PUBLISH → PUBREC ← PUBREL → PUBCOMP ←"}[qos]
}

// eventLink is where a captured packet is shown by itself.
func eventLink(n uint64) templ.SafeURL { return templ.SafeURL("#no-" + numberOf(n)) }

func specVersion(version string) packet.Version {
	v, _ := packet.ParseVersion(version)
	return v
}
