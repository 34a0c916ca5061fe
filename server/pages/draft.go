package pages

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/hexdump"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/rehearse"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/ladder"
	"mqttlab/server/limits"
	"mqttlab/web"
)

// draftRequest is what the builder asks at each keystroke. Either Form writes
// the bytes, or Hex holds them, and Paste, if any, any text with bytes in it,
// takes the place of Hex's bytes From to To.
type draftRequest struct {
	Form      json.RawMessage `json:"form"`
	Hex       string          `json:"hex"`
	Version   string          `json:"version"` // for Hex
	Paste     string          `json:"paste"`
	From      int             `json:"from"`
	To        int             `json:"to"`        // -1: the bytes overwrite as many as they are
	Was       string          `json:"was"`       // hex of the bytes before the change
	Connected *bool           `json:"connected"` // whether the client that is to send the bytes is connected; null: there is none, or it is not known
	Held      string          `json:"held"`      // which parts of the draft the page holds, as the last draft said
}

// maxCompared is how many bytes are compared with those before a change.
const maxCompared = 4 << 10

// maxRehearsed is how many bytes are tried on a broker at each keystroke.
const maxRehearsed = 64 << 10

func (p *pages) uiDraft(w http.ResponseWriter, r *http.Request) {
	var asked draftRequest
	if err := readJSON(w, r, &asked); err != nil {
		p.Problem(w, r, err)
		return
	}
	draft, err := p.draft(asked, langOf(r))
	if err != nil {
		p.Problem(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, web.DraftView(draft))
}

// draft makes the draft that was asked for.
func (p *pages) draft(asked draftRequest, l spec.Lang) (web.Draft, error) {
	var d web.Draft
	if asked.Form != nil {
		b, v, err := p.Encode(asked.Form)
		if err != nil {
			return d, err
		}
		d = web.Draft{Bytes: b, Version: v, Follows: web.FollowsExactly}
	} else {
		options, err := optionsOf(asked.Version)
		if err != nil {
			return d, err
		}
		b, err := asked.bytes()
		if err != nil {
			return d, err
		}
		d = follow(b, options.Version)
	}
	d.Lang, d.Held, d.Connected = l, asked.Held, asked.Connected
	if was, err := hex.DecodeString(asked.Was); err == nil && len(was) <= maxCompared && len(d.Bytes) <= maxCompared {
		d.Was = was
	}
	d.Outcome = rehearsed(d.Bytes, d.Version, asked.Connected, l)
	return d, nil
}

func noBytes(err error) error {
	return refusal(http.StatusUnprocessableEntity, "no-bytes", "error", err.Error())
}

// bytes returns the bytes after the edit.
func (asked *draftRequest) bytes() ([]byte, error) {
	b, err := hex.DecodeString(asked.Hex)
	if err != nil {
		return nil, noBytes(err)
	}
	if asked.Paste == "" {
		return b, nil
	}
	pasted := hexdump.Read(asked.Paste).Bytes
	if len(pasted) == 0 {
		return nil, refusal(http.StatusUnprocessableEntity, "no-paste")
	}
	from := min(max(asked.From, 0), len(b))
	if asked.To < 0 {
		asked.To = from + len(pasted)
	}
	return slices.Replace(b, from, min(max(asked.To, from), len(b)), pasted...), nil
}

// follow makes a draft of edited bytes, and the form that follows them.
func follow(b []byte, v packet.Version) web.Draft {
	if v == 0 {
		v = packet.V311
	}
	d := web.Draft{Bytes: b, Version: v, Follows: web.FollowsNot}
	size, err := packet.Size(b)
	if next, _ := packet.Size(b[min(max(size, 0), len(b)):]); err == nil && size > 0 && next > 0 {
		return d // more than one packet
	}
	reading := form.Of(b, v)
	if reading.Form == nil {
		return d
	}
	d.Form, d.Version, d.Follows = reading.Form, reading.Version, web.FollowsPartly
	if reading.Exact {
		d.Follows = web.FollowsExactly
	}
	return d
}

// firstDraft is what the builder holds when the page opens: the bytes of its
// address, or the first form.
func (p *pages) firstDraft(r *http.Request) (web.Draft, error) {
	asked := draftRequest{Form: web.FirstForm}
	if text := r.URL.Query().Get("hex"); text != "" {
		if len(text) > limits.BodyBytes {
			return web.Draft{}, refusal(http.StatusRequestURITooLong, "too-much")
		}
		asked = draftRequest{Paste: text, Version: r.URL.Query().Get("version")}
	}
	return p.draft(asked, langOf(r))
}

// rehearsed tells what a broker does with bytes; nil: they are too many to ask
// at each keystroke.
func rehearsed(b []byte, v packet.Version, connected *bool, l spec.Lang) *web.Outcome {
	if len(b) == 0 || len(b) > maxRehearsed {
		return nil
	}
	o := rehearse.Run(b, rehearse.Options{Broker: broker.Config{}, Connected: connected, Version: v, MaxPacket: limits.PacketBytes})
	out := &web.Outcome{Connected: o.Connected, Closed: o.Closed, Missing: o.Missing}
	for _, s := range o.Steps {
		line := web.OutcomeLine{Closed: s.Closed}
		switch {
		case s.Explained != nil:
			line.Text, line.Rules = ladder.Text(l, s.Explained), s.Explained.Rules
		case s.Sent != nil:
			line.Hex = hex.EncodeToString(s.Sent)
			line.Type = packet.Type(s.Sent[0] >> 4).String()
			line.Text = strings.TrimLeft(strings.TrimPrefix(annotate.One(s.Sent, annotate.Options{Version: v, Lang: l}).Summary, line.Type), ", ")
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}
