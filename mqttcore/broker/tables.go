package broker

import "mqttlab/mqttcore/packet"

// Machine is a state machine of the protocol as data: the Broker steps
// through it, and its diagram is drawn from it. What has no Row is not
// expected.
type Machine struct {
	Name   string
	States []string
	Events []string
	Rows   []Row
	table  [8][8]uint8 // index in Rows, counted from 1, by state and event

	missing func(state, event string) // tests: called for a step that the table lacks
}

// Row is one transition. From, Event and To are indexes in the Machine's
// States and Events.
type Row struct {
	From, Event, To uint8
	Do              string   // in the protocol's words
	V311, V5        []string // the statements it rests on
}

// Machines returns the state machines that the Broker runs, to be read only.
func Machines() []*Machine {
	return []*Machine{outMachine, inMachine, sessionMachine, willMachine}
}

// step returns the transition from a state at an event.
func (m *Machine) step(state, event uint8) (*Row, bool) {
	i := m.table[state][event]
	if i == 0 {
		return nil, false
	}
	return &m.Rows[i-1], true
}

// next returns the state that step leads to. There is always one: the code
// raises only events that the table has, as a test holds.
func (m *Machine) next(state, event uint8) uint8 {
	row, ok := m.step(state, event)
	if !ok {
		if m.missing != nil {
			m.missing(m.States[state], m.Events[event])
		}
		return state
	}
	return row.To
}

// Rules returns the statements of a version on which the transition rests.
func (r *Row) Rules(v packet.Version) []string {
	if v == packet.V5 {
		return r.V5
	}
	return r.V311
}

func machine(m Machine) *Machine {
	for i, r := range m.Rows {
		m.table[r.From][r.Event] = uint8(i + 1)
	}
	return &m
}

type rules = []string

// A message on its way from the Server to a Client (section 4.3).
const (
	outFree uint8 = iota
	outAwaitPuback
	outAwaitPubrec
	outAwaitPubcomp
)

const (
	outSend1 uint8 = iota
	outSend2
	outPuback
	outPubrec
	outPubrecError
	outPubcomp
	outResume
)

var outMachine = machine(Machine{
	Name:   "qos-out",
	States: []string{"free", "awaiting PUBACK", "awaiting PUBREC", "awaiting PUBCOMP"},
	Events: []string{"send with QoS 1", "send with QoS 2", "PUBACK", "PUBREC", "PUBREC with an error code (5.0)", "PUBCOMP", "Session resumed"},
	Rows: []Row{
		{outFree, outSend1, outAwaitPuback, "send PUBLISH with DUP 0 and a free Packet Identifier", rules{"MQTT-4.3.2-1"}, rules{"MQTT-4.3.2-1", "MQTT-4.3.2-2"}},
		{outAwaitPuback, outPuback, outFree, "the Packet Identifier is free again", rules{"MQTT-4.3.2-1", "MQTT-2.3.1-4"}, rules{"MQTT-4.3.2-3"}},
		{outAwaitPuback, outResume, outAwaitPuback, "send PUBLISH again with DUP 1", rules{"MQTT-4.4.0-1", "MQTT-3.3.1-1"}, rules{"MQTT-4.4.0-1", "MQTT-3.3.1-1"}},
		{outFree, outSend2, outAwaitPubrec, "send PUBLISH with DUP 0 and a free Packet Identifier", rules{"MQTT-4.3.3-1"}, rules{"MQTT-4.3.3-1", "MQTT-4.3.3-2"}},
		{outAwaitPubrec, outPubrec, outAwaitPubcomp, "send PUBREL; never send the PUBLISH again", rules{"MQTT-4.3.3-1"}, rules{"MQTT-4.3.3-4", "MQTT-4.3.3-6"}},
		{outAwaitPubrec, outPubrecError, outFree, "the Packet Identifier is free again", nil, rules{"MQTT-4.4.0-2"}},
		{outAwaitPubrec, outResume, outAwaitPubrec, "send PUBLISH again with DUP 1", rules{"MQTT-4.4.0-1", "MQTT-3.3.1-1"}, rules{"MQTT-4.4.0-1", "MQTT-3.3.1-1"}},
		{outAwaitPubcomp, outPubrec, outAwaitPubcomp, "send PUBREL again", rules{"MQTT-4.3.3-1"}, rules{"MQTT-4.3.3-4"}},
		{outAwaitPubcomp, outPubcomp, outFree, "the Packet Identifier is free again", rules{"MQTT-4.3.3-1", "MQTT-2.3.1-4"}, rules{"MQTT-4.3.3-5"}},
		{outAwaitPubcomp, outResume, outAwaitPubcomp, "send PUBREL again", rules{"MQTT-4.4.0-1"}, rules{"MQTT-4.4.0-1"}},
	},
})

// A QoS 2 message on its way from a Client to the Server, by Packet
// Identifier (section 4.3.3, method B: onward delivery begins at once).
const (
	inFree uint8 = iota
	inHeld
)

const (
	inPublish uint8 = iota
	inPubrel
)

