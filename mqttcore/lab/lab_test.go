package lab_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

const sample = `---
title: First CONNECT
summary: One packet, byte by byte.
minutes: 10
clients: [A]
broker: {max_qos: 1}
---
Hello.

` + "```text" + `
## no heading in here
` + "```" + `

## Connect {#connect}
Say hello with the id *s1*.

` + "```check" + `
- saw: mqtt.msgtype == CONNECT && mqtt.clientid == "s1" && mqtt.kalive == 60
  by: A
  text: A says hello
- never: mqtt.msgtype == PINGREQ
` + "```" + `
` + "```hint" + `
Look at **Keep Alive**.
` + "```" + `
` + "```after" + `
Well done.
` + "```" + `

## Ping {#ping}
` + "```check" + `
- saw: {bytes: c0 00, by: A}
- order:
    - {packet: mqtt.msgtype == PINGREQ, by: A}
    - {packet: mqtt.msgtype == PINGRESP, from: server}
  within: 5s
` + "```" + `

## How many? {#many}
` + "```question" + `
kind: number
ask: How long is a PINGREQ?
answer: 2
why: A type, and a length of nothing.
` + "```" + `

## Leave {#leave}
` + "```check" + `
- {saw: {closed: A, how: fin}, since: step}
- {built: {bytes: e0 00}}
` + "```" + `

## Foresee {#foresee}
` + "```question" + `
kind: predict
ask: What will the server say?
about: {packet: mqtt.msgtype == CONNACK, from: server}
` + "```" + `
`

