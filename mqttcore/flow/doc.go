// Package flow reads the packets of one connection in their order: who
// answers whom, what a Topic Alias stands for, how far each QoS exchange is,
// and which rules only show between packets.
//
// A [Conn] is one connection, an [Input] a run of packets that may hold
// several. Both are fed packet by packet and return, for each, its links to
// earlier packets and its findings, as message keys with arguments; package
// annotate puts them into words.
//
// Much of what people paste is a part of a connection, in no known direction.
// So a rule whose breach would be undone by a packet that is left out is only
// held against an input known to be whole, and doubted or let pass elsewhere.
//
// To add a rule: one row in rules.go, the check where its packets are
// handled, its message in mqttcore/spec/data/*/messages/flow.yaml, and a
// transcript in testdata/flow that shows it.
package flow
