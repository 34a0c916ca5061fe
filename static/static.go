// Package static holds the files that a browser loads beside the pages: style
// sheets, ES modules and icons. They are embedded in the binary.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

//go:embed css js icons
var files embed.FS

// Prefix is the path under which [Handler] is to be mounted.
const Prefix = "/static/"

// asset is a file as it is served.
type asset struct {
	plain  []byte
	packed func() []byte // gzip; nil if that is no shorter
	kind   string
}

// assets are all files by name.
var assets = func() map[string]*asset {
	all := make(map[string]*asset)
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		if path.Ext(name) == ".js" {
			b = uncommented(b)
		}
		all[name] = newAsset(name, b)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the binary
	}
	return all
}()

// newAsset makes an asset that is packed, well and once, when somebody first
// asks for it.
func newAsset(name string, b []byte) *asset {
	return &asset{plain: b, kind: kindOf(name), packed: sync.OnceValue(func() []byte {
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			panic(err) // the level is a constant
		}
		_, _ = w.Write(b) // into memory
		_ = w.Close()
		if out.Len() >= len(b) {
			return nil
		}
		return out.Bytes()
	})}
}

func kindOf(name string) string {
	switch path.Ext(name) { // whatever the system's own table says
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// version is a hash of all files. It stands in every address, as a folder, so
// that a module's relative imports carry it too and browsers can keep a file
// for as long as they like.
var version = func() string {
	sum := sha256.New()
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, _ error) error {
		if a := assets[name]; a != nil {
			sum.Write([]byte(name))
			sum.Write([]byte{0})
			sum.Write(a.plain)
		}
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil)[:6])
}()

// URL returns the address of a file, such as "css/base.css".
func URL(name string) string { return Prefix + version + "/" + name }

// comments are those of a module that fill lines of their own.
var comments = regexp.MustCompile(`(?m)^[ \t]*(?://.*|/\*(?:[^*]|\*+[^*/])*\*+/[ \t]*)$`)

// uncommented takes these out, which are a quarter of what is sent, and leaves
// their lines, so that a browser's console names the lines of the sources.
func uncommented(b []byte) []byte {
	return comments.ReplaceAllFunc(b, func(c []byte) []byte { return bytes.Repeat([]byte("\n"), bytes.Count(c, []byte("\n"))) })
}

var comment = regexp.MustCompile(`(?s)/\*.*?\*/\s*`)

// Stylesheet puts style sheets together to one, without their comments, and
// returns its name: one request in the place of many, and what they have in
// common is packed once. It is for the time before the first request.
func Stylesheet(names ...string) string {
	var all []byte
	for _, name := range names {
		all = append(all, comment.ReplaceAll(assets[name].plain, nil)...)
		all = append(all, '\n')
	}
	sum := sha256.Sum256(all)
	name := "css/all-" + hex.EncodeToString(sum[:6]) + ".css"
	assets[name] = newAsset(name, all)
	return name
}

// Handler serves the files under [Prefix].
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		rest, current := strings.CutPrefix(name, version+"/")
		if current {
			name = rest
		}
		a := assets[name]
		if a == nil {
			h.Set("Cache-Control", "no-store")
			http.NotFound(w, r)
			return
		}
		body, tag := a.plain, version
		h.Set("Vary", "Accept-Encoding")
		if packed := a.packed(); packed != nil && takesGzip(r) {
			body, tag = packed, version+"-gzip"
			h.Set("Content-Encoding", "gzip")
		}
		if current {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-cache")
			h.Set("ETag", `"`+tag+`"`)
		}
		h.Set("Content-Type", a.kind)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	})
}

// takesGzip says whether a browser takes gzip (RFC 9110, section 12.5.3).
func takesGzip(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				weight = strings.ReplaceAll(weight, " ", "")
				return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000"
			}
		}
	}
	return false
}
