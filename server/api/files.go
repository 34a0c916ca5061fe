package api

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"

	"mqttlab/server/bench"
	"mqttlab/server/export"
	"mqttlab/server/limits"
)

// GivesFile says whether a path answers with a file that may be long.
func GivesFile(path string) bool {
	return strings.HasPrefix(path, "/api/benches/") && (strings.HasSuffix(path, "/capture.pcapng") ||
		strings.HasSuffix(path, "/capture.json") || strings.HasSuffix(path, "/scenario.json"))
}

// TakesFile says whether a path takes a file, which may take its time to come.
func TakesFile(path string) bool { return path == "/api/benches/import" }

// importBench makes a bench that shows the capture file (pcap, pcapng) that is
// the body, as curl sends it with --data-binary @capture.pcapng.
func (a *API) importBench(w http.ResponseWriter, r *http.Request) error {
	b, err := a.Benches.Import(a.Owner(r), func(cfg bench.Config) (*bench.Bench, error) {
		cfg.CaptureEvents, cfg.CaptureBytes = limits.CaptureEvents, limits.CaptureBytes
		return bench.Import(r.Context(), cfg, http.MaxBytesReader(w, r.Body, limits.ImportBytes))
	})
	if err != nil {
		return a.refused(w, err)
	}
	w.Header().Set("Location", "/api/benches/"+b.ID())
	return reply(w, http.StatusCreated, describe(b))
}

// pcapng gives the capture to Wireshark:
//
//	?port=1883
//
// "port" stands in place of the broker's own, so that 1883 makes Wireshark see
// MQTT by itself.
func (a *API) pcapng(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	port, err := number(r, "port", 0)
	if err == nil && port > 65535 {
		err = Say(http.StatusBadRequest, "query", "query.port", "port", strconv.FormatUint(port, 10)).at("port")
	}
	if err != nil {
		return err
	}
	return give(w, b, "application/x-pcapng", "pcapng", func(w io.Writer) error {
		return export.PCAPNG(r.Context(), w, b, Lang(r), uint16(port))
	})
}

// jsonLines gives the capture as JSON, an annotated event a line.
func (a *API) jsonLines(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	index := a.Hub(b).Cache().Index()
	return give(w, b, "application/x-ndjson", "jsonl", func(w io.Writer) error {
		return export.JSON(r.Context(), w, b, index, Lang(r))
	})
}

// scenario gives what the clients sent, and with "expect" what is to be waited
// for in between:
//
//	?expect=1
func (a *API) scenario(w http.ResponseWriter, r *http.Request, b *bench.Bench) error {
	expect := r.URL.Query().Get("expect")
	return give(w, b, "application/json", "scenario.json", func(w io.Writer) error {
		return export.Scenario(r.Context(), w, b, a.Benches.BaseOf(b), expect != "" && expect != "0")
	})
}

// give answers with a file. One that breaks off says so by a broken
// connection.
func give(w http.ResponseWriter, b *bench.Bench, kind, suffix string, write func(io.Writer) error) error {
	const shown = 8 // characters of an id, which is a secret
	id := b.ID()
	h := w.Header()
	h.Set("Content-Type", kind)
	attach(w, "mqttlab-"+id[:min(len(id), shown)]+"."+suffix)
	h.Set("Cache-Control", "no-store")
	out := bufio.NewWriterSize(w, 64<<10)
	if err := write(out); err != nil {
		panic(http.ErrAbortHandler)
	}
	if err := out.Flush(); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}
