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
var markdown = goldmark.New(goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))))

var citation = regexp.MustCompile(`\[(MQTT-[0-9.]+-[0-9]+)\]`)

// prosePage renders Markdown. The ids of statements in brackets, such as
// [MQTT-3.1.0-2], become links to the reference.
func prosePage(text string, v packet.Version) templ.Component {
	text = citation.ReplaceAllStringFunc(text, func(cited string) string {
		id := cited[1 : len(cited)-1]
		if _, ok := spec.Lookup(v, id); !ok {
			return cited
		}
		return "[" + cited + "](" + string(ruleLink(v, id)) + ")"
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