func parse(t *testing.T, english string) *lab.Lab {
	t.Helper()
	l, problems := lab.Parse("sample", map[spec.Lang][]byte{spec.English: []byte(english)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return l
}

// sent is a packet of A, given in hex.
func sent(n uint64, s string) lab.Event {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return lab.Event{N: n, At: time.Duration(n) * time.Second, Client: "A", From: packet.Client, Version: packet.V311, Bytes: b}
}

func received(n uint64, s string) lab.Event {
	e := sent(n, s)
	e.From = packet.Server
	return e
}

const (
	connectOther = "100e 0004 4d515454 04 02 003c 0002 7332" // id s2
	connectRight = "100e 0004 4d515454 04 02 003c 0002 7331"
)

func TestParse(t *testing.T) {
	l := parse(t, sample)
	if len(l.Steps) != 5 || l.Minutes != 10 || l.Version != packet.V311 || l.Clients[0] != "A" || *l.Broker.MaxQoS != 1 {
		t.Fatalf("%+v", l)
	}
	words := l.Words(spec.Chinese) // which it has not
	if words.Title != "First CONNECT" || !strings.Contains(words.Intro, "## no heading in here") {
		t.Errorf("%+v", words)
	}
	step := words.Steps[0]
	if step.Title != "Connect" || step.Text != "Say hello with the id *s1*." || step.After != "Well done." || step.Hints[0] != "Look at **Keep Alive**." {
		t.Errorf("%+v", step)
	}
}

func TestProgress(t *testing.T) {
	l := parse(t, sample)
	p := l.Begin()

	p.Add(sent(1, connectOther))
	check := p.Report(spec.English)[0].Checks[0]
	if check.State != lab.Open || check.Event != 1 || !strings.Contains(check.Note, `mqtt.clientid == "s1" does not hold: mqtt.clientid = "s2"`) {
		t.Errorf("after the wrong id: %+v", check)
	}
	if change := p.Add(sent(2, connectRight)); len(change.Passed) != 1 || change.Passed[0].Step != "connect" || change.Passed[0].Packets != 2 || change.Passed[0].Bytes != 32 {
		t.Fatalf("after the right id: %+v", change)
	}

	change := p.Add(sent(3, "c000 00")) // one byte too many
	if len(change.Attempts) != 1 || change.Attempts[0].At != 2 || change.Attempts[0].Step != "ping" {
		t.Errorf("attempts: %+v", change.Attempts)
	}
	p.Add(sent(4, "c000"))
	checks := p.Report(spec.English)[1].Checks
	if checks[0].State != lab.Met || checks[1].State != lab.Open || !strings.HasPrefix(checks[1].Note, "1 of 2 have come.") {
		t.Errorf("after PINGREQ: %+v", checks)
	}
	p.Add(received(20, "d000"))
	if checks := p.Report(spec.English)[1].Checks; checks[1].Note != "All of it came, but not within 5s." {
		t.Errorf("after a late PINGRESP: %+v", checks)
	}
	p.Add(sent(21, "c000"))
	if change := p.Add(received(22, "d000")); len(change.Passed) != 1 {
		t.Fatalf("after a PINGRESP in time: %+v", change)
	}

	if change, ok := p.Answer("3", 0); !ok || len(change.Attempts) != 1 || change.Attempts[0].Given != "3" {
		t.Errorf("wrong answer: %+v", change)
	}
	if _, ok := p.Answer("two", 0); ok {
		t.Error("two is a number")
	}
	if change, _ := p.Answer(" 0x2 ", 0); len(change.Passed) != 1 || change.Passed[0].Attempts != 1 {
		t.Fatalf("right answer: %+v", change)
	}

	p.Build([]byte{0xe0, 0}, packet.V311, 0)
	p.Add(lab.Event{N: 30, Kind: lab.Closed, Client: "A", How: "rst"})
	if change := p.Add(lab.Event{N: 31, Kind: lab.Closed, Client: "A", How: "fin"}); len(change.Passed) != 1 {
		t.Fatalf("after FIN: %+v", change)
	}

	p.Add(received(40, "20020000")) // came before it was foretold
	if i, ok := p.Step(); i != 4 || !ok {
		t.Fatalf("step %d", i)
	}
	if !p.Foretelling() {
		t.Error("a prediction is asked for")
	}
	p.Answer("20 02 00 01", 0)
	if p.Foretelling() {
		t.Error("the prediction was made")
	}
	if change := p.Add(received(41, "20020000")); len(change.Attempts) != 1 || change.Attempts[0].At != 3 {
		t.Errorf("wrong forecast: %+v", change)
	}
	if m := p.Report(spec.English)[4].Missed; m == nil || m.Event != 41 || m.At != 3 || string(m.Want) != "\x20\x02\x00\x00" || string(m.Got) != "\x20\x02\x00\x01" {
		t.Errorf("what came instead: %+v", m)
	}
	if _, ok := p.Answer("0x20, 0x0", 0); ok {
		t.Error("half a byte is an answer")
	}
	p.Answer("0x20, 0X02,0x00 00", 0)
	if m := p.Report(spec.English)[4].Missed; m != nil {
		t.Errorf("said anew: %+v", m)
	}
	if change := p.Add(received(42, "20020000")); len(change.Passed) != 1 {
		t.Errorf("right forecast: %+v", change)
	}
	if _, ok := p.Step(); ok {
		t.Error("not done")
	}

	resumed := l.Resume(p.Passed()[:2])
	if i, _ := resumed.Step(); i != 2 || resumed.Passed()[0].Packets != 2 {
		t.Errorf("resumed at %d: %+v", i, resumed.Passed())
	}
}

// What must never happen can be tried again.
func TestNeverAndRetry(t *testing.T) {
	p := parse(t, sample).Begin()
	p.Add(sent(1, "c000"))
	p.Add(sent(2, connectRight))
	check := p.Report(spec.English)[0].Checks[1]
	if check.State != lab.Failed || check.Event != 1 {
		t.Fatalf("%+v", check)
	}
	p.Retry()
	p.Add(sent(3, connectRight))
	if i, _ := p.Step(); i < 1 {
		t.Error("the second try does not pass")
	}
}

// A later step may be met by what came before it, unless it says since: step.
func TestAhead(t *testing.T) {
	p := parse(t, sample).Begin()
	ahead := []lab.Event{sent(1, "c000"), received(2, "d000")}
	for _, e := range ahead {
		p.Add(e)
	}
	p.Retry()
	if change := p.Add(sent(3, connectRight)); len(change.Passed) != 2 {
		t.Errorf("%+v", change)
	}
}

func TestCounts(t *testing.T) {
	for count, want := range map[string][]bool{ // passed after 1, 2, 3 and 4 PINGREQs
		`2`:      {false, true, true, true},
		`">= 3"`: {false, false, true, true},
	} {
		l := parse(t, "---\ntitle: T\nsummary: S\nminutes: 1\n---\n## A {#a}\n```check\n- {saw: mqtt.msgtype == PINGREQ, count: "+count+"}\n```\n")
		p := l.Begin()
		for i, passed := range want {
			p.Add(sent(uint64(i+1), "c000"))
			if _, open := p.Step(); open == passed {
				t.Errorf("count %s after %d: passed is %v", count, i+1, !open)
			}
		}
	}
}

// An order may have to last, and something may have to stay away meanwhile.
func TestOrderWithoutAndOver(t *testing.T) {
	ping := func(at time.Duration) lab.Event { e := sent(uint64(at/time.Second), "c000"); e.At = at; return e }
	answer := func(at time.Duration) lab.Event {
		e := received(uint64(at/time.Second), "d000")
		e.At = at
		return e
	}
	closed := func(at time.Duration) lab.Event {
		return lab.Event{N: uint64(at / time.Second), At: at, Kind: lab.Closed, Client: "A", How: "server"}
	}
	const head = "---\ntitle: T\nsummary: S\nminutes: 1\n---\n## A {#a}\n```check\n- order: [mqtt.msgtype == PINGREQ, mqtt.msgtype == PINGRESP]\n"
	for name, c := range map[string]struct {
		keys   string
		events []lab.Event
		note   string // "": passed
	}{
		"long":                 {"  over: 3s", []lab.Event{ping(1e9), ping(3e9), answer(4e9)}, ""},
		"short":                {"  over: 3s", []lab.Event{ping(2e9), answer(4e9)}, "All of it came, but in less than 3s from first to last."},
		"short, then on":       {"  over: 3s", []lab.Event{ping(2e9), answer(4e9), answer(5e9)}, ""},
		"undisturbed":          {"  without: {closed: A}", []lab.Event{closed(1e9), ping(2e9), answer(4e9), closed(5e9)}, ""},
		"disturbed":            {"  without: {closed: A}", []lab.Event{ping(2e9), closed(3e9), answer(4e9)}, "It had begun, but event 3 came in between. Begin again."},
		"begun again":          {"  without: [{closed: A}, mqtt.msgtype == CONNECT]", []lab.Event{ping(2e9), closed(3e9), ping(4e9), answer(5e9)}, ""},
		"too short again":      {"  over: 3s\n  without: {closed: A}", []lab.Event{ping(1e9), closed(3e9), ping(4e9), answer(5e9)}, "All of it came, but in less than 3s from first to last."},
		"ends are not between": {"  without: mqtt", []lab.Event{ping(2e9), ping(3e9), answer(4e9)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, head+c.keys+"\n```\n").Begin()
			for _, e := range c.events {
				p.Add(e)
			}
			_, open := p.Step()
			if note := p.Report(spec.English)[0].Checks[0].Note; open != (c.note != "") || note != c.note {
				t.Errorf("open %v, %q", open, note)
			}
		})
	}
}

// What answers a packet has its Packet Identifier.
func TestOrderOfTheSame(t *testing.T) {
	l := parse(t, "---\ntitle: T\nsummary: S\nminutes: 1\n---\n## A {#a}\n```check\n- order:\n    - {packet: mqtt.msgtype == PUBLISH, from: server}\n    - {packet: mqtt.msgtype == PUBACK, from: client}\n  same: mqtt.msgid\n```\n")
	const publish = "3206 000174 00"
	for name, c := range map[string]struct {
		events []lab.Event
		passes bool
	}{
		"the same":            {[]lab.Event{received(1, publish+"0161"), sent(2, "40020001")}, true},
		"another":             {[]lab.Event{received(1, publish+"0161"), sent(2, "40020002")}, false},
		"two at a time":       {[]lab.Event{received(1, publish+"0161"), received(2, publish+"0261"), sent(3, "40020001")}, true},
		"one without a field": {[]lab.Event{received(1, "3004 0001 7461"), sent(2, "40020001")}, false},
		"not in this order":   {[]lab.Event{sent(1, "40020001"), received(2, publish+"0161")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Begin()
			for _, e := range c.events {
				p.Add(e)
			}
			if _, open := p.Step(); open == c.passes {
				t.Errorf("open %v: %+v", open, p.Report(spec.English)[0].Checks)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	const head = "---\ntitle: T\nsummary: S\nminutes: 1\n---\n"
	check := func(yaml string) string { return head + "## A {#a}\n```check\n" + yaml + "\n```\n" }
	for name, c := range map[string]struct{ file, want string }{
		"no front":      {"## A {#a}\n", "en.md:1:1: A lab begins with front matter"},
		"open front":    {"---\ntitle: T\n", "en.md:1:1: The front matter that begins here has no end"},
		"unknown key":   {"---\ntitel: T\n---\n", "en.md:2:1: There is no key titel here."},
		"no yaml":       {"---\ntitle: [\n---\n", "en.md:2:"},
		"bad minutes":   {strings.Replace(head, "1", "x", 1), "en.md:4:10: Here must stand a whole number from 1 to 120."},
		"no steps":      {head, "The lab has no steps"},
		"no id":         {head + "## A\n", "en.md:6:1: The step “A” has no id"},
		"bad id":        {head + "## A {#A_b}\n", "en.md:6:1: An id is lower-case letters"},
		"asks nothing":  {head + "## A {#a}\ntext\n", "en.md:6:1: The step “A” asks for nothing"},
		"open fence":    {head + "## A {#a}\n```check\n", "en.md:7:1: The fenced block that begins here has no end."},
		"never alone":   {check("- never: mqtt"), "asks for nothing"},
		"at most":       {check("- {saw: mqtt, count: <= 3}"), "asks for nothing"},
		"filter":        {check("- saw: mqtt.msgtyp == 1"), "en.md:8:8: "},
		"quoted filter": {check(`- saw: "mqtt.msgtyp == 1"`), "en.md:8:9: "},
		"two kinds":     {check("- {saw: mqtt, built: mqtt}"), "en.md:8:3: A check has one of the keys"},
		"hex":           {check("- saw: {bytes: c0 0}"), "en.md:8:16: Here must stand bytes in hex"},
		"how":           {check("- saw: {closed: A, how: slowly}"), "en.md:8:25: Here must stand one of: fin, rst, server, timeout."},
		"duration":      {check("- order: [mqtt, mqtt]\n  within: soon"), "en.md:9:11: Here must stand a time"},
		"only order":    {check("- saw: mqtt\n  over: 5s"), "en.md:8:3: The keys within, over, without and same are for an order."},
		"same":          {check("- order: [mqtt, mqtt]\n  same: mqtt.msgidd"), "en.md:9:9: Packets have no field mqtt.msgidd."},
		"two bounds":    {check("- order: [mqtt, mqtt]\n  within: 5s\n  over: 3s"), "en.md:8:3: An order has within or over"},
		"question":      {head + "## A {#a}\n```question\nkind: choice\nask: what\nanswer: 1\n```\n", "Options, at least two"},
		"no answer":     {head + "## A {#a}\n```question\nkind: number\nask: what\n```\n", "The question has no answer."},
		"broker":        {strings.Replace(head, "minutes", "broker: {max_qos: 3}\nminutes", 1), "en.md:4:9: The broker’s configuration is not right: max_qos: "},
		"early block":   {head + "```check\n- saw: mqtt\n```\n", "en.md:6:1: A check block belongs into a step"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := lab.Parse("x", map[spec.Lang][]byte{spec.English: []byte(c.file)})
			if len(problems) == 0 || !strings.Contains(problems.Error(), c.want) {
				t.Errorf("problems:\n%v\nwant %q", problems, c.want)
			}
		})
	}
}

func TestTranslation(t *testing.T) {
	english := "---\ntitle: T\nsummary: S\nminutes: 1\n---\nIntro\n## A {#a}\n```check\n- {saw: mqtt, text: Say something}\n```\n```hint\nH\n```\n"
	chinese := "---\ntitle: 题\nsummary: 概\n---\n介绍\n## 甲 {#a}\n```check\n- text: 说点什么\n```\n```hint\n提示\n```\n"
	files := func(zh string) map[spec.Lang][]byte {
		return map[spec.Lang][]byte{spec.English: []byte(english), spec.Chinese: []byte(zh)}
	}
	l, problems := lab.Parse("x", files(chinese))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if r := l.Begin().Report(spec.Chinese); r[0].Checks[0].Text != "说点什么" || l.Words(spec.Chinese).Title != "题" {
		t.Errorf("%+v", r)
	}
	for change, want := range map[string]string{
		"{#a}":               "zh.md:6:1: This step is b; in the lab a stands in its place.",
		"```hint\n提示\n```\n": "zh.md:6:1: Of hint this step has 0, the lab's has 1.",
		"- text: 说点什么\n":     "zh.md:8:1: This check block is empty.",
		"title: 题\n":         "zh.md:1:1: The key title is missing.",
		"## 甲 {#a}\n":        "zh.md:1:1: This translation has 0 steps, the lab has 1.",
	} {
		to := ""
		if change == "{#a}" {
			to = "{#b}"
		}
		_, problems := lab.Parse("x", files(strings.Replace(chinese, change, to, 1)))
		if len(problems) == 0 || !strings.Contains(problems.Error(), want) {
			t.Errorf("without %q:\n%v\nwant %q", change, problems, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample, sample)
	f.Fuzz(func(t *testing.T, english, chinese string) {
		l, problems := lab.Parse("x", map[spec.Lang][]byte{spec.English: []byte(english), spec.Chinese: []byte(chinese)})
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || strings.Contains(p.Error(), "⟦") {
				t.Errorf("%+v: %v", p, p)
			}
		}
		if len(problems) > 0 {
			return
		}
		p := l.Begin()
		if len(p.Passed()) > 0 {
			t.Error("a lab is passed by doing nothing")
		}
		p.Add(sent(1, connectRight))
		p.Answer("1", 0)
		p.Build([]byte{0xc0, 0}, packet.V311, 0)
		p.Report(spec.Chinese)
	})
}

// A filter is right if it shows what the right one shows, however it is
// written.
func TestFilterByMeaning(t *testing.T) {
	for _, c := range []struct {
		answer       string
		right, wrong []string
	}{
		{"mqtt.msgtype == 3",
			[]string{"mqtt.msgtype==3", "mqtt.msgtype eq 0x03", "mqtt.msgtype in {3}", "mqtt && (mqtt.msgtype == PUBLISH)", "!(mqtt.msgtype != 3)",
				"mqtt.msgtype > 2 && mqtt.msgtype < 4", "mqtt.hdrflags & 0xf0 == 0x30", "  mqtt.msgtype == \"Publish Message\" "},
			[]string{"mqtt", "mqtt.msgtype", "mqtt.msgtype == 4", "mqtt.msgtype != 3", "mqtt.topic", "mqtt.msgtype == 3 && tcp.dstport == 1883", "mqtt.msgtype == 3 && mqtt.qos > 0",
				"mqtt.msgtype in {3 4}", "mqtt.topic contains \"a\"", "frame.number == 4", "mqtt.hdrflags == 0x30", "mqtt.msgid", "mqtt.msgtype == 3 || mqtt.msgtype == 8", "mqtt.ver"}},
		{"mqtt.passwd",
			[]string{"mqtt.passwd_len", "mqtt.conflag.passwd == 1", "mqtt.conflag.passwd == true", "mqtt.msgtype == 1 && mqtt.passwd", "!!mqtt.passwd"},
			[]string{"mqtt.conflag.passwd", "mqtt.username", "mqtt.passwd && mqtt.username", "mqtt.passwd_len > 0", "mqtt.passwd == \"secret\"", "mqtt.msgtype == CONNECT", "mqtt.conflag.passwd == 0", "mqtt.passwd contains \"e\""}},
	} {
		l := parse(t, "---\ntitle: T\nsummary: S\nminutes: 5\n---\n## Q {#q}\n```question\nkind: filter\nask: Which?\nanswer: "+c.answer+"\n```\n")
		for want, all := range map[bool][]string{true: c.right, false: c.wrong} {
			for _, text := range all {
				p := l.Begin()
				change, ok := p.Answer(text, 0)
				if !ok || (len(change.Passed) == 1) != want || (len(change.Attempts) == 0) != want {
					t.Errorf("%s: %q is right: %t, read: %t", c.answer, text, len(change.Passed) == 1, ok)
				}
			}
		}
		for _, text := range []string{"", "mqtt.msgtyp == 3", "mqtt.msgtype ="} {
			if change, ok := l.Begin().Answer(text, 0); ok || change.Moved {
				t.Errorf("%q is an answer", text)
			}
		}
	}
	for _, blind := range []string{"mqtt", `mqtt.topic == "no such"`} {
		_, problems := lab.Parse("x", map[spec.Lang][]byte{spec.English: []byte("---\ntitle: T\nsummary: S\nminutes: 5\n---\n## Q {#q}\n```question\nkind: filter\nask: Which?\nanswer: " + blind + "\n```\n")})
		if len(problems) != 1 || problems[0].Key != "lab.filter-blind" {
			t.Errorf("%s: %v", blind, problems)
		}
	}
}
