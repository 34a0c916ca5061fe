package spec

import (
	"strings"
	"sync"

	"mqttlab/mqttcore/packet"
)

// Party says whom a statement binds.
type Party string

// The parties.
const (
	BindsClient Party = "client"
	BindsServer Party = "server"
	BindsBoth   Party = "both"
)

// Judgement says what one must see to judge whether a statement is kept.
type Judgement string

// The judgements.
const (
	JudgedByPacket     Judgement = "packet"     // the bytes of one packet
	JudgedByConnection Judgement = "connection" // the packets of one connection
	JudgedByBroker     Judgement = "broker"     // the server's behaviour over several connections, or over time
	JudgedNever        Judgement = "none"       // nothing on the wire shows it; Why says why
)

// Statement is one numbered conformance statement of a specification. Its key
// is the version and the id: the same id can mean different things in 3.1.1
// and in 5.0.
//
// MQTT 3.1 numbers no statements. There a Statement is a section, with the id
// "MQTT 3.1 §3.8".
type Statement struct {
	ID      string // MQTT-3.1.2-3
	Section string // 3.1.2.3
	Version packet.Version
	Binds   Party
	Judged  Judgement
	Why     string // for JudgedNever: a short key, see WhyText
}

// Text returns what the statement demands, in one sentence.
func (s Statement) Text(l Lang) string {
	text, _ := look(statementTexts[s.Version], l, s.ID)
	return text
}

// WhyText says in a sentence why a statement cannot be judged from what is on
// the wire, and "" for one that can be judged.
func (s Statement) WhyText(l Lang) string {
	if s.Why == "" {
		return ""
	}
	return Message(l, "statements.why."+s.Why)
}

// URL is where to read the original.
func (s Statement) URL() string { return URL(s.Version, s.Section) }

// statements are the statements of one version, in order and by id.
type statements struct {
	file file[[]row]
	once sync.Once
	list []Statement
	byID map[string]int
}

// row is one statement as the data file has it.
type row struct {
	ID      string
	Section string // the id's own section when empty
	Binds   Party
	Judged  Judgement
	Why     string
	Printed string // how the specification misprints the id, where it does
}

var statementLists = map[packet.Version]*statements{}
var statementTexts = map[packet.Version]texts[map[string]string]{}

func init() {
	for _, v := range packet.Versions {
		name := "statements-" + v.String() + ".yaml"
		statementLists[v] = &statements{file: file[[]row]{path: "data/" + name}}
		statementTexts[v] = newTexts[map[string]string](name)
	}
}

func (s *statements) load(v packet.Version) {
	s.once.Do(func() {
		rows := s.file.get()
		s.list = make([]Statement, 0, len(rows))
		s.byID = make(map[string]int, len(rows))
		for _, r := range rows {
			if r.Section == "" {
				r.Section = sectionOf(r.ID)
			}
			s.byID[r.ID] = len(s.list)
			if r.Printed != "" {
				s.byID[r.Printed] = len(s.list)
			}
			s.list = append(s.list, Statement{
				ID: r.ID, Section: r.Section, Version: v,
				Binds: r.Binds, Judged: r.Judged, Why: r.Why,
			})
		}
	})
}

// sectionOf returns the section that an id names: 3.1.2 for MQTT-3.1.2-24,
// and 3.1 for MQTT-3.1.0-1, where 0 stands for the section itself.
func sectionOf(id string) string {
	if _, section, ok := strings.Cut(id, "§"); ok {
		return section
	}
	section := strings.TrimPrefix(id, "MQTT-")
	if i := strings.LastIndexByte(section, '-'); i >= 0 {
		section = section[:i]
	}
	for strings.HasSuffix(section, ".0") {
		section = strings.TrimSuffix(section, ".0")
	}
	return section
}

// Statements lists the statements of a version in the specification's order.
// The caller must not change the list.
func Statements(v packet.Version) []Statement {
	s, ok := statementLists[v]
	if !ok {
		return nil
	}
	s.load(v)
	return s.list
}

// Lookup finds a statement by its id, with or without the square brackets
// that the specification puts around it. Some ids are misprinted in the
// specification, as MQTT-3-8.3-4 for MQTT-3.8.3-4; they are found, too. Under
// 3.1, which has no numbers, the 3.1.1 statement of that id is found.
func Lookup(v packet.Version, id string) (Statement, bool) {
	s, ok := statementLists[v]
	if !ok {
		return Statement{}, false
	}
	s.load(v)
	i, ok := s.byID[strings.Trim(id, "[]")]
	if ok {
		return s.list[i], true
	}
	if v == packet.V31 {
		return Lookup(packet.V311, id)
	}
	return Statement{}, false
}
