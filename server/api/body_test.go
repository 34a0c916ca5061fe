package api

import (
	"bytes"
	"errors"
	"testing"

	"mqttlab/mqttcore/spec"
)

func TestParseHex(t *testing.T) {
	tests := []struct {
		text         string
		want         []byte
		line, column int // of the mistake; 0: none
	}{
		{"", []byte{}, 0, 0},
		{"c000", []byte{0xc0, 0}, 0, 0},
		{" C0\t0 0\n", []byte{0xc0, 0}, 0, 0},
		{"c", nil, 1, 1},
		{"c0\n00 1", nil, 2, 4},
		{"c0 0x00", nil, 1, 5},
		{"c0\nä", nil, 2, 1},
		{"ä c0 z", nil, 1, 1},
	}
	for _, test := range tests {
		got, err := parseHex("hex", test.text)
		var p *Problem
		if errors.As(err, &p) != (test.line > 0) {
			t.Errorf("%q: %v", test.text, err)
		} else if p != nil && (p.Line != test.line || p.Column != test.column || p.Mend == "" || p.Field != "hex") {
			t.Errorf("%q: %+v", test.text, p)
		} else if p == nil && !bytes.Equal(got, test.want) {
			t.Errorf("%q: % x", test.text, got)
		}
	}
}

func TestAcceptLanguage(t *testing.T) {
	tests := []struct {
		header string
		want   spec.Lang
	}{
		{"", spec.English},
		{"zh-CN,zh;q=0.9,en;q=0.8", spec.Chinese},
		{"en-GB,en;q=0.9,zh;q=0.8", spec.English},
		{"de, zh-Hans;q=0.5", spec.Chinese},
		{"de, *", spec.English},
		{"zh;q=0, en;q=0.1", spec.English},
		{"zh;q=x;;,,", spec.English},
	}
	for _, test := range tests {
		if got := acceptLanguage(test.header); got != test.want {
			t.Errorf("%q: %s, want %s", test.header, got, test.want)
		}
	}
}

// The table has a row of its own for each error, with all that a caller needs.
func TestProblems(t *testing.T) {
	slugs := map[string]bool{}
	for _, row := range problems {
		p := ProblemOf(row.is)
		if p.Status != row.status || p.Detail == "" || p.Title == "" || p.Mend == "" || slugs[row.slug] {
			t.Errorf("%s: %+v", row.slug, p)
		}
		slugs[row.slug] = true
	}
	if p := ProblemOf(errors.New("secret")); p.Status != 500 || p.Detail == "secret" {
		t.Errorf("an unknown error is told as %+v", p)
	}
}
