package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

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
	return &Problem{Type: typeOf("body"), Title: "Request not read", Status: http.StatusBadRequest,
		Detail: "the request ended before its body did", Mend: "Send it again."}
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
			err = errors.New("something follows the JSON value")
		}
	}
	if err != nil {
		return jsonProblem(data, int(d.InputOffset()), err)
	}
	return nil
}

// jsonProblem says what is wrong with JSON, and where.
func jsonProblem(data []byte, at int, err error) *Problem {
	p := &Problem{Type: typeOf("json"), Title: "JSON not understood", Status: http.StatusBadRequest,
		Detail: strings.TrimPrefix(err.Error(), "json: "), Mend: "Send one JSON object with the keys that this call knows."}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = int(syntax.Offset) - 1
	case errors.As(err, &kind):
		at = int(kind.Offset) - 1
		p.Field = kind.Field
		p.Status = http.StatusUnprocessableEntity
		field := kind.Field
		if field == "" {
			field = "the body"
		}
		value, _, _ := strings.Cut(kind.Value, " ") // "number 1e9"
		p.Detail = fmt.Sprintf("%s is %s here; it must be %s", field, article(value), kindOf(kind.Type))
	case errors.Is(err, io.ErrUnexpectedEOF):
		at = len(data)
		p.Detail = "the JSON ends before its value does"
	default:
		if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
			p.Field = strings.Trim(name, `"`)
			p.Status = http.StatusUnprocessableEntity
			p.Detail = "this call has no key " + name
		}
	}
	p.Line, p.Column = place(data, at)
	return p
}

// kindOf names the kind of JSON value that becomes a Go value of type t.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number that is not too large"
}

func article(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "array", "object":
		return "an " + kind
	}
	return "a " + kind
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
	bad := func(at int, detail, mend string) error {
		line, column := place([]byte(text), at)
		return &Problem{Type: typeOf("hex"), Title: "Not hex", Status: http.StatusUnprocessableEntity,
			Detail: detail, Field: field, Line: line, Column: column, Mend: mend}
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
			return nil, bad(i, fmt.Sprintf("%q is no hex digit", c), "Use the digits 0-9 and a-f, two for each byte. POST /api/decode reads other layouts.")
		}
		if digits%2 == 1 {
			out = append(out, high<<4|byte(v))
		}
		high, last = byte(v), i
		digits++
	}
	if digits%2 == 1 {
		return nil, bad(last, fmt.Sprintf("%d hex digits make no whole bytes", digits), "Add the digit that is missing, or take this one away.")
	}
	return out, nil
}
