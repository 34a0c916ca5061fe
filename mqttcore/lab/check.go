package lab

import (
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
)

var (
	checkKeys = []string{"saw", "never", "order", "built", "by", "from", "count", "within", "over", "without", "same", "since", "text"}
	matchKeys = []string{"packet", "bytes", "opened", "closed", "how", "by", "from"}
	endings   = []string{"fin", "rst", "server", "timeout"}
	countForm = regexp.MustCompile(`^(>=|<=)?\s*(\d{1,6})$`)
)

// check reads one check and what it says to the learner.
func (r *reader) check(n node) (c Check, says string) {
	c = Check{Min: 1, Max: -1}
	kinds := 0
	var by string
	var from packet.Party
	r.entries(n, checkKeys, func(key string, value node) {
		switch key {
		case "saw", "never", "built":
			kinds++
			c.Kind = map[string]CheckKind{"saw": Saw, "never": Never, "built": Built}[key]
			c.Match = r.match(value)
		case "order":
			kinds++
			c.Kind = Order
			if value.Kind != yaml.SequenceNode || len(value.Content) < 2 {
				r.wrong(value, "lab.no-order")
			}
			r.list(value, func(item node) { c.Order = append(c.Order, r.match(item)) })
		case "by":
			by = r.client(value)
		case "from":
			from = r.party(value)
		case "count":
			c.Min, c.Max = r.bound(value)
		case "within":
			c.Within = r.duration(value)
		case "over":
			c.Over = r.duration(value)
		case "without":
			r.list(value, func(item node) { c.Without = append(c.Without, r.match(item)) })
		case "same":
			if c.Same = r.text(value); !isField(c.Same) {
				r.wrong(value, "lab.no-field", "name", c.Same)
			}
		case "since":
			if c.SinceStep = r.text(value) == "step"; !c.SinceStep {
				r.wrong(value, "lab.no-since")
			}
		case "text":
			says = r.text(value)
		}
	})
	if n.Kind == yaml.MappingNode && kinds != 1 {
		r.wrong(n, "lab.one-kind")
	}
	switch {
	case kinds == 1 && c.Kind != Order && (c.Within > 0 || c.Over > 0 || len(c.Without) > 0 || c.Same != ""):
		r.wrong(n, "lab.only-order")
	case c.Within > 0 && c.Over > 0:
		r.wrong(n, "lab.within-over")
	}
	if by != "" {
		c.Match.By = by
	}
	if from != 0 {
		c.Match.From = from
	}
	c.Match.byClient()
	c.SinceStep = c.SinceStep || c.Kind == Never
	if c.Kind == Built && c.Match.Kind != Packet {
		r.wrong(n, "lab.built-packet")
	}
	return c, says
}

// match reads a MATCH.
func (r *reader) match(n node) (m Match) {
	if n.Kind == yaml.ScalarNode {
		m.filter(r, n)
		return m
	}
	kinds := 0
	r.entries(n, matchKeys, func(key string, value node) {
		switch key {
		case "packet":
			kinds++
			m.filter(r, value)
		case "bytes":
			kinds++
			m.Bytes = r.bytes(value)
		case "opened", "closed":
			kinds++
			m.Kind = map[string]EventKind{"opened": Opened, "closed": Closed}[key]
			if value.Value != "any" {
				m.By = r.client(value)
			}
		case "how":
			m.How = r.oneOf(value, endings)
		case "by":
			m.By = r.client(value)
		case "from":
			m.From = r.party(value)
		}
	})
	if n.Kind == yaml.MappingNode && kinds != 1 {
		r.wrong(n, "lab.one-match")
	}
	if m.How != "" && m.Kind != Closed {
		r.wrong(n, "lab.how-closed")
	}
	m.byClient()
	return m
}

// byClient makes exact bytes those of a client, if nothing else is said.
func (m *Match) byClient() {
	if m.Bytes != nil && m.From == 0 {
		m.From = packet.Client
	}
}

func (m *Match) filter(r *reader, n node) {
	if m.Filter = r.filter(n); m.Filter != nil {
		m.terms = m.Filter.Terms()
	}
}

