package pipe

import "time"

// Did says what a Note tells.
type Did uint8

// What can have happened to a packet on its way.
const (
	Held       Did = iota + 1 // it waits to be stepped
	Delayed                   // by Wait
	Throttled                 // to N bytes a second
	Split                     // into segments of N bytes
	Dropped                   // it never arrives
	Duplicated                // it arrives twice
	Corrupted                 // the byte at Offset was From and is To
	Edited                    // other bytes took its place
	CutInside                 // the connection is cut after N of its bytes
	Passed                    // it was stepped
	Delivered                 // it has arrived, Wait after it was sent
	Lost                      // the connection ended while N packets were under way
	Spared                    // a byte was to be corrupted that the packet does not have: Offset
)

var dids = [...]string{
	Held: "held", Delayed: "delayed", Throttled: "throttled", Split: "split", Dropped: "dropped", Duplicated: "duplicated",
	Corrupted: "corrupted", Edited: "edited", CutInside: "cut", Passed: "passed", Delivered: "delivered", Lost: "lost", Spared: "spared",
}

// String returns a word such as "held".
func (d Did) String() string { return dids[d] }

// Note is one thing that happened to a packet on its way.
type Note struct {
	Did      Did
	Wait     time.Duration
	N        int
	Offset   int
	From, To byte
	How      End
}
