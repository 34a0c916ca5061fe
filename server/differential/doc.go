// Package differential holds our reading of MQTT against Wireshark's. It has
// tests only: for every packet of every capture, what tshark's JSON says (field
// names, offsets, lengths, bit masks, values) must be what the annotated packet
// says, and the other way round. Where the two differ and may, the table in
// known_test.go says why.
//
// The captures of real clients lie in testdata/vectors. Two more are built:
// every packet type with every property (synthetic_test.go), and packets that
// break rules (faulty_test.go).
package differential
