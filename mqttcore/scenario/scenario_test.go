package scenario

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

var update = flag.Bool("update", false, "write the golden files anew")

func parse(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := Parse([]byte(text), Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// of wraps steps into a scenario with the clients a and b.
func of(steps ...string) string {
	return `{"mqttlab": "scenario/1", "clients": [{"id": "a", "name": "A"}, {"id": "b"}], "steps": [` + strings.Join(steps, ",\n") + `]}`
}

// told writes events for people.
func told(r *Result) string {
	var b strings.Builder
	for _, e := range r.Events {
		fmt.Fprintf(&b, "%9.3f %-2s ", e.At.Seconds(), e.Client)
		switch e.Kind {
		case EventOpen:
			fmt.Fprintln(&b, "opens")
		case EventPacket:
			arrow, broken := "→", ""
			if e.From == packet.Server {
				arrow = "←"
			}
			if e.Broken {
				broken = " (broken)"
			}
			fmt.Fprintf(&b, "%s %s%s\n", arrow, annotate.Summary(e.Bytes, e.Version, spec.English), broken)
		case EventExplain:
			fmt.Fprintf(&b, "    %s %v\n", e.Why.Key, e.Why.Rules)
		case EventClose:
			fmt.Fprintf(&b, "closed by the %s, abort %t\n", e.From, e.Abort)
		}
	}
	fmt.Fprintf(&b, "%9.3f ended, failure: %v\n", r.Length.Seconds(), r.Failure)
	return b.String()
}

func TestRun(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.json")
	if len(files) == 0 {
		t.Fatal("no scenarios")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := parse(t, string(text))
		got := told(Run(s, broker.Config{}))
		if again := told(Run(s, broker.Config{})); again != got {
			t.Errorf("%s: the same scenario has two results", file)
		}
		golden := strings.TrimSuffix(file, ".json") + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, _ := os.ReadFile(golden)
		if got != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", file, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	send := func(rest string) string { return of(`{"client": "a", "do": "send", ` + rest + `}`) }
	for text, want := range map[string]string{
		`{}`: `the key "mqttlab" is missing`,
		`{"mqttlab": "scenario/2", "clients": [], "steps": []}`:                                 `mqttlab: "scenario/2" is not read here; this is for "scenario/1"`,
		`{"mqttlab": "scenario/1", "clients": [{"id": ""}], "steps": []}`:                       "clients[0].id: an id is not empty",
		`{"mqttlab": "scenario/1", "clients": [{"id": "a"}, {"id": "a"}], "steps": []}`:         `clients[1]: there is a client "a" already`,
		`{"mqttlab": "scenario/1", "broker": {"max_qos": 7}, "clients": [], "steps": []}`:       "broker.max_qos: 7 does not fit",
		of(`{"client": "c", "do": "open"}`):                                                     `line 1, column 100: steps[0].client: there is no client "c" in "clients"`,
		of(`{"client": "a", "do": "fly"}`):                                                      `steps[0].do: "fly" is not one of "open", "send"`,
		of(`{"at": 2, "client": "a", "do": "open"}`, `{"at": 1, "client": "a", "do": "close"}`): "line 2, column 8: steps[1].at: this is before the step above it, which is at 2",
		of(`{"at": 1, "after": 1, "client": "a", "do": "open"}`):                                `steps[0].after: give either "at" or "after", not both`,
		of(`{"at": -1, "client": "a", "do": "open"}`):                                           "steps[0].at: -1 does not fit",
		of(`{"client": "a", "do": "open", "hex": "00"}`):                                        "steps[0].hex: there is no such key here",
		send(`"hex": "1"`):                  "steps[0].hex: 1 hex digits make no whole bytes",
		send(`"hex": "1g"`):                 "line 1, column 128: steps[0].hex: 'g' is no hex digit",
		send(`"hex": " "`):                  "steps[0].hex: there are no bytes to send",
		send(`"note": "x"`):                 `steps[0]: there must be either "hex" or "packet"`,
		send(`"packet": {"type": "HELLO"}`): `steps[0].packet.type: "HELLO" is no Control Packet type`,
		send(`"packet": {"type": "PUBLISH", "topic": "a", "qos": 9}`): "steps[0].packet.qos: 9 does not fit",
		send(`"packet": {"type": "PUBLISH", "colour": 1}`):            "steps[0].packet.colour: this packet type has no such key",
		send(`"packet": 3`):                                                         "steps[0].packet: a number stands here; an object is wanted",
		of(`{"client": "a", "do": "expect"}`):                                       `steps[0]: an expect has either "filter" or "closed": true`,
		of(`{"client": "a", "do": "expect", "filter": "mqtt.foo == 1"}`):            "steps[0].filter: ",
		of(`{"client": "a", "do": "expect", "filter": "mqtt.qos", "closed": true}`): "steps[0]: an expect has either",
		of(`{"client": "a", "do": "expect", "closed": true, "within": "soon"}`):     "steps[0].within: a string stands here",
		of(`{"client": "a"}`):                                                       `steps[0]: the key "do" is missing`,
	} {
		_, err := Parse([]byte(text), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := Parse(make([]byte, MaxBytes+1), Options{}); err == nil || !strings.Contains(err.Error(), "longer than 16 MiB") {
		t.Error(err)
	}
}

func TestFailures(t *testing.T) {
	connect := `{"client": "a", "do": "send", "packet": {"type": "CONNECT", "client_id": "A", "clean_session": true}}`
	open := `{"client": "a", "do": "open"}`
	tests := []struct {
		name, text, want string
	}{
		{"not opened", of(connect), "step 1 (line 1): A has no open connection to send on"},
		{"opened twice", of(open, open), "step 2 (line 2): A is open already"},
		{"closed by the broker", of(open, `{"client": "a", "do": "send", "hex": "c0 00"}`, connect), "step 3 (line 3): A has no open connection to send on"},
		{"never heard", of(open, connect, `{"client": "a", "do": "expect", "filter": "mqtt.msgtype == 3", "within": 2}`),
			"step 3 (line 3): A was not sent a packet with mqtt.msgtype == 3 within 2 s"},
		{"heard once only", of(open, connect, `{"client": "a", "do": "expect", "filter": "mqtt.msgtype == 2"}`, `{"client": "a", "do": "expect", "filter": "mqtt.msgtype == 2"}`),
			"step 4 (line 4): A was not sent"},
		{"still open", of(open, connect, `{"client": "a", "do": "expect", "closed": true, "within": 0.25}`), "the broker did not close the connection of A within 0.25 s"},
		{"what was heard on another connection does not count", of(open, connect, `{"client": "a", "do": "abort"}`, open, `{"client": "a", "do": "expect", "filter": "mqtt"}`),
			"step 5 (line 5): A was not sent"},
		{"expecting of a closed connection", of(open, connect, `{"client": "a", "do": "send", "hex": "e000"}`, `{"client": "a", "do": "expect", "filter": "mqtt.msgtype == 3"}`),
			"step 4 (line 4): A has no open connection to expect on"},
		{"closed is closed", of(open, `{"client": "a", "do": "send", "hex": "c0 00"}`, `{"client": "a", "do": "expect", "closed": true}`, `{"client": "a", "do": "close"}`), ""},
		{"closed twice", of(open, `{"client": "a", "do": "close"}`, `{"client": "a", "do": "close"}`), "step 3 (line 3): A has no open connection to close on"},
		{"never answered before CONNECT", of(open, `{"client": "a", "do": "expect", "closed": true, "within": 11}`), ""},
	}
	for _, test := range tests {
		r := Run(parse(t, test.text), broker.Config{})
		switch {
		case test.want == "" && r.Failure != nil:
			t.Errorf("%s: %v", test.name, r.Failure)
		case test.want != "" && (r.Failure == nil || !strings.Contains(r.Failure.Error(), test.want)):
			t.Errorf("%s: %v, want %s", test.name, r.Failure, test.want)
		}
	}
}

// A broker whose packets must be short refuses a longer one before it is whole.
func TestTooLarge(t *testing.T) {
	s := parse(t, strings.Replace(of(`{"client": "a", "do": "open"}`, `{"client": "a", "do": "send", "hex": "10 80 01 00"}`), `"clients"`, `"broker": {"max_packet_size": 100}, "clients"`, 1))
	got := told(Run(s, broker.Config{}))
	if !strings.Contains(got, "closed by the server") || !strings.Contains(got, "(broken)") {
		t.Error(got)
	}
}

func TestSpeed(t *testing.T) {
	s := parse(t, of(`{"at": 1, "client": "a", "do": "open"}`, `{"after": 2, "client": "a", "do": "close"}`, `{"at": 10, "client": "a", "do": "open"}`))
	if s.Length() != 10*time.Second {
		t.Errorf("it takes %s", s.Length())
	}
	for speed, want := range map[float64][]time.Duration{
		1: {time.Second, 3 * time.Second, 10 * time.Second},
		4: {250 * time.Millisecond, 750 * time.Millisecond, 2500 * time.Millisecond},
		0: {0, 0, 0},
	} {
		p, now, got := s.Play(speed), time.Duration(0), []time.Duration(nil)
		for a := p.Next(now); a.Kind != End; a = p.Next(now) {
			if a.Kind == Wait {
				now = a.Until
			} else {
				got = append(got, now)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("speed %g: %v, want %v", speed, got, want)
		}
	}
}

func TestManyEventsEnd(t *testing.T) {
	var steps []string
	steps = append(steps, `{"client": "a", "do": "open"}`, `{"client": "a", "do": "send", "packet": {"type": "CONNECT", "client_id": "A", "clean_session": true}}`)
	ping := `{"client": "a", "do": "send", "hex": "` + strings.Repeat("c000", 500) + `"}`
	for range 200 {
		steps = append(steps, ping)
	}
	r := Run(parse(t, of(steps...)), broker.Config{})
	if !r.More || len(r.Events) < MaxEvents || len(r.Events) > MaxEvents+10_000 {
		t.Errorf("%d events, more %t", len(r.Events), r.More)
	}
}

// written is the text of a scenario.
func written(s *Scenario) string {
	var b bytes.Buffer
	_ = write(&b, s, broker.Config{})
	return b.String()
}

func TestWrite(t *testing.T) {
	text, err := os.ReadFile("testdata/first.json")
	if err != nil {
		t.Fatal(err)
	}
	s := parse(t, strings.Replace(string(text), `{"ada": "secret"}`, "null", 1))
	once := written(s)
	again := parse(t, once)
	if twice := written(again); twice != once {
		t.Errorf("written twice:\n%s\n%s", once, twice)
	}
	if got, want := told(Run(again, broker.Config{})), told(Run(s, broker.Config{})); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, want := range []string{
		"\n    {\"at\": 0, \"client\": \"a\", \"do\": \"open\"},\n",
		`"hex": "30 0d 00 06 74 65 73 74 2f 61", "note": "the first part of a PUBLISH"}`,
		`"deny_subscribe": ["secret/#"]`,
		`{"id": "a", "name": "A"}`,
		`"filter": "mqtt.topic == \"test/b\""}`,
		"\"until\": 30\n}\n",
	} {
		if !strings.Contains(once, want) {
			t.Errorf("no %s in\n%s", want, once)
		}
	}
}

// Whatever the text: a scenario that can be read can be played, and written
// and read again.
func FuzzParse(f *testing.F) {
	text, _ := os.ReadFile("testdata/first.json")
	f.Add(string(text))
	f.Add(of(`{"client": "a", "do": "open"}`, `{"after": 9, "client": "a", "do": "send", "hex": "10ff"}`))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse([]byte(text), Options{})
		if err != nil {
			return
		}
		for name := range s.Broker.Users {
			s.Broker.Users[name] = ""
		}
		again, err := Parse([]byte(written(s)), Options{Old: &s.Broker})
		if err != nil {
			t.Fatalf("%s\nis written as\n%s\nand then %v", text, written(s), err)
		}
		for i := range again.Steps {
			again.Steps[i].Line = s.Steps[i].Line
		}
		if a, b := told(Run(s, broker.Config{})), told(Run(again, broker.Config{})); a != b {
			t.Errorf("%s\nand written\n%s", a, b)
		}
	})
}

// Where a person is the broker, a script may wait for what the person says.
func TestRunHand(t *testing.T) {
	person := parse(t, `{"mqttlab": "scenario/1", "clients": [{"id": "a"}], "steps": [
		{"do": "answer", "text": "yes"},
		{"do": "build", "hex": "c0 00"},
		{"do": "open", "client": "a"}, {"after": 1, "do": "reply", "client": "a", "hex": "20 02 00 00"}, {"do": "close", "client": "a", "after": 2}]}`)
	script := parse(t, `{"mqttlab": "scenario/1", "clients": [{"id": "b"}], "steps": [
		{"do": "open", "client": "b"}, {"do": "send", "client": "b", "hex": "100c 0004 4d515454 0402 003c 0000"}]}`)
	var got []string
	for _, e := range RunHand(person, script).Events {
		got = append(got, fmt.Sprintf("%g %d %s %s%x%s", e.At.Seconds(), e.Kind, e.Client, e.From, e.Bytes, e.Text))
	}
	want := []string{
		"0 5  yes", "0 1 b ", "0 6  c000", "0 2 b client100c00044d5154540402003c0000", "0 1 a ", "1 2 a server20020000", "3 4 a client"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	var out strings.Builder
	if err := write(&out, person, broker.Config{}); err != nil {
		t.Fatal(err)
	}
	if again := parse(t, out.String()); len(again.Steps) != 5 || again.Steps[0].Text != "yes" || again.Steps[3].Do != Reply {
		t.Errorf("written:\n%s", out.String())
	}
}

// write writes s with its steps.
func write(w io.Writer, s *Scenario, base broker.Config) error {
	out := NewWriter(w, s, base)
	for i := range s.Steps {
		out.Step(&s.Steps[i])
	}
	return out.Close()
}
