package lab_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/spec"
)

// TestBombs reads labs that are made to explode: of aliases of aliases, of
// brackets without end, of lists that are their own items. Each is refused, with
// a place, in little time and memory.
func TestBombs(t *testing.T) {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%c [*%c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c,*%[3]c]\n", c, c, c-1)
	}
	const room = lab.MaxBytes - 1000
	indented := strings.ReplaceAll("\n"+laughs, "\n", "\n  ")
	for name, front := range map[string]string{
		"laughs":            laughs,
		"laughs in broker":  "broker:" + indented,
		"a long text again": "broker:\n  users: &u " + strings.Repeat("x", room/2) + "\n  deny_publish: [" + strings.Repeat("*u,", room/6) + "]",
		"a text of clients": "title: &t " + strings.Repeat("x", room/2) + "\nclients: [" + strings.Repeat("*t,", room/6) + "]",
		"of itself":         "broker: &b\n  users: *b",
		"a list of itself":  "clients: &c [*c, *c]",
		"merged":            "broker: &b\n  <<: [*b, *b]",
		"brackets":          "clients: " + strings.Repeat("[", room),
		"braces":            "broker: " + strings.Repeat("{a: ", room/4),
		"closed brackets":   "broker: " + strings.Repeat("[", room/2) + strings.Repeat("]", room/2),
		"dashes":            strings.Repeat("- ", room/2),
		"questions":         strings.Repeat("? ", room/2),
		"keys":              "broker: {" + strings.Repeat("? ", room/2) + "}",
		"anchors":           "broker: [" + strings.Repeat("&a x,", room/5) + "]",
		"tags":              "broker: " + strings.Repeat("!!map ", room/6),
		"documents":         strings.Repeat("---\n", room/4),
		"numbers":           "minutes: " + strings.Repeat("9", room),
		"long keys":         "broker: {" + strings.Repeat("x", room) + ": 1}",
		"escapes":           `title: "` + strings.Repeat(`\u0000`, room/6) + `"`,
	} {
		text := "---\n" + front + "\n---\n## S {#s}\n```check\n- saw: mqtt\n```\n"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, problems := lab.Parse("x", map[spec.Lang][]byte{spec.English: []byte(text)})
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		if len(problems) == 0 || problems[0].Line < 1 {
			t.Errorf("%s: %v", name, problems)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 256 || took > 5*time.Second {
			t.Errorf("%s took %d MiB and %v", name, used, took)
		} else {
			t.Logf("%s: %d MiB, %v, %.120s", name, used, took, problems[0].Error())
		}
	}
}
