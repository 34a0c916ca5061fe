// Package coverage says of each normative statement where mqttlab checks it
// and where a transcript shows it: the table behind "mqttlab rules" and the
// pages' list of rules.
//
// Nothing is claimed here that the code does not say itself: the grammar, the
// connection's checks and the broker's decisions each name the statements on
// which they rest. Only the tables in implied.go and annotation.go are
// written by hand; a test holds them against what the code does.
//
// transcripts.txt is made from testdata by
//
//	go test ./mqttcore/coverage -update
//
// and a test fails when it is out of date.
package coverage

import (
	"slices"
	"strings"
	"sync"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Kind is a part of mqttlab that checks.
type Kind string

// The kinds of places.
const (
	Grammar    Kind = "grammar"    // each packet's bytes; Name is a packet.Violation
	Annotation Kind = "annotation" // what packet annotate remarks on; Name is the finding's code
	Connection Kind = "connection" // the packets of a connection, in package flow
	Broker     Kind = "broker"     // the embedded broker's decisions; Name is the explanation's key
)

// Kinds lists the kinds in the order in which a packet meets them.
var Kinds = []Kind{Grammar, Annotation, Connection, Broker}

// Place is where a statement is checked.
type Place struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"`
}

// Row is one statement and where it is checked.
type Row struct {
	spec.Statement
	Places      []Place  // without doubles, in the order of Kinds
	Transcripts []string // files below testdata that show it
}

// Checked says whether mqttlab judges the statement anywhere.
func (r *Row) Checked() bool { return len(r.Places) > 0 }

// Count sums up a version.
type Count struct {
	Statements int // all
	Checked    int // with a place
	Shown      int // with a transcript
	Unjudged   int // that nothing on the wire shows
	Open       int // that could be judged and are not
}

// tables holds each version's rows; they are worked out once.
var tables = map[packet.Version]func() []Row{}

func init() {
	for _, v := range packet.Versions {
		tables[v] = sync.OnceValue(func() []Row { return table(v) })
	}
}

// Rows lists the statements of a version in the specification's order. The
// caller must not change the list.
func Rows(v packet.Version) []Row {
	if t, ok := tables[v]; ok {
		return t()
	}
	return nil
}

// Of finds the row of a statement, by its id with or without brackets.
func Of(v packet.Version, id string) (Row, bool) {
	s, ok := spec.Lookup(v, id)
	if !ok {
		return Row{}, false
	}
	rows := Rows(s.Version)
	i := slices.IndexFunc(rows, func(r Row) bool { return r.ID == s.ID })
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}

// Sum counts the rows.
func Sum(rows []Row) Count {
	var c Count
	for i := range rows {
		r := &rows[i]
		c.Statements++
		if len(r.Transcripts) > 0 {
			c.Shown++
		}
		switch {
		case r.Checked():
			c.Checked++
		case r.Judged == spec.JudgedNever:
			c.Unjudged++
		default:
			c.Open++
		}
	}
	return c
}

func table(v packet.Version) []Row {
	statements := spec.Statements(v)
	rows := make([]Row, len(statements))
	at := make(map[string]int, len(statements))
	for i, s := range statements {
		rows[i].Statement = s
		at[s.ID] = i
	}
	add := func(id string, p Place) {
		// A section, or a statement of another version: 3.1 cites 3.1.1's.
		i, ok := at[id]
		if ok && !slices.Contains(rows[i].Places, p) {
			rows[i].Places = append(rows[i].Places, p)
		}
	}
	addGrammar(v, add)
	addAnnotation(v, add)
	for _, id := range flow.Statements(v) {
		add(id, Place{Kind: Connection})
	}
	for _, key := range broker.Keys() {
		for _, id := range broker.Rules(key, v) {
			add(id, Place{Broker, key})
		}
	}
	for _, l := range transcripts() {
		i, ok := at[l.id]
		if !ok || l.version != v.String() {
			continue
		}
		rows[i].Transcripts = append(rows[i].Transcripts, l.file)
		switch {
		case l.key != "":
			add(l.id, Place{Broker, l.key})
		case strings.HasPrefix(l.file, "broker/") && rows[i].Binds != spec.BindsClient && rows[i].Judged == spec.JudgedByBroker:
			add(l.id, Place{Kind: Broker}) // kept, and shown to be
		}
	}
	if v == packet.V31 {
		addSections(rows)
	}
	return rows
}

// addSections gives the sections of 3.1 what is known of the statements of
// 3.1.1 that say the same.
func addSections(rows []Row) {
	for i := range rows {
		r := &rows[i]
		for _, id := range sections31[r.ID] {
			same, _ := Of(packet.V311, id)
			for _, p := range same.Places {
				if !slices.Contains(r.Places, p) {
					r.Places = append(r.Places, p)
				}
			}
			for _, t := range same.Transcripts {
				if !slices.Contains(r.Transcripts, t) {
					r.Transcripts = append(r.Transcripts, t)
				}
			}
		}
		slices.SortStableFunc(r.Places, func(a, b Place) int {
			return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
		})
	}
}

type addPlace func(id string, p Place)

// addGrammar adds the grammar's checks. Some rest on another statement in
// another field: packet.Fault.Rule knows them, so every field is asked.
func addGrammar(v packet.Version, add addPlace) {
	for _, violation := range packet.Violations() {
		place := Place{Grammar, violation.String()}
		rule := violation.Rule(v)
		add(rule, place)
		if rule == "" {
			continue // cannot be broken in this version
		}
		for _, field := range packet.Fields() {
			fault := packet.Fault{Violation: violation, Version: v, Field: field}
			add(fault.Rule(), place)
			for _, fault.Type = range packet.Types(v) {
				for _, id := range fault.Related() {
					add(id, place)
				}
			}
		}
	}
	for _, i := range implied {
		if i.version == v {
			add(i.id, Place{Grammar, i.by.String()})
		}
	}
}

func addAnnotation(v packet.Version, add addPlace) {
	for _, a := range remarks {
		if a.version == v {
			add(a.id, Place{Annotation, a.code})
		}
	}
}
