package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mqttlab/mqttcore/strictjson"
	"mqttlab/server/limits"
)

// body reads a request's body, of bounded length.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limits.BodyBytes))
	if err != nil {
		return nil, unread(err)
	}
	return data, nil
}

// unread says why a body could not be read.
func unread(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return Say(http.StatusBadRequest, "body", "")
}

// decode reads the JSON object of a request into v. An empty body is an empty
// object. What v has no member for is an error, so that a misspelt key is not
// passed over.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	data, err := body(w, r)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err = d.Decode(v)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errFollows
		}
	}
	if err != nil {
		return jsonProblem(data, int(d.InputOffset()), err)
	}
	return nil
}

// jsonProblem says what is wrong with JSON, and where.
func jsonProblem(data []byte, at int, err error) *Problem {
	status, field, key := http.StatusBadRequest, "", "json.bad"
	args := []string{"error", strings.TrimPrefix(err.Error(), "json: ")}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = int(syntax.Offset) - 1
		key, args = strictjson.Syntax(err)
	case errors.As(err, &kind):
		at = int(kind.Offset) - 1
		status, field = http.StatusUnprocessableEntity, kind.Field
		value, _, _ := strings.Cut(kind.Value, " ") // "number 1e9"
		key, args = "json.kind", []string{"field", field, "value", value, "wanted", kindOf(kind.Type)}
		if field == "" {
			key = "json.body"
		}
	case errors.Is(err, io.ErrUnexpectedEOF):
		at = len(data)
		key = "json.ends"
	case errors.Is(err, errFollows):
		key = "json.follows"
	default:
		if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
			status, field = http.StatusUnprocessableEntity, strings.Trim(name, `"`)
			key, args = "json.key", []string{"key", name}
		}
	}
	p := Say(status, "json", key, args...).at(field)
	p.Line, p.Column = place(data, at)
	return p
}

var errFollows = errors.New("something follows the JSON value")

// kindOf names the kind of JSON value that becomes a Go value of type t: what
// comes behind "problem.kind." in the key of its name.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Bool:
		return "bool"
	case reflect.String:
		return "string"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Float32, reflect.Float64:
		return "number"
	}
	return "whole"
}

// place turns an offset in bytes into line and column, counted from 1.
func place(data []byte, at int) (line, column int) {
	before := data[:min(max(at, 0), len(data))]
	line = 1 + bytes.Count(before, []byte("\n"))
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	return line, 1 + utf8.RuneCount(before)
}

// parseHex reads hex digits; white space between them is passed over.
func parseHex(field, text string) ([]byte, error) {
	bad := func(at int, key string, args ...string) error {
		p := Say(http.StatusUnprocessableEntity, "hex", key, args...).at(field)
		p.Line, p.Column = place([]byte(text), at)
		return p
	}
	out := make([]byte, 0, len(text)/2)
	digits, last := 0, 0
	var high byte
	for i, c := range text {
		if unicode.IsSpace(c) {
			continue
		}
		v := strings.IndexRune("0123456789abcdef", unicode.ToLower(c))
		if v < 0 || c >= utf8.RuneSelf {
			return nil, bad(i, "hex.digit", "digit", strconv.QuoteRune(c))
		}
		if digits%2 == 1 {
			out = append(out, high<<4|byte(v))
		}
		high, last = byte(v), i
		digits++
	}
	if digits%2 == 1 {
		return nil, bad(last, "hex.odd", "digits", strconv.Itoa(digits))
	}
	return out, nil
}
