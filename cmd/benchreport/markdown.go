package main

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
)

// What stands around the tables in README.md.
const (
	quoteBegins = "<!-- make quote: begin -->\n"
	quoteEnds   = "<!-- make quote: end -->\n"
)

// replaced puts tables between the markers of a text.
func replaced(text, tables string) (string, error) {
	before, rest, ok := strings.Cut(text, quoteBegins)
	_, after, ok2 := strings.Cut(rest, quoteEnds)
	if !ok || !ok2 {
		return "", errors.New("the markers are missing between which the tables stand")
	}
	return before + quoteBegins + tables + quoteEnds + after, nil
}

// rows are the rows of all tables.
func rows() iter.Seq[row] {
	return func(yield func(row) bool) {
		for _, t := range tables {
			for _, r := range t.Rows {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// figures are those of all cells.
func (r row) figures() iter.Seq[figure] {
	return func(yield func(figure) bool) {
		for _, c := range r.Cells {
			for _, f := range c.Figures {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// quoted is the part of the report that README.md has: where and when, and the
// tables.
func (r *Report) quoted() string {
	var b strings.Builder
	of := "one run of each"
	if r.Rounds > 1 {
		of = fmt.Sprintf("medians of %d runs of each", r.Rounds)
	}
	fmt.Fprintf(&b, "On %s, %s; %s.\n", r.Machine, r.Made.Format("2 January 2006"), of)
	for i, v := range r.Versions {
		b.WriteString(map[bool]string{true: "", false: ", "}[i == 0] + v.Name + " " + v.Version)
	}
	b.WriteString(".\n")
	for _, t := range tables {
		b.WriteString("\n")
		line(&b, append(slices.Clone(t.Columns), "goal"))
		line(&b, slices.Repeat([]string{"---"}, len(t.Columns)+1))
		for _, one := range t.Rows {
			cells := []string{one.What}
			for _, c := range one.Cells {
				cells = append(cells, r.fill(c))
			}
			if r.noted(one.Note) {
				cells[len(cells)-1] += " (" + one.Note.Text + ")"
			}
			line(&b, append(cells, r.verdict(one)))
		}
		b.WriteString("\n")
		if t.After != "" {
			b.WriteString(t.After + " ")
		}
		b.WriteString("Alone: " + t.alone() + ".\n")
	}
	return b.String()
}

// alone says how to run only what a table shows.
func (t table) alone() string {
	var names []string
	for _, r := range t.Rows {
		for f := range r.figures() {
			name, _, _ := strings.Cut(f.Bench, "/")
			if name = "`" + name + "`"; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return "`make bench BENCH=NAME` with " + strings.Join(names, ", ")
}

func line(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (r *Report) fill(c cell) string {
	values := make([]any, len(c.Figures))
	for i, f := range c.Figures {
		values[i] = "–"
		if have := r.find(f.Bench, f.Unit); have != nil {
			values[i] = number(have.Median)
		}
	}
	return fmt.Sprintf(c.Text, values...)
}

func (r *Report) noted(n note) bool {
	return slices.ContainsFunc(n.Benches, func(bench string) bool { return r.find(bench, n.Unit) != nil })
}

// verdict tells the goals of a row, met or not.
func (r *Report) verdict(one row) string {
	var all []string
	for f := range one.figures() {
		if f.Goal == nil {
			continue
		}
		said := "not measured"
		if have := r.find(f.Bench, f.Unit); have != nil {
			said = map[bool]string{true: "met", false: "**not met**"}[f.Goal.met(have.Median)]
		}
		text := map[bool]string{true: "≥ ", false: "≤ "}[f.Goal.Least] + strconv.FormatFloat(f.Goal.Value, 'f', -1, 64) + " " + said
		if f.Goal.What != "" {
			text = f.Goal.What + " " + text
		}
		all = append(all, text)
	}
	if same := slices.Compact(slices.Clone(all)); len(all) > 1 && len(same) == 1 {
		return "each " + all[0]
	}
	return strings.Join(all, "; ")
}

// number writes three digits that count, large ones with k, M or G.
func number(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e9:
		return digits(v/1e9) + " G"
	case a >= 1e6:
		return digits(v/1e6) + " M"
	case a >= 1e4:
		return digits(v/1e3) + " k"
	case a >= 1000:
		return strconv.FormatFloat(math.Round(v/10)*10, 'f', 0, 64)
	}
	return digits(v)
}

func digits(v float64) string {
	switch a := math.Abs(v); {
	case v == math.Trunc(v) && a < 100, a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// markdown is the whole report.
func (r *Report) markdown() string {
	var b strings.Builder
	b.WriteString("# What mqttlab takes and does\n\n" + r.quoted())
	met := 0
	for _, g := range r.Goals {
		if g.Met {
			met++
		}
	}
	fmt.Fprintf(&b, "\n%d of %d goals are met. The measuring took %s; the machine's load was %s when it began.\n", met, len(r.Goals), r.Took, r.Machine.Load)
	if len(r.Failures) > 0 {
		b.WriteString("\n## What failed\n\n")
		for _, f := range r.Failures {
			fmt.Fprintf(&b, "- round %d, `%s`: %s\n", f.Round, f.Command, strings.ReplaceAll(f.Why, "\n", "; "))
		}
	}
	b.WriteString("\n## Every figure\n\n| benchmark | median | unit | least … most | runs |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range r.Figures {
		line(&b, []string{f.Benchmark, number(f.Median), f.Unit, number(f.Min) + " … " + number(f.Max), strconv.Itoa(len(f.Values))})
	}
	b.WriteString("\n## Run by\n\n")
	for _, c := range r.Commands {
		b.WriteString("    " + c + "\n")
	}
	return b.String()
}
