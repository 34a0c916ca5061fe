package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/pipe"
	"mqttlab/mqttcore/spec"
	"mqttlab/mqttcore/strictjson"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/class"
	"mqttlab/server/classroom"
	"mqttlab/server/live"
	"mqttlab/server/play"
	"mqttlab/server/study"
)

// Problem is an RFC 9457 problem document. Line and Column count characters
// from 1 in what was sent; Field names a key of the JSON that was sent; Mend
// says what to do.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Field    string `json:"field,omitempty"`
	Mend     string `json:"mend,omitempty"`

	// Of a mistake in a filter: its place, in characters from 0, and the filter
	// as it was probably meant.
	Offset *int   `json:"offset,omitempty"`
	Length int    `json:"length,omitempty"`
	Mended string `json:"mended,omitempty"`

	slug, key string // of the catalogue's texts; "": they are as they stand
	args      []string
	detail    interface{ Text(spec.Lang) string } // says what is wrong; nil: the catalogue does
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// Say returns a Problem whose texts are in the catalogue: problem.SLUG is its
// title, problem.KEY.detail and .mend, if there are, or else those of SLUG,
// what is wrong and what to do.
func Say(status int, slug, key string, args ...string) *Problem {
	return (&Problem{Type: typeOf(slug), Status: status, slug: slug, key: key, args: args}).In(spec.English)
}

// at names the key or part of the request that is wrong.
func (p *Problem) at(field string) *Problem {
	p.Field = field
	return p
}

// by lets what is wrong be said by an error.
func (p *Problem) by(detail interface{ Text(spec.Lang) string }) *Problem {
	p.detail = detail
	return p.In(spec.English)
}

// In returns p in a language.
func (p *Problem) In(l spec.Lang) *Problem {
	if p.slug == "" {
		return p
	}
	said := *p
	text := func(part string) string {
		for _, key := range []string{p.key, p.slug} {
			if key = "problem." + key + part; spec.HasMessage(key) {
				return spec.Message(l, key, words(l, p.args)...)
			}
		}
		return ""
	}
	said.Title, said.Detail, said.Mend = spec.Message(l, "problem."+p.slug), text(".detail"), text(".mend")
	if p.detail != nil {
		said.Detail = p.detail.Text(l)
	}
	return &said
}

// words puts those arguments into a language that are words of the catalogue.
func words(l spec.Lang, args []string) []string {
	out := slices.Clone(args)
	for i := 0; i+1 < len(out); i += 2 {
		switch out[i] {
		case "methods":
			out[i+1] = strings.ReplaceAll(out[i+1], ", ", spec.Message(l, "problem.or"))
		case "where":
			out[i+1] = spec.Message(l, "json."+out[i+1])
		case "value", "wanted":
			if key := "problem.kind." + out[i+1]; spec.HasMessage(key) {
				out[i+1] = spec.Message(l, key)
			}
		}
	}
	return out
}

// wrapped is an error with more to say than the table's.
type wrapped struct {
	err  error
	slug string
}

// Text says in English what the error does, and in other languages what its
// kind is, with what their own texts add.
func (w wrapped) Text(l spec.Lang) string {
	if l == spec.English {
		return w.err.Error()
	}
	text := spec.Message(l, "problem."+w.slug+".detail")
	var more interface{ Text(spec.Lang) string }
	if errors.As(w.err, &more) {
		text = spec.Message(l, "problem.more", "text", text, "more", more.Text(l))
	}
	return text
}

