package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What is put into a page as it is, instead of as text, is our own: this is all
// of it. Whoever adds to it says why nobody else can write into that.
var unescaped = map[string]string{
	`templ.Raw(typeTexts(pv.Lang, pv.typ, text))`:             "the catalogue's texts",
	`templ.Raw(fieldTexts(pv.Lang, n.Name, pv.typ, pv.ver))`:  "the catalogue's texts",
	`templ.Raw(string(p.HTML(doc)))`:                          "the program's own sources",
	`m.html(fieldTexts(pv.Lang, n.Name, pv.typ, pv.ver))`:     "the catalogue's texts",
	`m.html(string(b))`:                                       "JSON, in which <, > and & are escapes",
	`m.html(GroupClass(n.Group))`:                             "one of our classes",
	`m.html(GroupClass(run.Group))`:                           "one of our classes",
	`m.html(GroupClass(f.Group))`:                             "one of our classes",
	`m.html(GroupClass(p.Group))`:                             "one of our classes",
	`m.html(class)`:                                           "one of our classes",
	`m.html(kind)`:                                            "one of our attributes",
	`m.html(strconv.FormatBool(b.Set))`:                       "true or false",
	`m.html(b.digit())`:                                       "a digit",
	`m.html(begin)`:                                           "one of our tags",
	`m.html(n.where())`:                                       "numbers",
	`m.html(at)`:                                              "a number",
	`m.html(pv.byteWord)`:                                     "escaped when it is made",
	"m.html(`<i hidden data-held=\"` + p.list() + `\"></i>`)": "base64",
}

// TestUnescaped: text goes through templates, or through markup.text, which
// escape it. No third way leads into a page.
func TestUnescaped(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.go", "*.templ", "../server/pages/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	raw := regexp.MustCompile(`templ\.(Raw|SafeScript|SafeScriptInline|JSUnsafeFuncCall|UnsafeJS\w*|FromGoHTML)\(|\bm\.html\(|template\.HTML\b|\bunsafe\b`)
	literal := regexp.MustCompile("^m\\.html\\((`[^`]*`|\"[^\"]*\")\\)$")
	seen := make(map[string]bool)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_templ.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range raw.FindAllIndex(text, -1) {
			call := balanced(string(text[at[0]:]))
			if _, ok := unescaped[call]; ok {
				seen[call] = true
			} else if !literal.MatchString(call) && !numbersOnly(call) {
				t.Errorf("%s puts %s into a page as it is", file, call)
			}
		}
	}
	for call := range unescaped {
		if !seen[call] {
			t.Errorf("nothing says %s any more", call)
		}
	}
}

// balanced is the beginning of s up to where its first bracket is closed.
func balanced(s string) string {
	depth := 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s[:i+1]
			}
		case '\n':
			if depth == 0 {
				return s[:i]
			}
		}
	}
	return s
}

// numbersOnly is whether a call puts only literals and numbers together.
func numbersOnly(call string) bool {
	inside, ok := strings.CutPrefix(call, "m.html(")
	parts := regexp.MustCompile("`[^`]*`|\"[^\"]*\"|(strconv\\.Itoa|hexAt)\\([\\w.+()]*\\)").ReplaceAllString(strings.TrimSuffix(inside, ")"), "_")
	return ok && !slices.ContainsFunc(strings.Split(parts, "+"), func(part string) bool { return strings.TrimSpace(part) != "_" })
}
