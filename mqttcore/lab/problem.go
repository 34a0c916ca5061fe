package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mqttlab/mqttcore/spec"
	"mqttlab/mqttcore/strictjson"
)

// Problem is something wrong in a lab's file, at its place.
type Problem struct {
	File   string // "en.md"
	Line   int    // from 1
	Column int    // from 1, in bytes
	Key    string // of the message that says what is wrong
	Args   []string
	Of     *strictjson.Error // what {error} stands for, or nil
}

// Text says in a language what is wrong, without the place.
func (p Problem) Text(l spec.Lang) string {
	args := p.Args
	if p.Of != nil {
		args = append(slices.Clone(args), "error", strings.TrimPrefix(p.Of.Path+": "+p.Of.Text(l), ": "))
	}
	return spec.Message(l, p.Key, args...)
}

// Error returns "en.md:12:3: what is wrong" in English.
func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text(spec.English))
}

// Problems are all that is wrong with a lab, in the order of the files' lines.
type Problems []Problem

// Error returns one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
