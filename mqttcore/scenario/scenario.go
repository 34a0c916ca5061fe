package scenario

import (
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/filter"
)

// Format is what the key "mqttlab" of a file says.
const Format = "scenario/1"

// What a scenario may have.
const (
	MaxBytes   = 16 << 20 // of its text
	MaxClients = 1000
	MaxSteps   = 200_000
	MaxSend    = 1 << 20 // bytes of one step
	MaxTime    = 7 * 24 * time.Hour
	MaxName    = 64 // bytes of a client's id or name
	MaxNote    = 4 << 10
)

// Within is how long an expect waits where the file does not say it.
const Within = 5 * time.Second

// Scenario is what clients send, and when.
type Scenario struct {
	Title     string
	HasBroker bool          // the scenario says how the broker is to be
	Broker    broker.Config // if HasBroker
	Clients   []Client
	Steps     []Step
	Until     time.Duration // the scenario's end; 0: with its last step
}

// Client is one who takes part.
type Client struct {
	ID   string
	Name string // for people; never empty
}

// Do is what a step does.
type Do string

// What steps do.
const (
	Open   Do = "open"
	Send   Do = "send"
	Close  Do = "close"  // FIN
	Abort  Do = "abort"  // RST
	Expect Do = "expect" // wait for what the broker says or does
	Reply  Do = "reply"  // the broker's bytes, where a person is the broker

	// Of a lab's solution; nobody else hears of them.
	Answer Do = "answer" // answer the question of the step at hand
	Build  Do = "build"  // hand in a packet without sending it
)

// Step is one thing that a client does.
type Step struct {
	At     time.Duration // when
	After  bool          // At counts from the end of the step before, not from the scenario's beginning
	Client string        // id
	Do     Do
	Bytes  []byte // of a Send, Reply and Build
	Text   string // of an Answer
	Note   string // for people

	// Of an Expect.
	Filter *filter.Filter // nil if Closed
	Closed bool
	Within time.Duration

	Line int // in the file, from 1; 0 if the step stands in none
}

// Name returns what people call a client.
func (s *Scenario) Name(id string) string {
	for _, c := range s.Clients {
		if c.ID == id {
			return c.Name
		}
	}
	return id
}

// Length returns how long the scenario takes at its own speed: until the last
// step that has a time, or Until.
func (s *Scenario) Length() time.Duration {
	var at time.Duration
	for i := range s.Steps {
		if s.Steps[i].After {
			at += s.Steps[i].At
		} else {
			at = max(at, s.Steps[i].At)
		}
	}
	return max(at, s.Until)
}
