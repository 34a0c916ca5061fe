// Package static holds the files that a browser loads beside the pages: style
// sheets, ES modules and icons. They are embedded in the binary.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed css js icons
var files embed.FS

// Prefix is the path under which [Handler] is to be mounted.
const Prefix = "/static/"

// version is a hash of all files. It stands in every address, as a folder, so
// that a module's relative imports carry it too and browsers can keep a file
// for as long as they like.
var version = func() string {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(path)
		sum.Write([]byte(path))
		sum.Write([]byte{0})
		sum.Write(b)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the binary
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}()

// URL returns the address of a file, such as "css/base.css".
func URL(name string) string { return Prefix + version + "/" + name }

// Handler serves the files under [Prefix].
func Handler() http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		if rest, ok := strings.CutPrefix(name, version+"/"); ok {
			name = rest
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
			w.Header().Set("ETag", `"`+version+`"`)
		}
		if info, err := fs.Stat(files, name); err != nil || info.IsDir() {
			w.Header().Set("Cache-Control", "no-store")
			http.NotFound(w, r)
			return
		}
		r2 := r.Clone(r.Context())
		r2.URL.Path = "/" + name
		server.ServeHTTP(w, r2)
	})
}
