package lab

import (
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Lab is a lab that was read without problems. It does not change.
type Lab struct {
	ID      string
	Order   int            // its place among the labs; 0: behind those that have one
	Minutes int            // that it takes
	Version packet.Version // that the builder begins with
	Broker  broker.Config  // of the learner's bench
	Clients []string       // names of virtual clients that are there from the start
	Cast    string         // file with the scenario that other clients play; ""
	Hand    bool           // there is no broker: the learner answers the clients
	Steps   []Step
	words   map[spec.Lang]*Words
}

// Step is what a learner does at a time. It is passed when all its checks are
// met and its question is answered rightly.
type Step struct {
	ID       string
	Checks   []Check
	Question *Question
	Hints    int
}

// Words returns the lab's texts in a language, or, where there is none, in
// English.
func (l *Lab) Words(lang spec.Lang) *Words {
	if w := l.words[lang]; w != nil {
		return w
	}
	return l.words[spec.English]
}

// Words are the texts of a lab in one language, in Markdown but for the titles
// and the summary.
type Words struct {
	Title   string
	Summary string
	Intro   string
	Steps   []StepWords // as many as the lab has steps
}

// StepWords are the texts of a step.
type StepWords struct {
	Title    string
	Text     string
	After    string   // shown once the step is passed
	Hints    []string // as many as Step.Hints
	Checks   []string // what each check asks for; "": the check speaks for itself
	Question QuestionWords
}

// QuestionWords are the texts of a question.
type QuestionWords struct {
	Ask     string
	Options []string // of a choice
	Why     string   // shown once it is answered rightly
}

// CheckKind is what a check asks for.
type CheckKind uint8

const (
	Saw CheckKind = iota
	Never
	Order
	Built
)

// Check is one condition of a step.
type Check struct {
	Kind      CheckKind
	Match     Match         // Saw, Never, Built
	Order     []Match       // Order
	Within    time.Duration // Order: at most, from first to last; 0: no bound
	Over      time.Duration // Order: at least; 0: no bound
	Without   []Match       // Order: none of these in between
	Same      string        // Order: name of a field that has one value in all of them; ""
	Min, Max  int           // Saw: how often; Max < 0: no bound
	SinceStep bool          // only what happens once the step has begun
}

// EventKind is what an event is.
type EventKind uint8

const (
	Packet EventKind = iota
	Opened
	Closed
	Answered // only told by Solve: an answer to a question
	Handed   // only told by Solve: a packet that is not sent
)

// Match describes events.
type Match struct {
	Kind   EventKind
	Filter *filter.Filter // Packet; nil: any
	Bytes  []byte         // Packet: exactly these; nil: any
	By     string         // name of the client; "": any
	From   packet.Party   // Packet: the sender; 0: either
	How    string         // Closed: "fin", "rst", "server" or "timeout"; "": any
	terms  []*filter.Filter
}

// QuestionKind is how a question is answered.
type QuestionKind string

const (
	Choice  QuestionKind = "choice"
	Number  QuestionKind = "number"
	Text    QuestionKind = "text"
	Filter  QuestionKind = "filter"
	Bytes   QuestionKind = "bytes"
	Predict QuestionKind = "predict"
)

// Question asks the learner something.
type Question struct {
	Kind    QuestionKind
	Options int            // Choice: how many there are
	Right   []string       // every right answer: option numbers from 1, numbers, texts
	Filter  *filter.Filter // Filter: a right one; all that show the same packets are
	Bytes   []byte         // Bytes
	About   Match          // Predict
}
