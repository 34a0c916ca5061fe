package server

import (
	"net/http"
	"strings"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/api"
	"mqttlab/server/bench"
	"mqttlab/server/class"
	"mqttlab/server/classroom"
	"mqttlab/server/pages"
)

// openClasses reads the classes that were kept; nil if there are to be none.
func (s *Server) openClasses() (*classroom.Room, error) {
	cfg := s.cfg.Classes
	if cfg == nil {
		return nil, nil
	}
	s.study.Caps = func(b *bench.Bench) broker.Config { return s.benches.BaseOf(b) }
	return classroom.Open(classroom.Config{
		Class:   class.Config{Dir: cfg.Dir, Keep: cfg.Keep, Prefix: cfg.Prefix},
		Benches: s.benches, Study: &s.study, Shelf: s.shelf, Operator: cfg.Operator, Logger: s.logger,
	})
}

func (s *Server) closeClasses() error {
	if s.classes == nil {
		return nil
	}
	return s.classes.Close()
}

// Classes returns the server's classes, or nil.
func (s *Server) Classes() *classroom.Room { return s.classes }

// Addresses returns under which addresses other machines reach the pages, such
// as http://192.0.2.7:8080; none if only this machine does.
func (s *Server) Addresses() []string {
	if s.cfg.HTTP == nil {
		return nil
	}
	return classroom.Addresses(s.cfg.HTTP.Addr(), s.cfg.TLS != nil, s.cfg.Hosts)
}

// student returns which student of a class sent a request.
func (s *Server) student(r *http.Request) classroom.Who {
	if s.classes == nil {
		return classroom.Who{}
	}
	return s.classes.Who(r)
}

// reader is what the pages of labs know of whoever asks.
func (s *Server) reader(r *http.Request) (class string, passed func(lab string) int) {
	who := s.student(r)
	if who.Student == nil {
		return "", func(string) int { return 0 }
	}
	p := who.Class.Progress(who.Student)
	return who.Class.State().Name, func(lab string) int { return p.Passed[lab] }
}

func (s *Server) classCalls() api.Classes {
	return api.Classes{Room: s.classes, Addresses: s.Addresses()}
}

func (s *Server) classPages() pages.Classes {
	return pages.Classes{Room: s.classes, Addresses: s.Addresses()}
}

// refuse answers with an error at the gate: a page for people, a problem for
// programs.
func (s *Server) refuse(service *api.API) func(http.ResponseWriter, *http.Request, error) {
	page := pages.Refuse(s.pageDeps(service))
	return func(w http.ResponseWriter, r *http.Request, err error) {
		if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/ui/") || strings.HasPrefix(r.URL.Path, "/mqtt") {
			service.Fail(w, r, err)
			return
		}
		page(w, r, noBench(err))
	}
}
