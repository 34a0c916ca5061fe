package pages

import (
	"errors"
	"net/http"

	"mqttlab/mqttcore/spec"
)

// Error is a request that the pages refuse; Deps.Problem gets it.
type Error struct {
	Status int
	Title  string
	Detail string
	Mend   string

	key  string // of the catalogue's texts; "": they are as they stand
	args []string
}

func (e *Error) Error() string { return e.Title + ": " + e.Detail }

// refusal is an Error whose texts are in the catalogue: as page.refuse.KEY, and
// what it says in detail and how to mend it, where it does, as KEY.detail and
// KEY.mend.
func refusal(status int, key string, args ...string) *Error {
	return (&Error{Status: status, key: key, args: args}).in(spec.English)
}

// in returns e in a language.
func (e *Error) in(l spec.Lang) *Error {
	if e.key == "" {
		return e
	}
	text := func(part string) string {
		key := "page.refuse." + e.key + part
		if !spec.HasMessage(key) {
			return ""
		}
		return spec.Message(l, key, e.args...)
	}
	return &Error{Status: e.Status, Title: text(""), Detail: text(".detail"), Mend: text(".mend"), key: e.key, args: e.args}
}

// textOf is an error's text in a language, if it has one.
func textOf(err error, l spec.Lang) string {
	var said interface {
		error
		Text(spec.Lang) string
	}
	if errors.As(err, &said) {
		return said.Text(l)
	}
	return err.Error()
}

// inLanguage puts the refusals that write is given into the request's language.
func inLanguage(write func(http.ResponseWriter, *http.Request, error)) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		var e *Error
		if errors.As(err, &e) {
			err = e.in(langOf(r))
		}
		write(w, r, err)
	}
}
