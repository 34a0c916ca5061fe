// Package form is the typed form of a Control Packet: the JSON object that
// the builder's page, POST /api/encode and "mqttlab encode" fill in. It has
// one flat set of keys per packet type, in the specification's terms.
//
// A form may break the rules (a reserved bit, QoS 3, Packet Identifier 0):
// it is written as it says, and decoding the result names the rule. Only
// what cannot be written at all is an [Error].
package form

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Error is a value that cannot be written, or a key that the packet does not have.
type Error struct {
	Key string // the JSON key, such as "will.qos" or "subscriptions[1].filter"
	// Say and Args say what is wrong with it and what would do, as spec.Message takes them.
	Say  string
	Args []string
}

func mistake(key, say string, args ...string) *Error { return &Error{key, say, args} }

// tooLong is what is said of a packet that packet.ErrTooLong is about.
const tooLong = "form.too-long"

// Is lets errors.Is find [packet.ErrTooLong].
func (e *Error) Is(target error) bool {
	return target == packet.ErrTooLong && e.Say == tooLong
}

func (e *Error) Error() string {
	text := e.Text(spec.English)
	if e.Key == "" {
		return text
	}
	return e.Key + ": " + text
}

// Text says in a language what is wrong, without the key.
func (e *Error) Text(l spec.Lang) string {
	args := slices.Clone(e.Args)
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "wanted", "where":
			args[i+1] = spec.Message(l, args[i+1])
		}
	}
	return spec.Message(l, e.Say, args...)
}

// head is what every form has.
type head struct {
	Type    string `json:"type"`
	Version string `json:"version,omitempty"`
	// Override is written over the finished packet; see [Override].
	Override Override `json:"override,omitempty"`
}

func parse(data []byte) (packet.Packet, packet.Version, Override, error) {
	var h head
	if err := json.Unmarshal(data, &h); err != nil {
		return nil, 0, nil, jsonError(err)
	}
	t, ok := packet.ParseType(strings.ToUpper(h.Type))
	if !ok {
		return nil, 0, nil, mistake("type", "form.type", "type", strconv.Quote(h.Type))
	}
	v := packet.V311
	if h.Version != "" {
		if v, ok = packet.ParseVersion(h.Version); !ok {
			return nil, 0, nil, mistake("version", "form.version", "version", strconv.Quote(h.Version))
		}
	}
	f := newForm(t)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(f); err != nil {
		return nil, 0, nil, jsonError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, 0, nil, mistake("", "form.more")
	}
	p, err := f.packet(t, v)
	if err != nil {
		return nil, 0, nil, err
	}
	return p, v, h.Override, nil
}

// Encode reads a form and returns the packet's bytes and version.
func Encode(data []byte) ([]byte, packet.Version, error) {
	p, v, override, err := parse(data)
	if err != nil {
		return nil, 0, err
	}
	b, err := packet.Append(nil, p, v)
	if err != nil {
		if errors.Is(err, packet.ErrTooLong) {
			return nil, 0, mistake("", tooLong)
		}
		return nil, 0, mistake("", "json.bad", "error", err.Error())
	}
	if b, err = override.Apply(b, v); err != nil {
		return nil, 0, err
	}
	return b, v, nil
}

// jsonError says in our words what encoding/json found.
func jsonError(err error) error {
	var typeErr *json.UnmarshalTypeError
	var syntaxErr *json.SyntaxError
	switch {
	case errors.As(err, &typeErr):
		return mistake(typeErr.Field, "form.kind", "value", typeErr.Value, "wanted", wanted(typeErr.Type.String()))
	case errors.As(err, &syntaxErr):
		return mistake("", "form.syntax", "error", syntaxErr.Error(), "at", strconv.FormatInt(syntaxErr.Offset, 10))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return mistake("", "form.ends")
	}
	if key, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return mistake(strings.Trim(key, `"`), "form.no-key")
	}
	return mistake("", "json.bad", "error", err.Error())
}

// wanted is the key of the message that names the values of a Go type.
func wanted(goType string) string {
	switch goType {
	case "uint8":
		return "form.uint8"
	case "uint16":
		return "form.uint16"
	case "uint32":
		return "form.uint32"
	case "string":
		return "json.string"
	case "form.Override":
		return "form.override"
	case "bool":
		return "json.bool"
	}
	if strings.HasPrefix(goType, "[]") {
		return "json.list"
	}
	return "json.object"
}

// hexMistake says in our words what encoding/hex found.
func hexMistake(key string, err error) *Error {
	var not hex.InvalidByteError
	if errors.As(err, &not) {
		return mistake(key, "form.hex", "digit", strconv.QuoteRune(rune(not)))
	}
	return mistake(key, "form.odd")
}

// inRange checks a number that takes only some bits.
func inRange(key string, x, most int) error {
	if x < 0 || x > most {
		return mistake(key, "form.range", "value", strconv.Itoa(x), "most", strconv.Itoa(most))
	}
	return nil
}

// payload returns the bytes of a text, or those of hex digits. At most one of
// the two may be given.
func payload(key, text, digits string) ([]byte, error) {
	if digits == "" {
		return []byte(text), nil
	}
	if text != "" {
		return nil, mistake(key, "form.both", "key", key)
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
	if err != nil {
		return nil, hexMistake(key+"_hex", err)
	}
	return b, nil
}
