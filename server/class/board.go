package class

import (
	"cmp"
	"slices"
)

// Row is a student on the teacher's board.
type Row struct {
	ID       string         `json:"id"`
	Nickname string         `json:"nickname"`
	Here     bool           `json:"here"`   // a page of theirs is open
	Lab      string         `json:"lab"`    // id of the one at hand; "": none yet
	Since    int64          `json:"since"`  // when the step at hand began
	Tries    int            `json:"tries"`  // wrong ones at that step
	Last     *Attempt       `json:"last"`   // the latest of them
	Passed   map[string]int `json:"passed"` // how many steps, by lab
}

// Board is what a teacher sees of a class.
type Board struct {
	Rev      uint64    `json:"rev"`
	Now      int64     `json:"now"`
	State    State     `json:"state"`
	Students int       `json:"students"`
	Order    []string  `json:"order,omitempty"` // ids of all, if anybody came or went
	Rows     []Row     `json:"rows"`            // those that have changed
	Clusters []Cluster `json:"clusters"`
}

// Cluster is a mistake that several make: the same byte of the same check is
// the first that differs, or the same answer was given.
type Cluster struct {
	Lab      string   `json:"lab"`
	Step     string   `json:"step"`
	Check    int      `json:"check"`
	Byte     int      `json:"byte,omitempty"`
	Want     string   `json:"want,omitempty"`
	Got      string   `json:"got,omitempty"`
	Given    string   `json:"given,omitempty"`
	Students []string `json:"students"` // ids
}

// Board returns what has changed since rev; all of it since 0.
func (c *Class) Board(since uint64) Board {
	c.mu.RLock()
	defer c.mu.RUnlock()
	b := Board{Rev: c.rev, Now: c.school.now(), State: c.state(), Students: len(c.order), Rows: []Row{}, Clusters: c.clusters()}
	for _, t := range c.order {
		if c.came > since {
			b.Order = append(b.Order, t.id)
		}
		if t.rev > since {
			b.Rows = append(b.Rows, t.row())
		}
	}
	return b
}

func (t *Student) row() Row {
	r := Row{ID: t.id, Nickname: t.nickname, Here: t.pages > 0, Lab: t.lab, Since: t.since, Tries: t.tries, Passed: make(map[string]int, len(t.passed))}
	for lab, steps := range t.passed {
		r.Passed[lab] = len(steps)
	}
	if n := len(t.attempts); n > 0 {
		last := t.attempts[n-1]
		r.Last = &last
	}
	return r
}

// clusters gathers the latest attempt of every student, the most common
// mistake first. It needs mu.
func (c *Class) clusters() []Cluster {
	type mistake struct {
		lab, step        string
		check, byte      int
		want, got, given string
	}
	at := make(map[mistake]int)
	all := []Cluster{}
	for _, t := range c.order {
		if len(t.attempts) == 0 {
			continue
		}
		a := t.attempts[len(t.attempts)-1]
		m := mistake{a.Lab, a.Step, a.Check, a.Byte, a.Want, a.Got, a.Given}
		i, ok := at[m]
		if !ok {
			i = len(all)
			at[m] = i
			all = append(all, Cluster{Lab: a.Lab, Step: a.Step, Check: a.Check, Byte: a.Byte, Want: a.Want, Got: a.Got, Given: a.Given})
		}
		all[i].Students = append(all[i].Students, t.id)
	}
	slices.SortStableFunc(all, func(a, b Cluster) int { return cmp.Compare(len(b.Students), len(a.Students)) })
	return all
}
