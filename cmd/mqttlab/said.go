package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/spec"
	"mqttlab/mqttcore/strictjson"
	"mqttlab/server/syserr"
)

// said is an error in words of the catalogue: cli.wrong. and its key.
type said struct {
	key  string
	args []string
	err  error // what {error} is; nil: nothing
}

func wrong(key string, args ...string) error { return &said{key, args, nil} }

func because(err error, key string, args ...string) error { return &said{key, args, err} }

func (s *said) Error() string { return s.Text(spec.English) }

func (s *said) Unwrap() error { return s.err }

// Text says in a language what is wrong.
func (s *said) Text(l spec.Lang) string {
	args := s.args
	if s.err != nil {
		args = append(args[:len(args):len(args)], "error", errorText(l, s.err))
	}
	return spec.Message(l, "cli.wrong."+s.key, args...)
}

// errorText says in a language what is wrong, as far as an error can say it.
func errorText(l spec.Lang, err error) string {
	switch e := err.(type) {
	case *fs.PathError:
		return errorText(l, because(e.Err, "file", "name", annotate.Visible(e.Path)))
	case *form.Error:
		if e.Key == "" {
			return e.Text(l)
		}
		return e.Key + ": " + e.Text(l)
	case *strictjson.Error:
		text := e.Text(l)
		if e.Path != "" {
			text = e.Path + ": " + text
		}
		return spec.Message(l, "cli.place", "line", strconv.Itoa(e.Line), "column", strconv.Itoa(e.Column), "text", text)
	case *url.Error:
		return errorText(l, because(e.Err, "file", "name", e.URL))
	case syscall.Errno, *net.OpError:
		return spec.Word(l, "error", syserr.Name(err))
	case interface{ Text(spec.Lang) string }:
		return e.Text(l)
	}
	return spec.Word(l, "error", err.Error())
}

// said puts an error into the language of what is said, for package flag, which
// keeps no more of it than its text.
func (std streams) said(err error) error { return errors.New(errorText(std.lang, err)) }

// fail says what is wrong and returns the exit status for it.
func fail(std streams, command string, err error) int {
	fmt.Fprintf(std.err, "mqttlab %s: %s\n", command, harmless(errorText(std.lang, err)))
	return exitUnusable
}

// unexpected says that a command takes no argument.
func unexpected(f *flag.FlagSet) error {
	return wrong("argument", "argument", f.Arg(0), "command", f.Name())
}

// flagMistake says what package flag finds wrong with a command line.
func flagMistake(err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: "); ok {
		return wrong("flag-unknown", "flag", name)
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: "); ok {
		return wrong("flag-needs", "flag", name)
	}
	if name, ok := strings.CutPrefix(text, "bad flag syntax: "); ok {
		return wrong("flag-syntax", "flag", name)
	}
	for _, begins := range []string{"invalid value ", "invalid boolean value "} {
		rest, ok := strings.CutPrefix(text, begins)
		quoted, unquotable := strconv.QuotedPrefix(rest)
		if !ok || unquotable != nil {
			continue
		}
		value, _ := strconv.Unquote(quoted)
		rest = strings.TrimPrefix(strings.TrimPrefix(rest[len(quoted):], " for flag "), " for ")
		name, why, _ := strings.Cut(rest, ": ")
		return because(errors.New(why), "flag-value", "value", value, "flag", name)
	}
	return err
}

// say prints one of the command line's own words, in a line.
func say(w io.Writer, l spec.Lang, key string, args ...string) {
	fmt.Fprintln(w, spec.Message(l, "cli."+key, args...))
}

// harmless writes as escapes what a terminal would obey instead of showing it:
// names of files and what stands in them are not always one's own.
func harmless(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}
