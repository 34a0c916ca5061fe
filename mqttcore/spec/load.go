package spec

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"sync"

	"go.yaml.in/yaml/v4"
)

//go:embed data
var data embed.FS

// file is a data file that is read on first use.
type file[T any] struct {
	path  string
	once  sync.Once
	value T
}

// get returns the content. The files are part of the binary and the tests
// read them all, so an unreadable one is a fault of the build.
func (f *file[T]) get() T {
	f.once.Do(func() { f.value = read[T](f.path) })
	return f.value
}

func read[T any](name string) T {
	var value T
	raw, err := data.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return value // a translation that is still to come; a test says so
	}
	if err == nil {
		err = yaml.Load(raw, &value, yaml.WithKnownFields(), yaml.WithUniqueKeys())
	}
	if err != nil {
		panic("spec: " + name + ": " + err.Error())
	}
	return value
}

// texts is one data file per language.
type texts[T any] map[Lang]*file[T]

func newTexts[T any](name string) texts[T] {
	t := make(texts[T], len(languages))
	for _, l := range languages {
		t[l.lang] = &file[T]{path: path.Join("data", string(l.lang), name)}
	}
	return t
}

// get returns the content for a language, of the default language when
// mqttlab does not speak l.
func (t texts[T]) get(l Lang) T { return t[l.known()].get() }

// look finds a key's entry in a language, or else in the default language.
func look[V any](t texts[map[string]V], l Lang, key string) (V, bool) {
	if v, ok := t.get(l)[key]; ok {
		return v, true
	}
	v, ok := t.get(languages[0].lang)[key]
	return v, ok
}

// names lists the YAML files of a directory in the data.
func names(dir string) []string {
	entries, err := fs.ReadDir(data, dir)
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		if path.Ext(e.Name()) == ".yaml" {
			list = append(list, path.Join(dir, e.Name()))
		}
	}
	return list
}
