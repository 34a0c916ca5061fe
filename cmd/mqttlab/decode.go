package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// decodeOptions are the flags of decode.
type decodeOptions struct {
	json    bool
	verbose bool
	version packet.Version
	lang    spec.Lang
	filter  *filter.Filter // nil: every packet
}

// decode explains bytes.
func decode(ctx context.Context, args []string, std streams) int {
	f := flags("decode", "decode [-json] [-v] [-version VERSION] [-Y FILTER] [-lang LANGUAGE] [FILE...]", &std)
	var o decodeOptions
	f.BoolVar(&o.json, "json", false, "")
	f.BoolVar(&o.verbose, "v", false, "")
	expression := f.String("Y", "", "")
	version := versionFlag(f, std)
	langFlag(f, &std)
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	o.version, o.lang = *version, std.lang
	if strings.TrimSpace(*expression) != "" {
		parsed, err := filter.Parse(*expression)
		if err != nil {
			return fail(std, "decode", wrong("filter", "text", explainFilter(*expression, err, o.lang)))
		}
		o.filter = parsed
	}
	names := f.Args()
	if len(names) == 0 {
		names = []string{"-"}
	}
	status := exitFine
	for i, name := range names {
		s, err := openSource(name, std)
		if err != nil {
			status = max(status, fail(std, "decode", err))
			continue
		}
		if len(names) > 1 && !o.json {
			if i > 0 {
				fmt.Fprintln(std.out)
			}
			fmt.Fprintf(std.out, "==> %s <==\n", annotate.Visible(name))
		}
		status = max(status, decodeSource(ctx, s, o, std))
		s.close()
	}
	return status
}

// decodeSource shows one input and returns the exit status that it deserves.
func decodeSource(ctx context.Context, s *source, o decodeOptions, std streams) int {
	data, ok, err := s.document()
	if err != nil {
		return fail(std, "decode", err)
	}
	if !ok {
		return decodeStream(ctx, s, o, std)
	}
	doc := annotated(data, annotate.Options{Version: o.version, Lang: o.lang})
	if doc.Source.Bytes == 0 {
		showDocument(doc, o, std)
		return fail(std, "decode", wrong("no-bytes", "name", s.name))
	}
	if o.filter != nil {
		keep := []annotate.Packet{}
		for i := range doc.Packets {
			if o.filter.Match(filter.View{Packet: &doc.Packets[i]}) {
				keep = append(keep, doc.Packets[i])
			}
		}
		doc.Packets, doc.Rest = keep, nil
	}
	if err := showDocument(doc, o, std); err != nil {
		return fail(std, "decode", err)
	}
	return verdict(doc)
}

func showDocument(doc annotate.Document, o decodeOptions, std streams) error {
	if o.json {
		_, err := std.out.Write(append(doc.AppendJSON(nil), '\n'))
		return err
	}
	w := &failing{w: std.out}
	dump{w: w, lang: o.lang, paint: painter(std.out)}.document(doc)
	return w.err
}

// failing remembers that writing failed.
type failing struct {
	w   io.Writer
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.w.Write(p)
	f.err = err
	return n, err
}

// explainFilter says what is wrong with a filter, with a caret under the place:
//
//	there is no field mqtt.tpoic
//	  mqtt.tpoic == "a"
//	  ^^^^^^^^^^
//	did you mean: mqtt.topic == "a"
func explainFilter(expression string, err error, l spec.Lang) string {
	var mistake *filter.Error
	if !errors.As(err, &mistake) {
		return err.Error()
	}
	from := min(mistake.Offset, len(expression))
	to := min(from+mistake.Length, len(expression))
	text := fmt.Sprintf("%s\n  %s\n  %s%s", mistake.Text(l), safe(expression),
		strings.Repeat(" ", utf8.RuneCountInString(expression[:from])), strings.Repeat("^", max(1, utf8.RuneCountInString(expression[from:to]))))
	if mended := mistake.Mended(expression); mistake.Suggested && mended != expression {
		text += "\n" + spec.Message(l, "cli.meant", "filter", safe(mended))
	}
	return text
}

// annotated explains text or, where the input cannot be text, its bytes.
func annotated(data []byte, o annotate.Options) annotate.Document {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return annotate.Bytes(data, o)
	}
	return annotate.Text(string(data), o)
}

// verdict is the exit status that a document deserves.
func verdict(doc annotate.Document) int {
	if doc.Source.Bytes == 0 {
		return exitUnusable
	}
	if doc.Rest != nil || len(doc.Source.Problems) > 0 {
		return exitFindings
	}
	for _, p := range doc.Packets {
		for _, finding := range p.Findings {
			if finding.Severity == annotate.Error {
				return exitFindings
			}
		}
	}
	return exitFine
}
