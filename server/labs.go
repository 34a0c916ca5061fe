package server

import (
	"errors"
	"io/fs"
	"net/http"
	"sync"

	"mqttlab/server/api"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/classroom"
	"mqttlab/server/limits"
	"mqttlab/server/pages"
	"mqttlab/server/shelf"
	"mqttlab/server/study"
)

// builtIn is the shelf of the labs that come with mqttlab. They are proved
// once, however many servers a program opens.
var builtIn = sync.OnceValues(func() (*shelf.Shelf, error) { return shelf.Open() })

func openShelf(own fs.FS) (*shelf.Shelf, error) {
	if own == nil {
		return builtIn()
	}
	return shelf.Open(own)
}

// labCalls gives the JSON interface what it needs for labs.
func (s *Server) labCalls() api.Labs {
	return api.Labs{Shelf: s.shelf, Room: &s.study, Begin: s.beginLab}
}

// labPages gives the pages what they need for labs.
func (s *Server) labPages() pages.Labs {
	offered, _ := s.benches.Offers()
	return pages.Labs{
		Shelf:   s.shelf,
		CanMake: func(r *http.Request) bool { return offered || s.student(r).Student != nil },
		Session: func(id string) *study.Session {
			if b := s.Bench(id); b != nil {
				return s.study.Of(b)
			}
			return nil
		},
		Make:   s.makeLab,
		Reader: s.reader,
	}
}

// beginLab begins a lab on a bench.
func (s *Server) beginLab(b *bench.Bench, l *shelf.Lab) (*study.Session, error) {
	if s.classes != nil {
		if c, t := s.classes.Student(b.ID()); t != nil {
			return s.classes.Begin(c, t, l)
		}
	}
	return s.study.Start(b, l, nil, nil)
}

// makeLab makes a bench for a lab.
func (s *Server) makeLab(_ http.ResponseWriter, r *http.Request, l *shelf.Lab) (string, error) {
	if who := s.student(r); who.Student != nil {
		if _, err := s.classes.Begin(who.Class, who.Student, l); err != nil {
			return "", noBench(err)
		}
		return classroom.StudentBench(who.Student.ID()), nil
	}
	b, err := s.benches.Ask(benches.Request{From: limits.From(r.RemoteAddr), Broker: s.benches.Base()})
	if err != nil {
		return "", noBench(err)
	}
	if _, err := s.beginLab(b, l); err != nil {
		return "", errors.Join(err, s.benches.Remove(b.ID()))
	}
	return b.ID(), nil
}

// noBench says to a page why there is no bench.
func noBench(err error) error { return api.ProblemOf(err) }
