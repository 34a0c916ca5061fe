package web

import (
	"cmp"
	"embed"
	"go/doc/comment"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

//go:embed help
var helpTexts embed.FS

// HelpParts lists the parts of the help in the order of the page.
var HelpParts = []string{"pages", "bench", "labs", "class", "data", "api", "commands"}

// Help says which part of the help is shown, and holds what comes from the
// program itself.
type Help struct {
	Part     string
	Lang     spec.Lang
	Commands []Command
	Calls    []Call
}

// Command is a command of the program, as its help says it.
type Command struct {
	Name string
	Help string // all of "mqttlab NAME -h"
}

// Call is a call of the JSON interface.
type Call struct {
	Method, Path string
	Doc          string // Go doc comment that begins with Name
	Name         string
}

func (h Help) path(part string) templ.SafeURL {
	if part == HelpParts[0] {
		return "/help"
	}
	return templ.SafeURL("/help/" + part)
}

// text is the prose of the part, or "".
func (h Help) text() string {
	text, err := helpTexts.ReadFile("help/" + string(h.Lang) + "/" + h.Part + ".md")
	if err != nil {
		return "" // not every part has any
	}
	return string(text)
}

func (h Help) prose() templ.Component { return prosePage(h.text(), packet.V5) }

// manual is what Go documentation says about labs.
func (h Help) manual() templ.Component { return goDoc(lab.Manual(), 2) }

// calls are those of the interface, by path.
func (h Help) calls() []Call {
	return slices.SortedStableFunc(slices.Values(h.Calls), func(a, b Call) int { return cmp.Compare(a.Path, b.Path) })
}

// about is what a call does, without the name of the method that does it.
func (c Call) about() templ.Component {
	text := strings.TrimPrefix(c.Doc, c.Name+" ")
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return goDoc(text, 3)
}

// goDoc renders a Go doc comment. Its links are to the sources, which the
// reader does not have: they stay words.
func goDoc(text string, level int) templ.Component {
	known := func(string, string) bool { return true }
	doc := (&comment.Parser{LookupSym: known}).Parse(text)
	p := comment.Printer{HeadingLevel: level, DocLinkURL: func(*comment.DocLink) string { return "" }}
	return templ.Raw(string(p.HTML(doc))) // of the program's own sources
}
