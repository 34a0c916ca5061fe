package spec

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestMessagesAreTheSameInEveryLanguage(t *testing.T) {
	keys := Keys()
	for _, l := range Languages() {
		c := messages[l]
		texts := c.get(l)
		var missing []string
		if len(c.twice) > 0 {
			t.Errorf("%s: keys in more than one file: %v", l, c.twice)
		}
		for _, key := range keys {
			m, ok := texts[key]
			if !ok {
				missing = append(missing, key)
				continue
			}
			if strings.TrimSpace(m.text) == "" {
				t.Errorf("%s: message %s is empty", l, key)
			}
			if have, want := placeholders(m.text), placeholders(messages[English].get(English)[key].text); !slices.Equal(have, want) {
				t.Errorf("%s: message %s has placeholders %v, English has %v", l, key, have, want)
			}
		}
		if len(missing) > 0 {
			t.Errorf("data/%s/messages lacks %d keys: %s", l, len(missing), strings.Join(missing, " "))
		}
		for key := range texts {
			if !HasMessage(key) {
				t.Errorf("%s: message %s is not in English", l, key)
			}
		}
	}
}

// A key is a path of words, such as finding.packet-id-zero, so that it can
// stand in a test's name, in a data attribute and in a log.
func TestMessageKeysAreWellFormed(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)
	for _, key := range Keys() {
		if !form.MatchString(key) {
			t.Errorf("key %q is not well formed", key)
		}
	}
}

func TestEveryLanguageHasTheSameFiles(t *testing.T) {
	for _, dir := range []string{"", "messages"} {
		var want []string
		for _, l := range Languages() {
			var have []string
			for _, name := range names(path.Join("data", string(l), dir)) {
				have = append(have, path.Base(name))
			}
			if l == English {
				want = have
			} else if !slices.Equal(have, want) {
				t.Errorf("data/%s/%s has %v, English has %v", l, dir, have, want)
			}
		}
	}
}

func TestMessage(t *testing.T) {
	if got := Message(English, "no.such.key", "a", "b"); got != "⟦no.such.key a b⟧" {
		t.Errorf("unknown key: %q", got)
	}
	if got := Message("xx", "statements.why.internal"); got != Message(English, "statements.why.internal") {
		t.Errorf("unknown language: %q", got)
	}
	if Message(Chinese, "statements.why.internal") == Message(English, "statements.why.internal") {
		t.Error("Chinese and English are the same")
	}
}

func TestFill(t *testing.T) {
	for _, test := range []struct {
		text string
		args []string
		want string
	}{
		{"{a} and {b}", []string{"a", "1", "b", "2"}, "1 and 2"},
		{"{a}{a}", []string{"a", "1"}, "11"},
		{"{a} {b}", []string{"a", "{b}", "b", "x"}, "{b} x"},
		{"{a} {b}", []string{"a", "1"}, "1 {b}"},
		{"{a}", []string{"a"}, "{a}"},
		{"{} {A} {a", []string{"a", "1"}, "{} {A} {a"},
		{"{{a}}", []string{"a", "1"}, "{1}"},
		{"主题 {topic}。", []string{"topic", "a/b"}, "主题 a/b。"},
		{"plain", nil, "plain"},
		{"{n} {n:byte|bytes} {n:is|are} left", []string{"n", "1"}, "1 byte is left"},
		{"{n} {n:byte|bytes} {n:is|are} left", []string{"n", "11"}, "11 bytes are left"},
		{"{n} {n:byte|bytes}", []string{"n", "0"}, "0 bytes"},
		{"step{n:|s}", []string{"n", "1"}, "step"},
		{"{n:x} {n:a|b", []string{"n", "1"}, "{n:x} {n:a|b"},
	} {
		if got := string(newMessage(test.text).fill(nil, English, test.args)); got != test.want {
			t.Errorf("fill(%q, %q) = %q, want %q", test.text, test.args, got, test.want)
		}
	}
}

// placeholders lists the names in a template, sorted, each once.
func placeholders(text string) []string {
	var list []string
	for {
		p, after, ok := placeholder(text)
		if !ok {
			slices.Sort(list)
			return slices.Compact(list)
		}
		list = append(list, p.name)
		text = after
	}
}
