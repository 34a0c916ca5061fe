package pages

import (
	"encoding/hex"
	"net"
	"net/http"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/web"
)

// illustrated shows bytes as a page to read.
func (p *pages) illustrated(w http.ResponseWriter, r *http.Request) {
	l := langOf(r)
	options, err := optionsOf(r.URL.Query().Get("version"))
	if err != nil {
		p.errorPage(w, r, err)
		return
	}
	options.Lang = l
	var page web.Illustrated
	if text := r.URL.Query().Get("hex"); text != "" {
		page.Text, page.Document = text, annotate.Text(text, options)
	}
	page.Copy = p.copyAs(nil, options.Version, r)
	for i, one := range page.Document.Packets {
		b, _ := hex.DecodeString(one.Hex) // our own
		page.Copy.Bytes = append(page.Copy.Bytes, b...)
		v, _ := packet.ParseVersion(one.Version)
		page.Outcomes = append(page.Outcomes, nil)
		if one.Direction != packet.Server.String() && i < maxOutcomes {
			page.Outcomes[i] = rehearsed(b, v, nil, l)
		}
	}
	if rest := page.Document.Rest; rest != nil {
		b, _ := hex.DecodeString(rest.Hex)
		page.Copy.Bytes = append(page.Copy.Bytes, b...)
	}
	title := web.IllustratedTitle(page, l)
	p.render(w, r, http.StatusOK, web.IllustratedPage(p.page(r, title, "/illustrated"), page))
}

// maxOutcomes is of how many packets the page says what the broker does.
const maxOutcomes = 20

// hexRequest is what the fragments about given bytes are asked.
type hexRequest struct {
	Hex     string `json:"hex"`
	Version string `json:"version"`
}

// readHex reads a hexRequest.
func readHex(w http.ResponseWriter, r *http.Request) ([]byte, packet.Version, error) {
	var asked hexRequest
	if err := readJSON(w, r, &asked); err != nil {
		return nil, 0, err
	}
	options, err := optionsOf(asked.Version)
	if err != nil {
		return nil, 0, err
	}
	b, err := hex.DecodeString(asked.Hex)
	if err != nil {
		return nil, 0, noBytes(err)
	}
	return b, options.Version, nil
}

func (p *pages) uiCopy(w http.ResponseWriter, r *http.Request) {
	b, v, err := readHex(w, r)
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, web.CopyView(p.copyAs(b, v, r)))
}

func (p *pages) uiVersions(w http.ResponseWriter, r *http.Request) {
	b, v, err := readHex(w, r)
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, web.VersionsView(b, v, langOf(r)))
}

// copyAs prepares bytes to be copied; the shell command sends them to the
// bench's broker.
func (p *pages) copyAs(b []byte, v packet.Version, r *http.Request) web.CopyAs {
	c := web.CopyAs{Bytes: b, Version: v, Lang: langOf(r)}
	if p.Find != nil {
		if view, ok := p.Find(p.Bench); ok {
			c.Host, c.Port, _ = net.SplitHostPort(view.MQTTAddr)
		}
	}
	return c
}
