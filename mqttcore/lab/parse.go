package lab

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// The bounds of a lab: whoever needs more has written two labs.
const (
	MaxBytes = 256 << 10 // of a file
	MaxSteps = 40
)

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// IsID is whether this can be the id of a lab or of a step.
func IsID(id string) bool { return idForm.MatchString(id) }

// Parse reads a lab from its files by language; English is the one that says
// what is checked, the others translate it. Problems is empty if all is well.
func Parse(id string, files map[spec.Lang][]byte) (*Lab, Problems) {
	l := &Lab{ID: id, Version: packet.V311, words: make(map[spec.Lang]*Words)}
	main := &reader{file: FileName(spec.English)}
	l.parse(main, string(files[spec.English]))
	problems := main.problems
	for _, lang := range spec.Languages() {
		if text, ok := files[lang]; ok && lang != spec.English {
			r := &reader{file: FileName(lang)}
			l.translate(r, lang, string(text))
			problems = append(problems, r.problems...)
		}
	}
	problems.sort()
	return l, problems
}

// FileName is the name of a lab's file in a language.
func FileName(l spec.Lang) string { return string(l) + ".md" }

var frontKeys = []string{"title", "summary", "order", "minutes", "version", "broker", "clients", "cast", "hand"}

func (l *Lab) parse(r *reader, file string) {
	words := new(Words)
	l.words[spec.English] = words
	if len(file) > MaxBytes {
		r.blame(1, 1, "lab.too-long", "max", strconv.Itoa(MaxBytes))
		return
	}
	d := r.cut(file)
	if front, ok := r.yaml(d.front); ok {
		r.entries(front, frontKeys, func(key string, value node) { l.front(r, words, key, value) })
	}
	r.need(words.Title != "", 1, "title")
	r.need(words.Summary != "", 1, "summary")
	r.need(l.Minutes != 0, 1, "minutes")
	words.Intro = d.sections[0].text
	for _, b := range d.sections[0].blocks {
		r.blame(b.line-1, 1, "lab.block-before-step", "kind", b.kind)
	}
	if len(d.sections) == 1 {
		r.blame(d.sections[0].line, 1, "lab.no-steps")
	}
	if len(d.sections)-1 > MaxSteps {
		r.blame(d.sections[MaxSteps+1].line, 1, "lab.too-many-steps", "max", strconv.Itoa(MaxSteps))
		return
	}
	seen := make(map[string]bool)
	for _, s := range d.sections[1:] {
		switch {
		case s.id == "":
			r.blame(s.line, 1, "lab.no-id", "title", s.title)
		case !IsID(s.id):
			r.blame(s.line, 1, "lab.bad-id", "id", s.id)
		case seen[s.id]:
			r.blame(s.line, 1, "lab.twice", "what", s.id)
		}
		seen[s.id] = true
		l.step(r, words, s)
	}
}

func (r *reader) need(ok bool, line int, key string) {
	if !ok {
		r.blame(line, 1, "lab.lacks", "key", key)
	}
}

func (l *Lab) front(r *reader, words *Words, key string, value node) {
	switch key {
	case "title":
		words.Title = r.text(value)
	case "summary":
		words.Summary = r.text(value)
	case "order":
		l.Order = r.whole(value, 1, 999)
	case "minutes":
		l.Minutes = r.whole(value, 1, 120)
	case "version":
		v, ok := packet.ParseVersion(r.text(value))
		if !ok {
			r.wrong(value, "lab.no-version")
		}
		l.Version = v
	case "broker":
		l.Broker = r.settings(value)
	case "clients":
		l.Clients = r.texts(value)
	case "cast":
		l.Cast = r.text(value)
	case "hand":
		l.Hand = r.truth(value)
	}
}

