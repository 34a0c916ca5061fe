package class

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Grade is what a student has reached in a lab. The names are the columns of
// nbgrader's exported grades.
type Grade struct {
	Assignment string  `json:"assignment"` // the lab's id
	DueDate    string  `json:"duedate"`    // labs have none
	Timestamp  string  `json:"timestamp"`  // of the latest step, RFC 3339; "": none
	StudentID  string  `json:"student_id"`
	LastName   string  `json:"last_name"`  // nicknames only: always ""
	FirstName  string  `json:"first_name"` // the nickname
	Email      string  `json:"email"`
	RawScore   float64 `json:"raw_score"` // steps passed
	Late       float64 `json:"late_submission_penalty"`
	Score      float64 `json:"score"`
	MaxScore   float64 `json:"max_score"` // steps of the lab
	Packets    int     `json:"packets"`   // sent for the passed steps
	Bytes      int     `json:"bytes"`
	Attempts   int     `json:"attempts"` // wrong ones
}

// Lab is a lab as far as grades go.
type Lab struct {
	ID    string
	Steps int
}

// Grades lists what every student has reached in every lab.
func (c *Class) Grades(labs []Lab) []Grade {
	c.mu.RLock()
	defer c.mu.RUnlock()
	all := make([]Grade, 0, len(labs)*len(c.order))
	for _, lab := range labs {
		for _, t := range c.order {
			all = append(all, t.grade(lab))
		}
	}
	return all
}

// Record lists what one student has reached, to take away.
func (c *Class) Record(t *Student, labs []Lab) []Grade {
	c.mu.RLock()
	defer c.mu.RUnlock()
	all := make([]Grade, 0, len(labs))
	for _, lab := range labs {
		all = append(all, t.grade(lab))
	}
	return all
}

func (t *Student) grade(lab Lab) Grade {
	passed := t.passed[lab.ID]
	g := Grade{Assignment: lab.ID, StudentID: t.id, FirstName: t.nickname, MaxScore: float64(lab.Steps),
		RawScore: float64(len(passed)), Score: float64(len(passed))}
	for _, p := range passed {
		g.Packets += p.Packets
		g.Bytes += p.Bytes
		g.Attempts += p.Attempts
		g.Timestamp = time.UnixMilli(p.At).UTC().Format(time.RFC3339)
	}
	return g
}

// WriteCSV writes grades with nbgrader's columns first.
func WriteCSV(w io.Writer, grades []Grade) error {
	out := csv.NewWriter(w)
	out.Write([]string{"assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
		"late_submission_penalty", "score", "max_score", "packets", "bytes", "attempts"})
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	for _, g := range grades {
		out.Write([]string{g.Assignment, g.DueDate, g.Timestamp, g.StudentID, g.LastName, inert(g.FirstName), g.Email, number(g.RawScore),
			number(g.Late), number(g.Score), number(g.MaxScore), strconv.Itoa(g.Packets), strconv.Itoa(g.Bytes), strconv.Itoa(g.Attempts)})
	}
	out.Flush()
	return out.Error()
}

// inert keeps a spreadsheet from taking a nickname for a formula.
func inert(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune("=+-@＝＋－＠", first) { // some take the wide ones, too
		return "'" + s
	}
	return s
}