// problems is the one table from an error to what the caller is told: the
// messages problem.SLUG, .detail and .mend of the catalogue.
var problems = []struct {
	is     error
	slug   string
	status int
}{
	{study.ErrNothingAsked, "nothing-asked", 409},
	{study.ErrNoAnswer, "no-answer", 422},
	{study.ErrNothingBuilt, "nothing-built", 409},
	{bench.ErrNoClient, "no-client", 404},
	{bench.ErrNotVirtual, "not-virtual", 409},
	{bench.ErrOpenAlready, "open-already", 409},
	{bench.ErrNotOpen, "not-open", 409},
	{bench.ErrFull, "bench-full", 409},
	{bench.ErrTooLong, "too-long", 422},
	{bench.ErrHand, "hand", 409},
	{bench.ErrNotHand, "not-hand", 409},
	{bench.ErrUpstream, "upstream", 409},
	{bench.ErrSilent, "silent", 409},
	{bench.ErrWireFull, "wire-full", 409},
	{pipe.ErrNothing, "wire-empty", 409},
	{pipe.ErrGone, "not-waiting", 409},
	{pipe.ErrNotFirst, "not-first", 409},
	{pipe.ErrNoByte, "no-byte", 422},
	{pipe.ErrAnEnd, "no-packet", 409},
	{pipe.ErrBegun, "begun", 409},
	{pipe.ErrTooMany, "too-many-wait", 409},
	{bench.ErrStopped, "stopping", 503},
	{bench.ErrNoReplay, "no-replay", 409},
	{bench.ErrReadOnly, "read-only", 409},
	{bench.ErrNoCapture, "no-capture", 422},
	{bench.ErrNoMQTT, "no-mqtt", 422},
	{bench.ErrKept, "kept", 409},
	{benches.ErrUnknown, "no-bench", 404},
	{benches.ErrOff, "no-new-benches", 403},
	{benches.ErrMany, "too-many-benches", 409},
	{benches.ErrShare, "share", 409},
	{benches.ErrRate, "too-fast", 429},
	{benches.ErrNoPort, "no-port", 409},
	{benches.ErrFixed, "fixed", 403},
	{bench.ErrNoPublish, "no-publish", 422},
	{bench.ErrWhichOne, "which-client", 400},
	{play.ErrBusy, "busy", 409},
	{play.ErrLab, "lab", 422},
	{class.ErrCode, "no-class", 404},
	{class.ErrPersonal, "no-student", 404},
	{class.ErrGuesses, "guesses", 429},
	{class.ErrNickname, "nickname", 422},
	{class.ErrTaken, "taken", 409},
	{class.ErrLocked, "locked", 409},
	{class.ErrFull, "full", 409},
	{class.ErrCrowd, "crowd", 409},
	{class.ErrStudent, "not-in-class", 404},
	{class.ErrClass, "class-gone", 404},
	{class.ErrLink, "link", 410},
	{classroom.ErrTeacher, "not-the-teacher", 404},
	{classroom.ErrStudent, "no-member", 404},
	{classroom.ErrOperator, "operator", 401},
	{classroom.ErrPaused, "paused", 409},
	{classroom.ErrLookOnly, "look-only", 403},
	{classroom.ErrFast, "too-much", 429},
	{errBusy, "searches", 503},
	{errNoUpgrade, "no-upgrade", 426},
	{live.ErrFull, "viewers-full", 503},
	{errNoRoute, "no-call", 404},
}

// CrossOrigin refuses what another site's page asks for.
func CrossOrigin() *Problem {
	return Say(http.StatusForbidden, "cross-origin", "")
}

// ProblemOf finds what to tell for an error.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var f *form.Error
	if errors.As(err, &f) {
		return Say(http.StatusUnprocessableEntity, "form", "", "field", f.Key).by(inForm{f}).at(f.Key)
	}
	var mistake *strictjson.Error
	if errors.As(err, &mistake) {
		p := Say(http.StatusUnprocessableEntity, "json", "json.correct").by(mistake).at(mistake.Path)
		p.Line, p.Column = mistake.Line, mistake.Column
		return p
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return Say(http.StatusRequestEntityTooLarge, "too-large", "", "bytes", strconv.FormatInt(large.Limit, 10))
	}
	for _, row := range problems {
		if errors.Is(err, row.is) {
			p := Say(row.status, row.slug, "")
			if err.Error() != row.is.Error() {
				p = p.by(wrapped{err, row.slug})
			}
			return p
		}
	}
	return Internal()
}

// Internal is what is told of a fault of the server's own.
func Internal() *Problem { return Say(http.StatusInternalServerError, "internal", "") }

// inForm says what is wrong in a form, with the key.
type inForm struct{ *form.Error }

func (f inForm) Text(l spec.Lang) string {
	if f.Key == "" {
		return f.Error.Text(l)
	}
	return f.Key + ": " + f.Error.Text(l)
}

func typeOf(slug string) string { return "urn:mqttlab:problem:" + slug }

// WriteProblem answers with what is wrong, in the request's language.
func WriteProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	told := *p.In(Lang(r))
	if told.Instance == "" {
		told.Instance = r.URL.Path
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(told.Status)
	data, _ := json.Marshal(told) // a Problem has no value that can fail
	w.Write(append(annotate.Inert(data), '\n'))
}
