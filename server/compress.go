package server

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"mqttlab/static"
)

// compressFrom is the length, in bytes, of an answer that is worth it: a
// shorter one fits into a packet or two as it is.
const compressFrom = 1400

// compressLevel packs at some hundreds of megabytes a second, since fragments
// come with every keystroke.
const compressLevel = 5

var compressor = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.CompressionLevel(compressLevel), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"text/html", "application/json", "application/problem+json", "application/x-ndjson"}))
	if err != nil {
		panic(err) // the options are constants
	}
	return wrap
}()

// compress packs answers for those who take gzip. Static files are packed
// already, and WebSockets are no answers.
func compress(next http.Handler) http.Handler {
	packed := compressor(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" || strings.HasPrefix(r.URL.Path, static.Prefix) {
			next.ServeHTTP(w, r)
			return
		}
		packed(w, r)
	})
}
