// Package shelf holds the labs of a server: those that come with it and those
// of a teacher's own directory.
package shelf

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/scenario"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/spec"
	"mqttlab/mqttcore/strictjson"
	"mqttlab/web/labs"
)

// Lab is a lab with the scenarios that stand beside it.
type Lab struct {
	*lab.Lab
	Cast     *scenario.Scenario // what other clients do meanwhile; nil: nothing
	Solution *scenario.Scenario
}

// Shelf is a list of labs. It does not change.
type Shelf struct {
	labs []*Lab
	byID map[string]*Lab
}

// Problem is something wrong in a file of a lab.
type Problem struct {
	Lab string
	lab.Problem
	// Detail, if set, is said instead of the message: what a scenario's reader
	// or player says.
	Detail func(l spec.Lang) string
}

// Text says in a language what is wrong, without the place.
func (p Problem) Text(l spec.Lang) string {
	if p.Detail != nil {
		return p.Detail(l)
	}
	return p.Problem.Text(l)
}

// Problems are all that is wrong with some labs.
type Problems []Problem

// Error names the first.
func (p Problems) Error() string {
	first := p[0]
	more := ""
	if len(p) > 1 {
		more = fmt.Sprintf(" (and %d more; \"mqttlab lab check\" lists them)", len(p)-1)
	}
	return fmt.Sprintf("%s/%s:%d:%d: %s%s", first.Lab, first.File, first.Line, first.Column, first.Text(spec.English), more)
}

// Open reads the labs that come with mqttlab and those of further directories,
// one folder each. A lab of a later directory takes the place of one with the
// same id. Folders without en.md are passed over. Its error is Problems, or that
// of a directory.
func Open(own ...fs.FS) (*Shelf, error) {
	s := &Shelf{byID: make(map[string]*Lab)}
	var all Problems
	for _, dir := range append([]fs.FS{labs.FS}, own...) {
		entries, err := fs.ReadDir(dir, ".")
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if _, err := fs.Stat(dir, e.Name()+"/"+lab.FileName(spec.English)); err != nil {
				continue
			}
			l, problems, err := Read(dir, e.Name())
			if err != nil {
				return nil, err
			}
			all = append(all, problems...)
			s.byID[l.ID] = l
		}
	}
	if len(all) > 0 {
		return nil, all
	}
	for _, l := range s.byID {
		s.labs = append(s.labs, l)
	}
	slices.SortFunc(s.labs, func(a, b *Lab) int {
		return cmp.Or(cmp.Compare((a.Order+999)%1000, (b.Order+999)%1000), cmp.Compare(a.ID, b.ID))
	})
	return s, nil
}

// Read reads the lab in a folder, which is its id.
func Read(dir fs.FS, id string) (*Lab, Problems, error) {
	files := make(map[spec.Lang][]byte)
	for _, l := range spec.Languages() {
		text, err := readFile(dir, id+"/"+lab.FileName(l), lab.MaxBytes+1)
		switch {
		case err == nil:
			files[l] = text
		case l == spec.English || !errors.Is(err, fs.ErrNotExist):
			return nil, nil, err
		}
	}
	parsed, found := lab.Parse(id, files)
	out := &Lab{Lab: parsed}
	var problems Problems
	for _, p := range found {
		problems = append(problems, Problem{Lab: id, Problem: p})
	}
	for name, to := range map[string]**scenario.Scenario{SolutionFile: &out.Solution, parsed.Cast: &out.Cast} {
		if name == "" {
			continue
		}
		s, problem, err := readScenario(dir, id, name, parsed.Broker)
		if err != nil {
			return nil, nil, err
		}
		if problem != nil {
			problems = append(problems, *problem)
		}
		*to = s
	}
	if len(problems) == 0 {
		problems = out.prove()
	}
	return out, problems, nil
}

// SolutionFile stands beside every lab: a scenario that passes all its steps.
const SolutionFile = "solution.json"

func readScenario(dir fs.FS, id, name string, base broker.Config) (*scenario.Scenario, *Problem, error) {
	problem := func(line, column int, key string, detail func(spec.Lang) string) *Problem {
		return &Problem{Lab: id, Problem: lab.Problem{File: name, Line: line, Column: column, Key: key}, Detail: detail}
	}
	if !fs.ValidPath(name) {
		return nil, problem(1, 1, "lab.no-file", nil), nil
	}
	text, err := readFile(dir, id+"/"+name, scenario.MaxBytes+1)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem(1, 1, "lab.no-file", nil), nil
	}
	if err != nil {
		return nil, nil, err
	}
	s, err := scenario.Parse(text, settings.Options{Base: base})
	var mistake *strictjson.Error
	if errors.As(err, &mistake) {
		return nil, problem(mistake.Line, mistake.Column, "", func(l spec.Lang) string { return mistake.Path + ": " + mistake.Text(l) }), nil
	}
	return s, nil, err
}

// readFile reads at most so many bytes of a file.
func readFile(dir fs.FS, name string, most int64) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// prove plays the solution: it must pass every step.
func (l *Lab) prove() Problems {
	progress, failure := l.Solve(l.Solution, l.Cast, nil)
	problem := Problem{Lab: l.ID, Problem: lab.Problem{File: SolutionFile, Line: 1, Column: 1}}
	step, open := progress.Step()
	switch {
	case failure != nil:
		problem.Line, problem.Detail = max(failure.Step.Line, 1), failure.Text
	case open:
		problem.Key = "lab.unsolved"
		report := progress.Report(spec.English)[step]
		why := ""
		for _, c := range report.Checks {
			if c.State != lab.Met {
				why = c.Text + ". " + c.Note
				break
			}
		}
		problem.Args = []string{"step", report.ID, "why", why}
	default:
		return nil
	}
	return Problems{problem}
}

// Labs lists the labs in their order.
func (s *Shelf) Labs() []*Lab { return s.labs }

// Lab returns a lab by id, or nil.
func (s *Shelf) Lab(id string) *Lab { return s.byID[id] }
