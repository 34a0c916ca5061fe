package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/flow"
	"mqttlab/mqttcore/reading"
	"mqttlab/mqttcore/spec"
)

// jsonReport shows a capture as JSON, one object a line. Its "kind" is begin,
// open, packet, part, close, note, late or end.
type jsonReport struct {
	w       *bufio.Writer
	lang    spec.Lang
	line    bytes.Buffer
	encoder *json.Encoder // to line
}

// jsonRecord is where and when something was on the wire. A packet and a part
// have, too, "packet", whose index counts the file's packets; a part has
// "size", the length that the packet should have.
type jsonRecord struct {
	Kind       string   `json:"kind"`
	Frame      int      `json:"frame,omitempty"` // from 1, as in Wireshark
	Time       string   `json:"time,omitempty"`  // RFC 3339, UTC
	Since      *float64 `json:"since,omitempty"` // seconds since the first record
	Connection int      `json:"connection,omitempty"`
	Client     string   `json:"client,omitempty"`
	Server     string   `json:"server,omitempty"`
	Transport  string   `json:"transport,omitempty"`
	From       string   `json:"from,omitempty"`  // client or server
	Cause      string   `json:"cause,omitempty"` // of a close
	Code       string   `json:"code,omitempty"`  // of a note
	Text       string   `json:"text,omitempty"`
}

func (j *jsonReport) put(v any) {
	if j.encoder == nil {
		j.encoder = json.NewEncoder(&j.line)
		j.encoder.SetEscapeHTML(false)
	}
	j.line.Reset()
	_ = j.encoder.Encode(v) // nothing that is put can fail
	// A bufio.Writer keeps its error for Flush.
	_, _ = j.w.Write(annotate.Inert(j.line.Bytes()))
}

func (j *jsonReport) begin(s *source) {
	j.put(struct {
		Kind   string `json:"kind"`
		File   string `json:"file"`
		Format string `json:"format"`
	}{"begin", s.name, s.format.String()})
}

func newJSONRecord(rec *capture.Record, since time.Duration) jsonRecord {
	r := jsonRecord{Kind: rec.Kind.String(), Frame: rec.Frame, Connection: rec.Conn, From: rec.From.String()}
	if rec.Transport != 0 {
		r.Transport = rec.Transport.String()
	}
	if !rec.Time.IsZero() {
		seconds := since.Seconds()
		r.Time, r.Since = rec.Time.Format(time.RFC3339Nano), &seconds
	}
	if rec.Client.IsValid() {
		r.Client, r.Server = rec.Client.String(), rec.Server.String()
	}
	return r
}

func (j *jsonReport) renders() bool { return true }

// render appends a packet's line. It may run beside others.
func (j *jsonReport) render(dst []byte, x *seen, w *worker) []byte {
	dst = w.again.appendRecord(dst, x)
	dst = w.explainer.AppendJSON(append(dst, `,"packet":`...))
	if rec := &x.Record; rec.Kind == capture.Part && rec.Size != 0 {
		dst = strconv.AppendInt(append(dst, `,"size":`...), int64(rec.Size), 10)
	}
	return append(dst, "}\n"...)
}

// again are texts of the line before, which the next mostly has, too.
type again struct {
	second         int64
	date           []byte // and time, to the second
	client, server netip.AddrPort
	conn           int
	transport      capture.Transport
	ends           []byte
}

// appendRecord appends what put writes of a packet's jsonRecord, written by
// hand and without the closing brace.
func (a *again) appendRecord(dst []byte, x *seen) []byte {
	rec := &x.Record
	dst = append(append(append(dst, `{"kind":"`...), rec.Kind.String()...), '"')
	if rec.Frame != 0 {
		dst = strconv.AppendInt(append(dst, `,"frame":`...), int64(rec.Frame), 10)
	}
	if !rec.Time.IsZero() {
		dst = append(a.appendTime(append(dst, `,"time":"`...), rec.Time), '"')
		dst = appendSeconds(append(dst, `,"since":`...), x.Since)
	}
	if rec.Conn != a.conn || rec.Transport != a.transport || rec.Client != a.client || rec.Server != a.server {
		a.conn, a.transport, a.client, a.server = rec.Conn, rec.Transport, rec.Client, rec.Server
		a.ends = appendEnds(a.ends[:0], rec)
	}
	dst = append(dst, a.ends...)
	if from := x.Sender(); from != 0 {
		dst = append(append(append(dst, `,"from":"`...), from.String()...), '"')
	}
	return dst
}

