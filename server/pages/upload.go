package pages

import (
	"bufio"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/server/limits"
	"mqttlab/web"
)

// uiFile reads the file that is the request's body and answers with its
// packets, or with what a text says.
func (p *pages) uiFile(w http.ResponseWriter, r *http.Request) {
	ask, err := fileRequestOf(r, r.URL.Query())
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	view, text, err := p.readFile(r, r.Body, ask)
	if err != nil {
		p.Problem(w, r, unread(err))
		return
	}
	if view != nil {
		p.render(w, r, http.StatusOK, web.CaptureView(*view))
		return
	}
	d := annotate.Text(text, annotate.Options{Version: ask.version, Lang: ask.lang})
	p.render(w, r, http.StatusOK, web.Document(text, d, web.View{Lang: ask.lang}))
}

// TakesFile says whether a path takes a file, which may take its time to come.
func TakesFile(path string) bool { return path == "/ui/file" || path == "/decode/file" }

// maxParts is among how many parts of a form the file is looked for.
const maxParts = 8

// decodeFile does the same for a browser without JavaScript.
func (p *pages) decodeFile(w http.ResponseWriter, r *http.Request) {
	parts, err := r.MultipartReader()
	if err != nil {
		p.errorPage(w, r, unread(err))
		return
	}
	fields := url.Values{}
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.errorPage(w, r, unread(err))
			return
		}
		if part.FormName() != "file" {
			value, _ := io.ReadAll(io.LimitReader(part, limits.HeaderBytes))
			fields.Set(part.FormName(), string(value))
			continue
		}
		fields.Set("name", part.FileName())
		ask, err := fileRequestOf(r, fields)
		if err != nil {
			p.errorPage(w, r, err)
			return
		}
		view, text, err := p.readFile(r, part, ask)
		if err != nil {
			p.errorPage(w, r, unread(err))
			return
		}
		form := web.DecodeForm{Text: text, Version: "auto", Filter: ask.filter, Capture: view}
		var doc *annotate.Document
		if view == nil {
			d := annotate.Text(text, annotate.Options{Version: ask.version, Lang: ask.lang})
			doc = &d
		}
		p.render(w, r, http.StatusOK, web.DecodePage(p.page(r, p.title(r, "nav.decode"), "/decode", "js/decode.js"), form, doc))
		return
	}
	p.errorPage(w, r, refusal(http.StatusUnprocessableEntity, "no-file"))
}

// readFile is readFile when it is the request's turn.
func (p *pages) readFile(r *http.Request, file io.Reader, ask fileRequest) (*web.Capture, string, error) {
	owner := p.Owner(r)
	if p.files.Take(owner) != nil {
		return nil, "", refusal(http.StatusServiceUnavailable, "files")
	}
	defer p.files.Give(owner)
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
		return readFile(r.Context(), bufio.NewReaderSize(inTurn{file, p.turns}, 64<<10), ask)
	case <-r.Context().Done():
		return nil, "", refusal(http.StatusServiceUnavailable, "files")
	}
}

// inTurn is a file whose reader has a turn. While the file is waited for, the
// turn is another's: whoever sends slowly holds up nobody.
type inTurn struct {
	file  io.Reader
	turns chan struct{}
}

func (t inTurn) Read(b []byte) (int, error) {
	<-t.turns
	defer func() { t.turns <- struct{}{} }()
	return t.file.Read(b)
}

func fileRequestOf(r *http.Request, from url.Values) (fileRequest, error) {
	options, err := optionsOf(from.Get("version"))
	return fileRequest{name: from.Get("name"), filter: from.Get("filter"), version: options.Version, lang: langOf(r)}, err
}

func unread(err error) error {
	var refused *Error
	if errors.As(err, &refused) {
		return refused
	}
	return refusal(http.StatusBadRequest, "bad-file", "error", err.Error())
}

// uiBytes shows one packet of a capture.
func (p *pages) uiBytes(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Hex     string `json:"hex"`
		Version string `json:"version"`
		From    string `json:"from"`
		Origin  string `json:"origin"`
	}
	if err := readJSON(w, r, &asked); err != nil {
		p.Problem(w, r, err)
		return
	}
	options, err := optionsOf(asked.Version)
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	b, err := hex.DecodeString(asked.Hex)
	if err != nil || len(b) == 0 {
		p.Problem(w, r, refusal(http.StatusUnprocessableEntity, "hex"))
		return
	}
	switch asked.From {
	case "client":
		options.Sender = packet.Client
	case "server":
		options.Sender = packet.Server
	}
	options.Lang = langOf(r)
	explained := annotate.One(b, options)
	explained.VersionWhy = "" // the connection says it
	p.render(w, r, http.StatusOK, web.PacketView(explained, web.View{Scope: "file", Lang: options.Lang, Origin: asked.Origin}))
}
