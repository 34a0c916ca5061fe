package api

import (
	"encoding/hex"
	"errors"
	"net/http"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Annotated is the answer of /api/encode.
type Annotated struct {
	Hex    string          `json:"hex"`
	Packet annotate.Packet `json:"packet"`
}

// decode explains pasted bytes, in whatever layout:
//
//	{"text": "c0 00", "version": "auto", "lang": "en"}
//
// The answer is the annotated packets, and what was not read. "version" is
// "auto", "3.1", "3.1.1" or "5.0".
func (a *API) decode(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Text    string `json:"text"`
		Version string `json:"version"`
		Lang    string `json:"lang"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	version, ok := ParseVersion(in.Version)
	if !ok {
		return noVersion(in.Version)
	}
	lang := Lang(r)
	if l, ok := language(in.Lang); ok {
		lang = l
	}
	d := annotate.Text(in.Text, annotate.Options{Version: version, Lang: lang})
	return reply(w, http.StatusOK, &d)
}

// ParseVersion reads a protocol version as people write it; "auto" and "" are
// the zero Version: to be found out.
func ParseVersion(s string) (packet.Version, bool) {
	if s == "" || s == "auto" {
		return 0, true
	}
	return packet.ParseVersion(s)
}

func noVersion(version string) *Problem {
	return Say(http.StatusUnprocessableEntity, "version", "", "version", version).at("version")
}

// encode turns a packet's JSON form into bytes:
//
//	{"type": "PUBLISH", "topic": "a/b", "payload": "hello", "qos": 1, "packet_id": 7}
//
// The answer is its hex and the annotated packet. GET /help/commands tells more
// under encode.
func (a *API) encode(w http.ResponseWriter, r *http.Request) error {
	data, err := body(w, r)
	if err != nil {
		return err
	}
	out, err := Encode(data, Lang(r))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, out)
}

// Encode builds and explains the packet that a form's JSON describes.
func Encode(data []byte, l spec.Lang) (Annotated, error) {
	wire, version, err := Write(data)
	if err != nil {
		return Annotated{}, err
	}
	return Annotated{
		Hex:    hex.EncodeToString(wire),
		Packet: annotate.One(wire, annotate.Options{Version: version, Lang: l}),
	}, nil
}

// Write writes the packet that a form's JSON describes.
func Write(data []byte) ([]byte, packet.Version, error) {
	wire, version, err := form.Encode(data)
	if errors.Is(err, packet.ErrTooLong) {
		err = Say(http.StatusUnprocessableEntity, "too-long", "too-long.form")
	}
	return wire, version, err
}
