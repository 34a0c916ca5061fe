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
	"fmt"
	"io"
	"strings"

	"mqttlab/mqttcore/packet"
)

// Error is a value that cannot be written, or a key that the packet does not have.
type Error struct {
	Key  string // the JSON key, such as "will.qos" or "subscriptions[1].filter"
	Text string // what is wrong with it and what would do
}

// Is lets errors.Is find [packet.ErrTooLong].
func (e *Error) Is(target error) bool {
	return target == packet.ErrTooLong && e.Text == packet.ErrTooLong.Error()
}

func (e *Error) Error() string {
	if e.Key == "" {
		return e.Text
	}
	return e.Key + ": " + e.Text
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
		return nil, 0, nil, &Error{"type", fmt.Sprintf("%q is no Control Packet type; write one such as \"CONNECT\" or \"PUBLISH\"", h.Type)}
	}
	v := packet.V311
	if h.Version != "" {
		if v, ok = packet.ParseVersion(h.Version); !ok {
			return nil, 0, nil, &Error{"version", fmt.Sprintf("%q is no version; write \"3.1\", \"3.1.1\" or \"5.0\"", h.Version)}
		}
	}
	f := newForm(t)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(f); err != nil {
		return nil, 0, nil, jsonError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, 0, nil, &Error{"", "there is more text behind the packet's closing brace"}
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
		return nil, 0, &Error{"", err.Error()}
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
		return &Error{typeErr.Field, fmt.Sprintf("%s does not fit here; %s is wanted", typeErr.Value, wanted(typeErr.Type.String()))}
	case errors.As(err, &syntaxErr):
		return &Error{"", fmt.Sprintf("this is no JSON: %v, at character %d", syntaxErr, syntaxErr.Offset)}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &Error{"", "the JSON ends too early"}
	}
	if key, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return &Error{strings.Trim(key, `"`), "this packet type has no such key"}
	}
	return &Error{"", err.Error()}
}

func wanted(goType string) string {
	switch goType {
	case "uint8":
		return "a number from 0 to 255"
	case "uint16":
		return "a number from 0 to 65535"
	case "uint32":
		return "a number from 0 to 4294967295"
	case "string":
		return "a string"
	case "form.Override":
		return "an object of numbers by field name"
	case "bool":
		return "true or false"
	}
	if strings.HasPrefix(goType, "[]") {
		return "a list"
	}
	return "an object"
}

// hexMistake says in our words what encoding/hex found.
func hexMistake(err error) string {
	var not hex.InvalidByteError
	if errors.As(err, &not) {
		return fmt.Sprintf("%q is no hex digit; two digits of 0 to 9 and a to f are wanted for each byte", rune(not))
	}
	return "one hex digit stands alone; two are wanted for each byte"
}

// inRange checks a number that takes only some bits.
func inRange(key string, x, most int) error {
	if x < 0 || x > most {
		return &Error{key, fmt.Sprintf("%d does not fit; a number from 0 to %d is wanted", x, most)}
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
		return nil, &Error{key, fmt.Sprintf("give either %s or %s_hex, not both", key, key)}
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
	if err != nil {
		return nil, &Error{key + "_hex", hexMistake(err)}
	}
	return b, nil
}