// step reads a section as a step.
func (l *Lab) step(r *reader, words *Words, s section) {
	step := Step{ID: s.id}
	text := StepWords{Title: s.title, Text: s.text}
	for _, b := range s.blocks {
		switch b.kind {
		case "hint":
			text.Hints = append(text.Hints, b.text)
		case "after":
			if text.After != "" {
				r.blame(b.line-1, 1, "lab.twice", "what", "after")
			}
			text.After = b.text
		case "check":
			n, ok := r.yaml(b)
			if !ok {
				continue
			}
			r.list(n, func(item node) {
				check, says := r.check(item)
				step.Checks = append(step.Checks, check)
				text.Checks = append(text.Checks, says)
			})
		case "question":
			if step.Question != nil {
				r.blame(b.line-1, 1, "lab.twice", "what", "question")
			}
			if n, ok := r.yaml(b); ok {
				step.Question = r.question(n, &text.Question)
			}
		}
	}
	step.Hints = len(text.Hints)
	if !step.asks() {
		r.blame(s.line, 1, "lab.asks-nothing", "title", s.title)
	}
	l.Steps = append(l.Steps, step)
	words.Steps = append(words.Steps, text)
}

// asks is whether a learner who does nothing fails the step.
func (s *Step) asks() bool {
	if s.Question != nil {
		return true
	}
	for i := range s.Checks {
		if c := &s.Checks[i]; c.Kind != Never && (c.Kind != Saw || c.Min > 0) {
			return true
		}
	}
	return false
}

// WantsBuilt is whether the step asks for a packet to be handed in.
func (s *Step) WantsBuilt() bool {
	return slices.ContainsFunc(s.Checks, func(c Check) bool { return c.Kind == Built })
}

// translate reads the file of another language: the same steps with the same
// ids, the texts of the checks in their order, as many hints.
func (l *Lab) translate(r *reader, lang spec.Lang, file string) {
	if len(file) > MaxBytes {
		r.blame(1, 1, "lab.too-long", "max", strconv.Itoa(MaxBytes))
		return
	}
	words := new(Words)
	d := r.cut(file)
	if front, ok := r.yaml(d.front); ok {
		r.entries(front, []string{"title", "summary"}, func(key string, value node) { l.front(r, words, key, value) })
	}
	r.need(words.Title != "", 1, "title")
	r.need(words.Summary != "", 1, "summary")
	words.Intro = d.sections[0].text
	if len(d.sections)-1 != len(l.Steps) {
		r.blame(1, 1, "lab.other-steps", "have", strconv.Itoa(len(d.sections)-1), "want", strconv.Itoa(len(l.Steps)))
		return
	}
	english := l.words[spec.English]
	for i, s := range d.sections[1:] {
		if s.id != l.Steps[i].ID {
			r.blame(s.line, 1, "lab.other-step", "have", s.id, "want", l.Steps[i].ID)
		}
		words.Steps = append(words.Steps, r.translateStep(s, &l.Steps[i], &english.Steps[i]))
	}
	l.words[lang] = words
}

func (r *reader) translateStep(s section, step *Step, english *StepWords) StepWords {
	text := StepWords{Title: s.title, Text: s.text}
	for _, b := range s.blocks {
		switch b.kind {
		case "hint":
			text.Hints = append(text.Hints, b.text)
		case "after":
			text.After = b.text
		case "check":
			if n, ok := r.yaml(b); ok {
				r.list(n, func(item node) {
					says := ""
					r.entries(item, []string{"text"}, func(_ string, value node) { says = r.text(value) })
					text.Checks = append(text.Checks, says)
				})
			}
		case "question":
			if n, ok := r.yaml(b); ok {
				r.entries(n, []string{"ask", "options", "why"}, func(key string, value node) { r.ask(&text.Question, key, value) })
			}
		}
	}
	r.same(s.line, "hint", len(text.Hints), len(english.Hints))
	r.same(s.line, "check", len(text.Checks), len(english.Checks))
	r.same(s.line, "options", len(text.Question.Options), len(english.Question.Options))
	r.same(s.line, "after", count(text.After), count(english.After))
	r.same(s.line, "ask", count(text.Question.Ask), count(english.Question.Ask))
	r.same(s.line, "why", count(text.Question.Why), count(english.Question.Why))
	for i := range min(len(text.Checks), len(english.Checks)) {
		r.same(s.line, "check "+strconv.Itoa(i+1)+" text", count(text.Checks[i]), count(english.Checks[i]))
	}
	return text
}

func count(s string) int {
	if strings.TrimSpace(s) == "" {
		return 0
	}
	return 1
}

// same is for what a translation must have as many of as the lab.
func (r *reader) same(line int, what string, have, want int) {
	if have != want {
		r.blame(line, 1, "lab.other-number", "what", what, "have", strconv.Itoa(have), "want", strconv.Itoa(want))
	}
}
