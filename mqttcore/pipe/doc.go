// Package pipe is one direction of a wire between a client and a broker, as a
// pure state machine: Control Packets in at one end, segments of bytes out at
// the other. It can be held and stepped packet by packet, delay, throttle,
// split into segments, drop, duplicate, corrupt, and cut.
//
//	settings.go  what a pipe is told to do
//	pipe.go      packets in, segments out
//	step.go      what is done by hand to a packet that waits
//	note.go      what was done, to be told to people
//	framer.go    a stream of bytes to Control Packets
//
// A pipe has no clock: each call says what time it is, and Next says when
// there will be something to take. Bytes leave in the order in which they came,
// as TCP's do.
package pipe
