package strictjson

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// read reads a text as the tests below expect it to be.
func read(text string) error {
	doc := Parse([]byte(text))
	o := doc.Root().Object()
	o.Need("name").Text()
	o.Get("size").Int(1, 100)
	o.Get("grace").Float(1, 10)
	o.Get("on").Bool()
	for _, item := range o.Get("list").List(3) {
		item := item.Object()
		item.Get("word").Word("a", "b")
		item.Done()
	}
	for _, item := range o.Get("texts").List(2) {
		item.Text()
	}
	o.Done()
	return doc.Err()
}

func TestMistakes(t *testing.T) {
	tests := []struct {
		text string
		want string // "" for none
	}{
		{`{"name": "x", "size": 100, "grace": 1.5, "on": true, "list": [{"word": "a"}], "texts": ["1", "2"]}`, ""},
		{`{"name": ""}`, ""},
		{``, "line 1, column 1: there is nothing"},
		{" \n ", "there is nothing"},
		{`{"name": "x"`, "line 1, column 13: the JSON ends before its value does"},
		{"{\"name\": \"é\",\n \"size\": ?}", "line 2, column 10: this is no JSON: invalid character '?'"},
		{`{"name": "x"} {}`, "line 1, column 15: this is no JSON: invalid character '{' after top-level value"},
		{`{"name": "x",}`, "line 1, column 14: this is no JSON"},
		{`[]`, "line 1, column 1: a list stands here; an object is wanted"},
		{`{}`, `line 1, column 1: the key "name" is missing`},
		{`{"name": "x", "name": "y"}`, "line 1, column 15: name: this key stands here twice"},
		{`{"name": "x", "sise": 1}`, `line 1, column 15: sise: there is no such key here; is "size" meant?`},
		{`{"name": "x", "colour": 1}`, `colour: there is no such key here; there are "name", "size"`},
		{`{"name": 1}`, "line 1, column 10: name: a number stands here; a string is wanted"},
		{`{"name": "x", "size": 0}`, "size: 0 does not fit; a whole number from 1 to 100 is wanted"},
		{`{"name": "x", "size": 1.5}`, "size: 1.5 does not fit"},
		{`{"name": "x", "size": 99999999999999999999}`, "size: 99999999999999999999 does not fit"},
		{`{"name": "x", "grace": 1e999}`, "grace: 1e999 does not fit; a number from 1 to 10 is wanted"},
		{`{"name": "x", "on": "yes"}`, "on: a string stands here; true or false is wanted"},
		{`{"name": "x", "list": [{}, {"word": "c"}]}`, `line 1, column 37: list[1].word: "c" is not one of "a" and "b"`},
		{`{"name": "x", "list": [{}, {}, {}, {}]}`, "list: 4 items are too many; 3 are taken"},
		{`{"name": "x", "list": [3]}`, "list[0]: a number stands here; an object is wanted"},
		{`{"name": "x", "texts": [null]}`, "texts[0]: null stands here; a string is wanted"},
		{"{\"name\": \"x\", \"\\u202e\": 1}", `["\u202e"]: there is no such key`},
		{"{\"name\": \"x\xff\"}", "line 1, column 12: this byte is no UTF-8"},
		{strings.Repeat("[", 40) + strings.Repeat("]", 40), "more than 32 deep"},
	}
	for _, test := range tests {
		err := read(test.text)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.text, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s:\n got %v\nwant %s", test.text, err, test.want)
		}
		var mistake *Error
		if err != nil && !errors.As(err, &mistake) {
			t.Errorf("%s: %T", test.text, err)
		}
	}
}

func TestRawIsTheValue(t *testing.T) {
	doc := Parse([]byte(`{"a": [1, {"b" : "x\"y"} ], "c": null}`))
	o := doc.Root().Object()
	if got := string(o.Get("a").List(9)[1].Raw()); got != `{"b" : "x\"y"}` {
		t.Errorf("%s", got)
	}
	if c := o.Get("c"); !c.Null() || !c.Given() || string(c.Raw()) != "null" {
		t.Errorf("null is %s", c.Raw())
	}
	if o.Get("d").Given() || doc.Err() != nil {
		t.Error(doc.Err())
	}
	line, column := o.Get("a").List(9)[1].Place()
	if line != 1 || column != 11 {
		t.Errorf("line %d, column %d", line, column)
	}
}

// Whatever the text: no panic, and a mistake has a place in it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{`{"name": "x", "list": [{"word": "a"}]}`, `[[[`, "{\"\\ud800\": 1e9}", `{"a":1,"a":2}`, "\xff", `"\u0000"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := read(text)
		var mistake *Error
		if errors.As(err, &mistake) {
			lines := strings.Split(text, "\n")
			if mistake.Line < 1 || mistake.Line > len(lines) || mistake.Column < 1 || mistake.Column > 1+utf8.RuneCountInString(lines[mistake.Line-1]) {
				t.Errorf("%q: line %d, column %d", text, mistake.Line, mistake.Column)
			}
			if !utf8.ValidString(mistake.Error()) {
				t.Errorf("%q", mistake.Error())
			}
		}
	})
}
