package capture

import (
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
)

// A Packet event is what passed at the broker's end of a wire: with From
// Client, what the broker heard, byte by byte, at the moment when it heard it;
// with From Server, what the broker sent, when it sent it. So the Open, Packet
// and Close events of a capture are, in order, all that the broker was told,
// whatever a wire did on the way.
//
// What happened beyond that end is told by Wire events, and only where a wire
// did something. A client's packet is then told twice: as it was sent, by a
// Wire event of stage Sent, and as the broker heard it, by the Packet event
// that has the former's number as its Cause. A packet of the broker is told by
// its Packet event, and then by Wire events whose Cause that is.

// Stage says which moment of a packet's way a Wired tells of.
type Stage uint8

// The stages.
const (
	Sent    Stage = iota + 1 // it has entered the wire
	Changed                  // somebody did something to it while it waited
	Arrived                  // the client has it
	Lost                     // the connection ended while packets were under way
)

// String returns the word of the JSON contract.
func (s Stage) String() string { return [...]string{"", "sent", "changed", "arrived", "lost"}[s] }

// Wired is the Detail of a Wire event: what a wire did with a packet. The
// event's Cause, if it has one, is the event that first told of the packet.
type Wired struct {
	Stage   Stage
	From    packet.Party   // the packet's sender
	Version packet.Version // of the packet
	Bytes   []byte         // Sent: as the sender sent it; Changed and Arrived: as it is now; never changes
	Sent    []byte         // Changed and Arrived, where Bytes differ: as it was sent
	Notes   []pipe.Note    // what was done
}