// filter reads a display filter; nil if it is none.
func (r *reader) filter(n node) *filter.Filter {
	expr := r.text(n)
	f, err := filter.Parse(expr)
	var mistake *filter.Error
	switch {
	case errors.As(err, &mistake):
		column := n.Column
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			column++
		}
		r.blame(n.line(), column+mistake.Offset, mistake.Key, mistake.Args...)
	case expr == "":
		r.wrong(n, "lab.no-filter")
	default:
		return f
	}
	return nil
}

// shown reads the filter that is the answer to a question. The samples must be
// able to tell it from one that shows nothing, or everything.
func (r *reader) shown(n node) *filter.Filter {
	f := r.filter(n)
	if f == nil {
		return nil
	}
	if shown := shows(f); !strings.Contains(shown, "1") || !strings.Contains(shown, "0") {
		r.wrong(n, "lab.filter-blind")
	}
	return f
}

// client reads the name of a client: one of the lab's, or of its cast or a
// real one when the lab leaves that open.
func (r *reader) client(n node) string {
	name := r.text(n)
	if name == "" {
		r.wrong(n, "lab.no-client")
	}
	return name
}

func (r *reader) party(n node) packet.Party {
	if r.oneOf(n, []string{"client", "server"}) == "server" {
		return packet.Server
	}
	return packet.Client
}

func (r *reader) oneOf(n node, values []string) string {
	text := r.text(n)
	for _, v := range values {
		if v == text {
			return v
		}
	}
	r.wrong(n, "lab.one-of", "values", strings.Join(values, ", "))
	return ""
}

// bound reads "3", ">= 2" or "<= 3".
func (r *reader) bound(n node) (least, most int) {
	found := countForm.FindStringSubmatch(r.text(n))
	if found == nil {
		r.wrong(n, "lab.no-count")
		return 1, -1
	}
	number, _ := strconv.Atoi(found[2])
	switch found[1] {
	case ">=":
		return number, -1
	case "<=":
		return 0, number
	}
	return number, number
}

// isField is whether a field of packets has this name.
func isField(name string) bool {
	return slices.ContainsFunc(filter.Fields(), func(f filter.FieldInfo) bool { return f.Name == name })
}

// unhex reads hex as people write it: in groups of any size, with or without 0x
// and commas.
func unhex(s string) ([]byte, error) {
	groups := strings.Fields(strings.ReplaceAll(strings.ToLower(s), ",", " "))
	for i, group := range groups {
		groups[i] = strings.TrimPrefix(group, "0x")
	}
	return hex.DecodeString(strings.Join(groups, ""))
}

// question reads a question and its texts.
func (r *reader) question(n node, words *QuestionWords) *Question {
	q := new(Question)
	var answer node
	r.entries(n, []string{"kind", "ask", "options", "answer", "about", "why"}, func(key string, value node) {
		switch key {
		case "kind":
			q.Kind = QuestionKind(r.oneOf(value, []string{string(Choice), string(Number), string(Text), string(Filter), string(Bytes), string(Predict)}))
		case "answer":
			answer = value
		case "about":
			q.About = r.match(value)
		default:
			r.ask(words, key, value)
		}
	})
	r.need(q.Kind != "", n.line(), "kind")
	r.need(words.Ask != "", n.line(), "ask")
	q.Options = len(words.Options)
	if (q.Kind == Choice) != (q.Options > 1) {
		r.wrong(n, "lab.options")
	}
	if (answer.Node == nil) != (q.Kind == Predict) {
		r.wrong(n, "lab.answer-"+map[bool]string{true: "none", false: "lacks"}[q.Kind == Predict])
		return q
	}
	switch q.Kind {
	case Choice:
		r.list(answer, func(item node) { q.Right = append(q.Right, strconv.Itoa(r.whole(item, 1, max(q.Options, 1)))) })
	case Number:
		r.list(answer, func(item node) { q.Right = append(q.Right, strconv.Itoa(r.whole(item, -1<<31, 1<<32-1))) })
	case Text:
		q.Right = r.texts(answer)
	case Filter:
		q.Filter = r.shown(answer)
	case Bytes:
		q.Bytes = r.bytes(answer)
	}
	return q
}

// ask reads a key of a question that is text.
func (r *reader) ask(words *QuestionWords, key string, value node) {
	switch key {
	case "ask":
		words.Ask = r.text(value)
	case "options":
		words.Options = r.texts(value)
	case "why":
		words.Why = r.text(value)
	}
}
