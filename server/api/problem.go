package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/pipe"
	"mqttlab/mqttcore/strictjson"
	"mqttlab/server/bench"
	"mqttlab/server/benches"
	"mqttlab/server/class"
	"mqttlab/server/classroom"
	"mqttlab/server/live"
	"mqttlab/server/play"
	"mqttlab/server/study"
)

// Problem is an RFC 9457 problem document. Line and Column count characters
// from 1 in what was sent; Field names a key of the JSON that was sent; Mend
// says what to do.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Field    string `json:"field,omitempty"`
	Mend     string `json:"mend,omitempty"`

	// Of a mistake in a filter: its place, in characters from 0, and the filter
	// as it was probably meant.
	Offset *int   `json:"offset,omitempty"`
	Length int    `json:"length,omitempty"`
	Mended string `json:"mended,omitempty"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// problems is the one table from an error to what the caller is told.
var problems = []struct {
	is     error
	slug   string
	status int
	title  string
	mend   string
}{
	{study.ErrNothingAsked, "nothing-asked", 409, "No question", "GET the lab to see the step at hand."},
	{study.ErrNoAnswer, "no-answer", 422, "Not an answer", "Give a number where one is asked, the number of an option, or bytes in hex."},
	{study.ErrNothingBuilt, "nothing-built", 409, "No packet is asked for", "GET the lab to see the step at hand."},
	{bench.ErrNoClient, "no-client", 404, "No such client", "GET the bench to see its clients."},
	{bench.ErrNotVirtual, "not-virtual", 409, "Not a virtual client", "Add a virtual client and drive that one."},
	{bench.ErrOpenAlready, "open-already", 409, "Already open", "Send on the open connection, or close it first."},
	{bench.ErrNotOpen, "not-open", 409, "Not open", "Open the client first."},
	{bench.ErrFull, "bench-full", 409, "Bench is full", "Remove clients that are no longer needed."},
	{bench.ErrTooLong, "too-long", 422, "Too long", "Send it in parts."},
	{bench.ErrHand, "hand", 409, "You are the broker", "What the broker knows is what you know."},
	{bench.ErrNotHand, "not-hand", 409, "The broker answers", "Only where a person is the broker can its answers be sent."},
	{bench.ErrUpstream, "upstream", 409, "A broker elsewhere", "Start mqttlab without -upstream to see into a broker."},
	{bench.ErrSilent, "silent", 409, "Silent", "Let it speak again, or drive another client."},
	{bench.ErrWireFull, "wire-full", 409, "Wire is full", "Step or drop what waits, or let the wire go."},
	{pipe.ErrNothing, "wire-empty", 409, "Nothing waits", "Hold the wire, and send something."},
	{pipe.ErrGone, "not-waiting", 409, "No longer waiting", "GET the wire to see what waits now."},
	{pipe.ErrNotFirst, "not-first", 409, "Not its turn", "Step the packets before it first, or drop them."},
	{pipe.ErrNoByte, "no-byte", 422, "No such byte", "Give an offset within the packet; 0 is its first byte, -1 its last."},
	{pipe.ErrAnEnd, "no-packet", 409, "Not a packet", "Let it pass, or drop it."},
	{pipe.ErrBegun, "begun", 409, "Too late", "Change packets before they begin to leave the wire."},
	{pipe.ErrTooMany, "too-many-wait", 409, "Too much waits", "Step or drop what waits."},
	{bench.ErrStopped, "stopping", 503, "Server is stopping", "Start the server again."},
	{bench.ErrNoReplay, "no-replay", 409, "No past here", "Ask without at for the state as it is."},
	{bench.ErrReadOnly, "read-only", 409, "This bench only shows a capture", "Use another bench."},
	{bench.ErrNoCapture, "no-capture", 422, "Not a capture file", "Open a pcap or pcapng file, such as Wireshark and tcpdump write."},
	{bench.ErrNoMQTT, "no-mqtt", 422, "No MQTT in this file", "On ports other than 1883 a connection is known by its CONNECT: capture from its beginning."},
	{bench.ErrKept, "kept", 409, "The broker cannot begin anew", "Start mqttlab with -broker FILE, or without -data, or use a new bench."},
	{benches.ErrUnknown, "no-bench", 404, "No such bench", "Use the bench \"main\"."},
	{benches.ErrOff, "no-new-benches", 403, "No new benches", "Use the bench \"main\", or start mqttlab with -benches and how many there may be."},
	{benches.ErrMany, "too-many-benches", 409, "Too many benches", "Remove one that is no longer needed; those that nobody uses go by themselves."},
	{benches.ErrRate, "too-fast", 429, "Too many new benches", "Wait a minute."},
	{benches.ErrNoPort, "no-port", 409, "No address for MQTT over TCP", "Ask without \"tcp\" and connect over WebSocket, or start mqttlab with more -bench-ports."},
	{benches.ErrFixed, "fixed", 403, "This bench stays", "Remove its clients instead, or set its broker anew."},
	{bench.ErrNoPublish, "no-publish", 422, "Nothing published", "Give the number of a PUBLISH, or of what it led to."},
	{bench.ErrWhichOne, "which-client", 400, "For whom?", "Add client= with the id of a client of the bench, or client_id= with a Client Identifier."},
	{play.ErrBusy, "busy", 409, "A scenario is being played", "Wait for its end, or DELETE it."},
	{play.ErrLab, "lab", 422, "This scenario is for a lab", "Play it with mqttlab lab run."},
	{class.ErrCode, "no-class", 404, "No such class", "Check the code; letters and digits are told apart on the teacher's page."},
	{class.ErrPersonal, "no-student", 404, "No such code", "Check the personal code, or join under another nickname."},
	{class.ErrGuesses, "guesses", 429, "Too many wrong codes", "Wait a minute."},
	{class.ErrNickname, "nickname", 422, "Not a nickname", "Take 1 to 24 letters, digits and signs that can be seen."},
	{class.ErrTaken, "taken", 409, "The nickname is taken", "Take another, or come back with your personal code."},
	{class.ErrLocked, "locked", 409, "The class is locked", "Ask the teacher to unlock it."},
	{class.ErrFull, "full", 409, "Full", "Delete classes, or remove students, that are no longer needed."},
	{class.ErrStudent, "not-in-class", 404, "No such student", "GET the class to see who is in it."},
	{class.ErrClass, "class-gone", 404, "No such class", "Make one."},
	{class.ErrLink, "link", 410, "The link is used up", "Make another on the teacher's page, or start mqttlab anew with the same -class."},
	{classroom.ErrTeacher, "not-the-teacher", 404, "No such class", "Use the teacher's link, or Authorization: Bearer with the class's token."},
	{classroom.ErrStudent, "no-member", 404, "Not in a class", "Join one with its code."},
	{classroom.ErrOperator, "operator", 401, "Not the operator's token", "mqttlab prints it when it starts with -class. Send it as Authorization: Bearer."},
	{classroom.ErrPaused, "paused", 409, "The class is paused", "Wait until the teacher goes on."},
	{classroom.ErrLookOnly, "look-only", 403, "Only to be looked at", "Use a bench of your own, or the one that the class shares."},
	{classroom.ErrFast, "too-much", 429, "Too much at once", "Wait some seconds."},
	{errBusy, "searches", 503, "Too much to search", "Try again in a while."},
	{errNoUpgrade, "no-upgrade", 426, "A WebSocket", "Connect with a WebSocket client."},
	{live.ErrFull, "viewers-full", 503, "Too many viewers", "Close a page that shows this bench, or try again in a while."},
	{errNoRoute, "no-call", 404, "No such call", "/help/api lists the calls."},
}

// CrossOrigin refuses what another site's page asks for.
func CrossOrigin() *Problem {
	return &Problem{Type: typeOf("cross-origin"), Title: "Not from another site", Status: http.StatusForbidden,
		Detail: "a page of another site asked for this, and only mqttlab's own pages may",
		Mend:   "Open mqttlab under the address that it printed, or call it from a program that sends no Origin."}
}

// ProblemOf finds what to tell for an error.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var f *form.Error
	if errors.As(err, &f) {
		return &Problem{Type: typeOf("form"), Title: "Packet form not understood", Status: http.StatusUnprocessableEntity,
			Detail: err.Error(), Field: f.Key, Mend: "Correct the value of " + f.Key + "."}
	}
	var mistake *strictjson.Error
	if errors.As(err, &mistake) {
		return &Problem{Type: typeOf("json"), Title: "JSON not understood", Status: http.StatusUnprocessableEntity, Detail: mistake.Text,
			Line: mistake.Line, Column: mistake.Column, Field: mistake.Path, Mend: "Correct what stands there."}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &Problem{Type: typeOf("too-large"), Title: "Too much", Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("the request is longer than %d bytes", large.Limit), Mend: "Send less at a time."}
	}
	for _, row := range problems {
		if errors.Is(err, row.is) {
			return &Problem{Type: typeOf(row.slug), Title: row.title, Status: row.status, Detail: err.Error(), Mend: row.mend}
		}
	}
	return &Problem{Type: typeOf("internal"), Title: "Something went wrong here", Status: http.StatusInternalServerError,
		Detail: "the server failed at this request; its log says more"}
}

func typeOf(slug string) string { return "urn:mqttlab:problem:" + slug }

// WriteProblem answers with what is wrong.
func WriteProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	told := *p
	if told.Instance == "" {
		told.Instance = r.URL.Path
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(told.Status)
	json.NewEncoder(w).Encode(told)
}
