package lab

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/strictjson"
)

// reader reads one file of a lab and gathers what is wrong with it.
type reader struct {
	file     string
	problems Problems
}

func (r *reader) blame(line, column int, key string, args ...string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Column: column, Key: key, Args: args})
}

// node is a YAML node with its place in the file.
type node struct {
	*yaml.Node
	above int // lines of the file above the block
}

func (n node) line() int              { return n.above + n.Line }
func (n node) with(y *yaml.Node) node { return node{y, n.above} }

func (r *reader) wrong(n node, key string, args ...string) {
	r.blame(n.line(), n.Column, key, args...)
}

// yaml reads a block; ok is false if it is empty or no YAML.
func (r *reader) yaml(b block) (_ node, ok bool) {
	if b.line == 0 {
		return node{}, false // there is no such block, which was said
	}
	var document yaml.Node
	if err := yaml.Load([]byte(b.text), &document); err != nil {
		if strings.TrimSpace(b.text) == "" {
			r.blame(b.line, 1, "lab.block-empty", "kind", b.kind)
			return node{}, false
		}
		line, column, text := 1, 1, err.Error()
		var at *yaml.LoadErrors
		if errors.As(err, &at) && len(at.Errors) > 0 {
			line, column = max(at.Errors[0].Mark.Line, 1), max(at.Errors[0].Mark.Column, 1)
		}
		r.blame(b.line-1+line, column, "lab.no-yaml", "error", text)
		return node{}, false
	}
	if len(document.Content) == 0 {
		r.blame(b.line, 1, "lab.block-empty", "kind", b.kind)
		return node{}, false
	}
	n := node{document.Content[0], b.line - 1}
	if alias := aliasIn(n.Node); alias != nil { // some bytes of them are gigabytes of values
		r.wrong(n.with(alias), "lab.no-alias")
		return node{}, false
	}
	return n, true
}

// aliasIn returns the first alias in a node, or nil.
func aliasIn(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n
	}
	for _, below := range n.Content {
		if alias := aliasIn(below); alias != nil {
			return alias
		}
	}
	return nil
}

// entries calls f for each key of a mapping, which must be one of the known.
func (r *reader) entries(n node, known []string, f func(key string, value node)) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "lab.no-mapping", "keys", strings.Join(known, ", "))
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.with(n.Content[i]), n.with(n.Content[i+1])
		switch {
		case !slices.Contains(known, key.Value):
			r.wrong(key, "lab.unknown-key", "key", key.Value, "keys", strings.Join(known, ", "))
		case seen[key.Value]:
			r.wrong(key, "lab.twice", "what", key.Value)
		default:
			seen[key.Value] = true
			f(key.Value, value)
		}
	}
}

// list calls f for each item of a list, or for a single value.
func (r *reader) list(n node, f func(item node)) {
	if n.Kind != yaml.SequenceNode {
		f(n)
		return
	}
	for _, item := range n.Content {
		f(n.with(item))
	}
}

func (r *reader) text(n node) string {
	if n.Kind != yaml.ScalarNode {
		r.wrong(n, "lab.no-text")
		return ""
	}
	return n.Value
}

func (r *reader) texts(n node) []string {
	var all []string
	r.list(n, func(item node) { all = append(all, r.text(item)) })
	return all
}

func (r *reader) whole(n node, least, most int) int {
	v, err := strconv.Atoi(r.text(n))
	if err != nil || v < least || v > most {
		r.wrong(n, "lab.no-number", "least", strconv.Itoa(least), "most", strconv.Itoa(most))
		return least
	}
	return v
}

func (r *reader) duration(n node) time.Duration {
	d, err := time.ParseDuration(r.text(n))
	if err != nil || d <= 0 {
		r.wrong(n, "lab.no-duration")
	}
	return d
}

func (r *reader) truth(n node) bool {
	switch r.text(n) {
	case "true":
		return true
	case "false":
		return false
	}
	r.wrong(n, "lab.no-truth")
	return false
}

// bytes reads hex with any white space.
func (r *reader) bytes(n node) []byte {
	b, err := unhex(r.text(n))
	if err != nil || len(b) == 0 {
		r.wrong(n, "lab.no-hex")
	}
	return b
}

// settings reads a broker's configuration: the keys of package settings.
func (r *reader) settings(n node) broker.Config {
	var all map[string]any
	if err := n.Decode(&all); err != nil {
		r.wrong(n, "lab.no-mapping", "keys", "max_qos, users, …")
		return broker.Config{}
	}
	text, err := json.Marshal(all)
	if err != nil {
		r.wrong(n, "lab.broker", "error", err.Error())
		return broker.Config{}
	}
	cfg, err := settings.Parse(text, settings.Options{})
	var mistake *strictjson.Error
	if errors.As(err, &mistake) {
		r.wrong(n, "lab.broker")
		r.problems[len(r.problems)-1].Of = mistake
	}
	return cfg
}
