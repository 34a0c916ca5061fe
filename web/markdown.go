package web

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Labs may come from anywhere: HTML in their Markdown is left out, and so are
// links that could run anything.
var markdown = goldmark.New(goldmark.WithExtensions(
	extension.NewCJK(extension.WithEastAsianLineBreaks()), // a line that ends in Chinese goes on without a space
	extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
), goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(lineBreaks{}, 0))))

// lineBreaks puts the space where a line ends before emphasis, code or a link:
// with the East Asian rule the renderer looks at a following plain text only.
type lineBreaks struct{}

func (lineBreaks) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	source := reader.Source()
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		line, ok := n.(*ast.Text)
		if !entering || !ok || !line.SoftLineBreak() {
			return ast.WalkContinue, nil
		}
		next := n.NextSibling()
		if next == nil || next.Kind() == ast.KindText {
			return ast.WalkContinue, nil
		}
		for next.FirstChild() != nil {
			next = next.FirstChild()
		}
		before, _ := utf8.DecodeLastRune(line.Value(source))
		after := utf8.RuneError
		if begins, ok := next.(*ast.Text); ok {
			after, _ = utf8.DecodeRune(begins.Value(source))
		}
		if !util.IsEastAsianWideRune(before) || !util.IsEastAsianWideRune(after) {
			line.SetSoftLineBreak(false)
			n.Parent().InsertAfter(n.Parent(), n, ast.NewString([]byte("\n")))
		}
		return ast.WalkContinue, nil
	})
}

var citation = regexp.MustCompile(`\[(MQTT-[0-9.]+-[0-9]+)\]`)

// prosePage renders Markdown. The ids of statements in brackets, such as
// [MQTT-3.1.0-2], become links to the reference: to that version's statement,
// or, if it has none of this id, to another's.
func prosePage(prose string, v packet.Version) templ.Component {
	prose = citation.ReplaceAllStringFunc(prose, func(cited string) string {
		id := cited[1 : len(cited)-1]
		for _, v := range []packet.Version{v, packet.V5, packet.V311} {
			if _, ok := spec.Lookup(v, id); ok {
				return "[" + cited + "](" + string(ruleLink(v, id)) + ")"
			}
		}
		return cited
	})
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var out bytes.Buffer
		if err := markdown.Convert([]byte(prose), &out); err != nil {
			return err
		}
		_, err := w.Write(out.Bytes())
		return err
	})
}
