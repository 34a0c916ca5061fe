package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Report is what is written as report.json.
type Report struct {
	Made     time.Time `json:"made"`
	Took     string    `json:"took"`
	Rounds   int       `json:"rounds"`
	Machine  Machine   `json:"machine"`
	Versions []Version `json:"versions"`
	Commands []string  `json:"commands"`
	Goals    []Goal    `json:"goals"`
	Figures  []*Figure `json:"figures"`
	Failures []Failure `json:"failures"` // runs that failed; their figures are missing, or of fewer rounds
}

// Figure is a metric of a benchmark in all rounds.
type Figure struct {
	Package   string    `json:"package"`
	Benchmark string    `json:"benchmark"`
	Unit      string    `json:"unit"`
	Median    float64   `json:"median"`
	Min       float64   `json:"min"`
	Max       float64   `json:"max"`
	Values    []float64 `json:"values"` // in the order of the rounds
}

// Goal is what is asked of a figure.
type Goal struct {
	Row       string  `json:"row"`
	Benchmark string  `json:"benchmark"`
	Unit      string  `json:"unit"`
	AtLeast   bool    `json:"at_least"` // else at most
	Value     float64 `json:"value"`
	Median    float64 `json:"median"`
	Met       bool    `json:"met"`
}

// Failure is a run that failed.
type Failure struct {
	Command string `json:"command"`
	Round   int    `json:"round"`
	Why     string `json:"why"`
}

// add takes what a benchmark reported in one round.
func (r *Report) add(c command, one result) {
	for _, v := range one.Values {
		if v.Unit == "ns/op" && v.Number == 0 {
			continue // a benchmark says so that this is not what it measures
		}
		f := r.find(one.Bench, v.Unit)
		if f == nil {
			f = &Figure{Package: c.Package, Benchmark: one.Bench, Unit: v.Unit}
			r.Figures = append(r.Figures, f)
		}
		f.Values = append(f.Values, v.Number)
		sorted := slices.Sorted(slices.Values(f.Values))
		f.Min, f.Max = sorted[0], sorted[len(sorted)-1]
		f.Median = (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	}
}

// find returns a figure, or nil.
func (r *Report) find(bench, unit string) *Figure {
	for _, f := range r.Figures {
		if f.Benchmark == bench && f.Unit == unit {
			return f
		}
	}
	return nil
}

func (g *goal) met(v float64) bool {
	if g.Least {
		return v >= g.Value
	}
	return v <= g.Value
}

// judge sets the goals beside the figures.
func (r *Report) judge() {
	r.Goals = nil
	for row := range rows() {
		for f := range row.figures() {
			if have := r.find(f.Bench, f.Unit); f.Goal != nil && have != nil {
				r.Goals = append(r.Goals, Goal{row.What, f.Bench, f.Unit, f.Goal.Least, f.Goal.Value, have.Median, f.Goal.met(have.Median)})
			}
		}
	}
}

// missing names the figures of the tables that the report has not.
func (r *Report) missing() (names []string) {
	for row := range rows() {
		for f := range row.figures() {
			if r.find(f.Bench, f.Unit) == nil {
				names = append(names, f.Bench+" "+f.Unit)
			}
		}
	}
	return names
}

func (r *Report) save(dir string) error {
	if err := r.write(filepath.Join(dir, "report.json")); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "report.md"), []byte(r.markdown()), 0o644)
}

func (r *Report) write(name string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(r); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}

func load(name string) (*Report, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	r := new(Report)
	return r, json.Unmarshal(data, r)
}