// appendEnds appends what a jsonRecord has of a connection.
func appendEnds(dst []byte, rec *capture.Record) []byte {
	if rec.Conn != 0 {
		dst = strconv.AppendInt(append(dst, `,"connection":`...), int64(rec.Conn), 10)
	}
	if rec.Client.IsValid() {
		dst = rec.Client.AppendTo(append(dst, `,"client":"`...))
		dst = append(rec.Server.AppendTo(append(dst, `","server":"`...)), '"')
	}
	if rec.Transport != 0 {
		dst = append(append(append(dst, `,"transport":"`...), rec.Transport.String()...), '"')
	}
	return dst
}

// appendTime appends a time, which is in UTC, as time.RFC3339Nano has it.
func (a *again) appendTime(dst []byte, t time.Time) []byte {
	if second := t.Unix(); second != a.second || len(a.date) == 0 {
		a.second = second
		a.date = t.AppendFormat(a.date[:0], "2006-01-02T15:04:05")
	}
	return append(appendFraction(append(dst, a.date...), t.Nanosecond()), 'Z')
}

// appendFraction appends nanoseconds as the part of a second behind the point,
// without zeros at the end.
func appendFraction(dst []byte, nanoseconds int) []byte {
	if nanoseconds == 0 {
		return dst
	}
	point, unit := len(dst), 1
	for unit < 1e6 && nanoseconds%(unit*1000) == 0 {
		unit *= 1000
	}
	dst = strconv.AppendInt(dst, int64((int(time.Second)+nanoseconds)/unit), 10) // 3, 6 or 9 digits behind the first
	dst[point] = '.'
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendSeconds appends a duration in seconds as encoding/json writes a
// float64: as short as it can be, and less than a microsecond with an exponent.
func appendSeconds(dst []byte, d time.Duration) []byte {
	seconds := d.Seconds()
	// Up to fifteen digits come through a float64 as they are, if it is the
	// nearest one; so they need not be worked out from it.
	const most = 1_000_000 * time.Second
	if time.Microsecond <= d && d < most && seconds == float64(d)/float64(time.Second) {
		dst = strconv.AppendInt(dst, int64(d/time.Second), 10)
		return appendFraction(dst, int(d%time.Second))
	}
	if d != 0 && -time.Microsecond < d && d < time.Microsecond {
		dst = strconv.AppendFloat(dst, seconds, 'e', -1, 64)
		if n := len(dst); dst[n-2] == '0' { // e-09
			dst = append(dst[:n-2], dst[n-1])
		}
		return dst
	}
	return strconv.AppendFloat(dst, seconds, 'f', -1, 64)
}

func (j *jsonReport) packet(x *seen) { _, _ = j.w.Write(x.lines) }

func (j *jsonReport) event(rec *capture.Record, since time.Duration) {
	r := newJSONRecord(rec, since)
	if rec.Kind == capture.Close {
		r.Cause = rec.Cause.String()
	}
	if rec.Kind == capture.Note {
		r.Code, r.Text = string(rec.Code), reading.Text(rec, j.lang)
	}
	j.put(r)
}

func (j *jsonReport) late(late flow.Late, rec *capture.Record) {
	f := annotate.Late(late, j.lang)
	j.put(struct {
		Kind       string           `json:"kind"`
		Connection int              `json:"connection"`
		Packet     int              `json:"index"`
		Finding    annotate.Finding `json:"finding"`
	}{"late", rec.Conn, late.Index, f})
}

func (j *jsonReport) end(t total) {
	out := struct {
		Kind        string     `json:"kind"`
		Format      string     `json:"format"`
		Bytes       int64      `json:"bytes"`
		Frames      int        `json:"frames"`
		Connections int        `json:"connections"`
		Packets     int        `json:"packets"`
		Shown       int        `json:"shown"`
		Lost        int64      `json:"lost"`
		Skipped     int64      `json:"skipped"`
		Forgotten   int        `json:"forgotten"`
		Error       *jsonError `json:"error,omitempty"`
	}{"end", t.format.String(), t.stats.Bytes, t.stats.Frames, t.stats.Connections, t.packets, t.shown,
		t.stats.LostBytes, t.stats.Skipped, t.forgot, nil}
	if t.err != nil {
		out.Error = &jsonError{Text: t.err.Error()}
		var fault *capture.Error
		if errors.As(t.err, &fault) {
			out.Error.Problem, out.Error.Offset, out.Error.Frame = string(fault.Problem), fault.Offset, fault.Frame
		}
	}
	j.put(out)
}

// jsonError says why a capture could not be read to its end.
type jsonError struct {
	Problem string `json:"problem,omitempty"`
	Offset  int64  `json:"offset"` // in the unpacked file
	Frame   int    `json:"frame"`  // frames read before it
	Text    string `json:"text"`
}
