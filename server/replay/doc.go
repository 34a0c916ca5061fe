// Package replay makes a bench's broker what it was after any event that the
// capture still holds. The broker is a pure state machine: from an earlier
// state and what it has heard since, it comes to be the same again.
//
// Most of what it hears is in the capture: connections that open, and packets
// from clients. A Journal notes the rest, which is rare: what ended, what
// could not be decoded, and when time was told.
//
// The capture forgets its oldest events, so a Journal keeps clones of the
// broker from time to time, checkpoints, to begin from. What they cost is
// bounded on purpose, because a bench at full speed must not feel them. A
// clone takes about a microsecond for each thing in the broker (broker.Size),
// so there is one only after many more events than that: some 10 ns for each
// event, and four times that while somebody asks now and then. All checkpoints
// together hold at most keepThings. A bench that keeps more can be replayed as
// long as the capture has forgotten nothing, and then from the moment at which
// somebody first asks. What can no longer be shown is said with the oldest
// event that can.
//
//	journal.go  what is noted while the bench runs, under its lock
//	run.go      a broker as it was
package replay
