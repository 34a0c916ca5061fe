// Package broker is an MQTT Server as a pure state machine: events go in,
// effects come out. It does no I/O, starts no goroutine, reads no clock and
// uses no randomness, so the same events always give the same effects and a
// run can be replayed to any of its moments.
//
//	broker.go     the events
//	effect.go     the effects: send, close, explain
//	config.go     what the specification leaves to the Server
//	tables.go     the state machines of QoS, Session and Will, as data
//	keys.go       every explanation with the statements it rests on
//	connect.go    CONNECT and CONNACK; refuse.go what is refused, and how
//	reason.go     Reason Strings and Response Information (5.0)
//	kept.go       what is kept for a Client beside messages and Subscriptions
//	session.go    Sessions: begin, resume, end; away.go whose Clients are away
//	conn.go       the connection
//	access.go     who may publish and subscribe to what
//	publish.go    PUBLISH and PUBREL from a Client; publish5.go what 5.0 adds
//	route.go      which Sessions a message goes to; shared.go Shared Subscriptions
//	repeat.go     the same explanation again
//	deliver.go    PUBLISH to a Client, its acknowledgement and redelivery
//	transmit.go   its bytes
//	window.go     Packet Identifiers, and what waits for one
//	subscribe.go  SUBSCRIBE and UNSUBSCRIBE; retained.go, will.go, timer.go
//	why.go        why a Client gets a message, or why not; near.go which filter nearly matches
//	recall.go     retained messages to a new Subscription, piece by piece
//	persist.go    what must outlive the Server; restore.go a Server from it;
//	record.go     its form
//	state.go      a snapshot to show and to compare; clone.go a copy to go on with
//
// The texts of the explanations lie in package spec's data, in
// data/LANG/messages/explanations.yaml.
//
// A Broker serves one caller at a time.
package broker