var inMachine = machine(Machine{
	Name:   "qos2-in",
	States: []string{"free", "held until PUBREL"},
	Events: []string{"PUBLISH", "PUBREL"},
	Rows: []Row{
		{inFree, inPublish, inHeld, "store the Packet Identifier, deliver the message, send PUBREC", rules{"MQTT-4.3.3-2"}, rules{"MQTT-4.3.3-8"}},
		{inHeld, inPublish, inHeld, "send PUBREC; do not deliver again", rules{"MQTT-4.3.3-2"}, rules{"MQTT-4.3.3-10"}},
		{inHeld, inPubrel, inFree, "discard the Packet Identifier, send PUBCOMP", rules{"MQTT-4.3.3-2"}, rules{"MQTT-4.3.3-11"}},
		{inFree, inPubrel, inFree, "send PUBCOMP (5.0: with Reason Code 0x92)", rules{"MQTT-4.3.3-2"}, rules{"MQTT-4.3.3-11"}},
	},
})

// A Session (section 4.1).
const (
	sessionNone uint8 = iota
	sessionConnected
	sessionAway
)

const (
	sessionConnectClean uint8 = iota
	sessionConnectResume
	sessionClosed
	sessionClosedEnd
	sessionExpired
)

var sessionMachine = machine(Machine{
	Name:   "session",
	States: []string{"none", "connected", "kept while the Client is away"},
	Events: []string{"CONNECT with Clean Session 1", "CONNECT with Clean Session 0", "connection closed or taken over, Session to be kept", "connection closed or taken over, Session ends with it", "Session Expiry Interval over (5.0)"},
	Rows: []Row{
		{sessionNone, sessionConnectClean, sessionConnected, "begin a new Session; Session Present 0", rules{"MQTT-3.1.2-6", "MQTT-3.2.2-1"}, rules{"MQTT-3.1.2-4", "MQTT-3.2.2-2"}},
		{sessionNone, sessionConnectResume, sessionConnected, "begin a new Session; Session Present 0", rules{"MQTT-3.1.2-4", "MQTT-3.2.2-3"}, rules{"MQTT-3.1.2-6", "MQTT-3.2.2-3"}},
		{sessionAway, sessionConnectClean, sessionConnected, "discard the Session, begin a new one; Session Present 0", rules{"MQTT-3.1.2-6", "MQTT-3.2.2-1"}, rules{"MQTT-3.1.2-4", "MQTT-3.2.2-2"}},
		{sessionAway, sessionConnectResume, sessionConnected, "resume the Session; Session Present 1", rules{"MQTT-3.1.2-4", "MQTT-3.2.2-2"}, rules{"MQTT-3.1.2-5", "MQTT-3.2.2-2"}},
		{sessionConnected, sessionClosed, sessionAway, "keep subscriptions, unacknowledged messages and what comes meanwhile", rules{"MQTT-3.1.2-4", "MQTT-3.1.2-5", "MQTT-3.1.4-2"}, rules{"MQTT-3.1.2-23", "MQTT-3.1.4-3"}},
		{sessionConnected, sessionClosedEnd, sessionNone, "discard the Session", rules{"MQTT-3.1.2-6", "MQTT-3.1.4-2"}, rules{"MQTT-4.1.0-2", "MQTT-3.1.4-3"}},
		{sessionAway, sessionExpired, sessionNone, "discard the Session", nil, rules{"MQTT-4.1.0-2"}},
	},
})

// A Will Message (section 3.1.2.5).
const (
	willNone uint8 = iota
	willArmed
	willDelayed
)

const (
	willConnect uint8 = iota
	willDisconnect
	willLost
	willLostDelay
	willDelayEnds
	willResumed
)

var willMachine = machine(Machine{
	Name:   "will",
	States: []string{"none", "kept", "waiting for its delay (5.0)"},
	Events: []string{"CONNECT with Will Flag 1", "DISCONNECT", "connection closed in any other way", "connection closed in any other way, with a Will Delay Interval (5.0)", "Will Delay Interval or Session over (5.0)", "Session resumed (5.0)"},
	Rows: []Row{
		{willNone, willConnect, willArmed, "keep the Will Message", rules{"MQTT-3.1.2-8"}, rules{"MQTT-3.1.2-7"}},
		{willArmed, willDisconnect, willNone, "discard it unpublished", rules{"MQTT-3.1.2-10", "MQTT-3.14.4-3"}, rules{"MQTT-3.1.2-10", "MQTT-3.14.4-3"}},
		{willArmed, willLost, willNone, "publish it", rules{"MQTT-3.1.2-8"}, rules{"MQTT-3.1.2-8"}},
		{willArmed, willLostDelay, willDelayed, "wait for the delay or for the end of the Session, whichever comes first", nil, rules{"MQTT-3.1.2-8"}},
		{willDelayed, willDelayEnds, willNone, "publish it", nil, rules{"MQTT-3.1.2-8"}},
		{willDelayed, willResumed, willNone, "discard it unpublished", nil, rules{"MQTT-3.1.3-9"}},
	},
})
