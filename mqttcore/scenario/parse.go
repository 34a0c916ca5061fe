package scenario

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/settings"
	"mqttlab/mqttcore/strictjson"
)

// Options says how Parse reads "broker".
type Options = settings.Options

// Parse reads a scenario. Its error is a *strictjson.Error.
func Parse(data []byte, o Options) (*Scenario, error) {
	if len(data) > MaxBytes {
		return nil, &strictjson.Error{Line: 1, Column: 1, Key: "scenario.long"}
	}
	doc := strictjson.Parse(data)
	s := read(doc.Root(), o)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

func read(root strictjson.Value, o Options) *Scenario {
	s := &Scenario{}
	object := root.Object()
	if v := object.Need("mqttlab"); v.Given() && v.Text() != Format {
		v.Fail("scenario.format", "found", strconv.Quote(clip(v.Text())), "format", strconv.Quote(Format))
	}
	s.Title = short(object.Get("title"), MaxNote)
	if v := object.Get("broker"); v.Given() {
		s.HasBroker, s.Broker = true, settings.Read(v, o)
	}
	known := make(map[string]bool)
	for _, v := range object.Need("clients").List(MaxClients) {
		c := readClient(v)
		if known[c.ID] {
			v.Fail("scenario.client-twice", "client", strconv.Quote(clip(c.ID)))
		}
		known[c.ID] = true
		s.Clients = append(s.Clients, c)
	}
	var latest time.Duration
	for _, v := range object.Need("steps").List(MaxSteps) {
		step := readStep(v, known)
		if !step.After {
			if step.At < latest {
				v.Object().Get("at").Fail("scenario.order", "at", strconv.FormatFloat(latest.Seconds(), 'g', -1, 64))
			}
			latest = step.At
		}
		s.Steps = append(s.Steps, step)
	}
	s.Until = duration(object.Get("until"))
	object.Done()
	return s
}

func readClient(v strictjson.Value) Client {
	object := v.Object()
	id := object.Need("id")
	c := Client{ID: short(id, MaxName), Name: short(object.Get("name"), MaxName)}
	if c.ID == "" {
		id.Fail("scenario.no-id")
	}
	if c.Name == "" {
		c.Name = c.ID
	}
	object.Done()
	return c
}

func readStep(v strictjson.Value, clients map[string]bool) Step {
	object := v.Object()
	var s Step
	s.Line, _ = v.Place()
	at, after := object.Get("at"), object.Get("after")
	switch {
	case at.Given() && after.Given():
		after.Fail("scenario.at-after")
	case at.Given():
		s.At = duration(at)
	default:
		s.After, s.At = true, duration(after)
	}
	s.Do = Do(object.Need("do").Word(string(Open), string(Send), string(Close), string(Abort), string(Expect), string(Reply), string(Answer), string(Build)))
	s.Note = short(object.Get("note"), MaxNote)
	if s.ofClient() {
		client := object.Need("client")
		if s.Client = client.Text(); client.IsText() && !clients[s.Client] {
			client.Fail("scenario.no-client", "client", strconv.Quote(clip(s.Client)))
		}
	}
	switch s.Do {
	case Send, Reply, Build:
		s.Bytes = readBytes(object)
	case Answer:
		s.Text = short(object.Need("text"), MaxNote)
	case Expect:
		readExpect(object, &s)
	}
	object.Done()
	return s
}

// ofClient is whether a client does the step.
func (s *Step) ofClient() bool { return s.Do != Answer && s.Do != Build }

func readBytes(object *strictjson.Object) []byte {
	digits, typed := object.Get("hex"), object.Get("packet")
	var b []byte
	switch {
	case digits.Given() == typed.Given():
		object.Fail("scenario.hex-packet")
		return nil
	case digits.Given():
		b = readHex(digits)
	case typed.IsObject():
		var err error
		if b, _, err = form.Encode(typed.Raw()); err != nil {
			mistake := &form.Error{Say: "json.bad", Args: []string{"error", err.Error()}}
			errors.As(err, &mistake)
			typed.FailBelow(mistake.Key, mistake.Say, mistake.Args...)
		}
	default:
		typed.Object()
	}
	if len(b) > MaxSend {
		object.Fail("scenario.many-bytes", "bytes", strconv.Itoa(len(b)), "most", strconv.Itoa(MaxSend))
	}
	return b
}

// readHex reads hex digits; white space between them is passed over.
func readHex(v strictjson.Value) []byte {
	text := v.Text()
	digits := make([]byte, 0, len(text))
	for i, r := range text {
		switch {
		case unicode.IsSpace(r):
		case strings.ContainsRune("0123456789abcdefABCDEF", r):
			digits = append(digits, byte(r))
		default:
			v.FailAt(i, "json.hex", "digit", strconv.QuoteRune(r))
			return nil
		}
	}
	switch {
	case len(digits) == 0 && v.IsText():
		v.Fail("scenario.no-bytes")
	case len(digits)%2 == 1:
		v.Fail("json.odd", "digits", strconv.Itoa(len(digits)))
		return nil
	}
	b := make([]byte, len(digits)/2)
	_, _ = hex.Decode(b, digits) // they are digits, and even in number
	return b
}

func readExpect(object *strictjson.Object, s *Step) {
	expression, closed, within := object.Get("filter"), object.Get("closed"), object.Get("within")
	s.Closed = closed.Bool()
	if s.Within = Within; within.Given() {
		s.Within = duration(within)
	}
	switch {
	case s.Closed == expression.Given():
		object.Fail("scenario.expect")
	case expression.Given():
		f, err := filter.Parse(expression.Text())
		if err != nil {
			mistake := &filter.Error{Key: "json.bad", Args: []string{"error", err.Error()}}
			errors.As(err, &mistake)
			expression.FailAt(mistake.Offset, mistake.Key, mistake.Args...)
			return
		}
		s.Filter = f
	}
}

// duration reads seconds.
func duration(v strictjson.Value) time.Duration {
	return time.Duration(v.Float(0, MaxTime.Seconds()) * float64(time.Second)).Round(time.Microsecond)
}

func short(v strictjson.Value, most int) string {
	text := v.Text()
	if len(text) > most {
		v.Fail("json.long-text", "bytes", strconv.Itoa(len(text)), "most", strconv.Itoa(most))
		return ""
	}
	return text
}

func clip(s string) string {
	if len(s) > MaxName {
		return strings.ToValidUTF8(s[:MaxName], "") + "…"
	}
	return s
}
