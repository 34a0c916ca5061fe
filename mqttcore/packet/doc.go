// Package packet is the grammar of MQTT 3.1, 3.1.1 and 5.0: the one place
// where bytes become Control Packets and Control Packets become bytes.
//
// A [Decoder] reads one Control Packet. Without a [Trace] it is the broker's
// fast path: it stops at the first fault, and the packet's strings and
// payload alias the input. With a Trace it takes the same steps and also
// records which bits are which field, and it reads on behind every fault
// that leaves the layout known, so that a broken packet can be explained
// whole. Both ways agree on the packet and on the first fault.
//
// [Append] writes what a packet's fields say, right or wrong: the builder
// must be able to break a rule. Whether the result is valid is judged by
// decoding it, so that there is one judge.
//
// To add a packet type: a struct with its Type and append methods and a read
// function, in a file of its own, and one case in Decoder.read.
// To add a field: one row in fields.go. To add a check: one row in
// violations.go and the call where the field is read. To add a property: one
// row in properties.go.
package packet
