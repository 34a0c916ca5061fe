package web

import (
	"bytes"
	"context"
	"io"
	"regexp"

	"github.com/a-h/templ"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Labs may come from anywhere: HTML in their Markdown is left out, and so are
// links that could run anything.
var markdown = goldmark.New(goldmark.WithExtensions(
	extension.NewCJK(extension.WithEastAsianLineBreaks()), // a line that ends in Chinese goes on without a space
	extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
))

var citation = regexp.MustCompile(`\[(MQTT-[0-9.]+-[0-9]+)\]`)

// prosePage renders Markdown. The ids of statements in brackets, such as
// [MQTT-3.1.0-2], become links to the reference: to that version's statement,
// or, if it has none of this id, to another's.
func prosePage(text string, v packet.Version) templ.Component {
	text = citation.ReplaceAllStringFunc(text, func(cited string) string {
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
		if err := markdown.Convert([]byte(text), &out); err != nil {
			return err
		}
		_, err := w.Write(out.Bytes())
		return err
	})
}
