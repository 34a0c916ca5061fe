package web

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

func drawDraft(t *testing.T, d Draft) string {
	t.Helper()
	var b bytes.Buffer
	if err := DraftView(d).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	heldList = regexp.MustCompile(` data-held="([^"]*)"`)
	partOf   = regexp.MustCompile(`<([a-z]+)[^>]* data-part="([^"]+)"[^>]*>`)
	sameAs   = regexp.MustCompile(`<i data-same="([^"]+)"></i>`)
)

// partsOf finds the parts of a draft, as the page does.
func partsOf(t *testing.T, html string) map[string]string {
	t.Helper()
	parts := map[string]string{}
	for _, at := range partOf.FindAllStringSubmatchIndex(html, -1) {
		tag, name := html[at[2]:at[3]], html[at[4]:at[5]]
		end, depth := at[0], 0
		for tags := regexp.MustCompile(`</?` + tag + `[\s>]`); ; {
			found := tags.FindStringIndex(html[end:])
			if found == nil {
				t.Fatalf("%s does not end", name)
			}
			if depth++; html[end+found[0]+1] == '/' {
				depth -= 2
			}
			end += found[1]
			if depth == 0 {
				break
			}
		}
		if _, twice := parts[name]; twice {
			t.Fatalf("two parts have the name %s", name)
		}
		parts[name] = html[at[0]:end]
	}
	return parts
}

// A draft in parts, put together with those that the page holds, is the draft
// as a whole, from every draft to every other.
func TestDraftInParts(t *testing.T) {
	var drafts []Draft
	for _, s := range galleryDrafts(spec.English) {
		d := s.draft
		d.Scope = ""
		drafts = append(drafts, d)
	}
	for _, topic := range []string{"t", "te", "te/a", strings.Repeat("long/", 40), `<b>&"'`} {
		b := fmt.Sprintf("\x00%c%s\x00\x07hello", len(topic), topic)
		head := append([]byte{0x32}, packet.AppendVarint(nil, len(b))...)
		drafts = append(drafts, Draft{Bytes: append(head, b...), Version: packet.V311, Outcome: &Outcome{Lines: []OutcomeLine{{Text: topic}}}})
	}
	drafts = append(drafts, Draft{Version: packet.V5}, Draft{Bytes: []byte("\xc0\x00\xc0\x00\x10\x05"), Version: packet.V5},
		Draft{Bytes: drafts[0].Bytes, Version: drafts[0].Version, Lang: spec.Chinese})
	for _, wire := range []string{
		"\x10\x10\x00\x04MQTT\x04\x80\x00<\x00\x01c\x00\x01u", "\x10\x0d\x00\x04MQTT\x04\x80\x00<\x00\x01c", // a flag, with and without what follows
		"\x10\x13\x00\x04MQTT\x04\x06\x00<\x00\x01c\x00\x01w\x00\x01m", "\x32\x06\x00\x01w\x00\x07m", "\x30\x04\x00\x01w\x6d", "\x30\x04\x00\x01w\x01",
	} {
		for _, v := range []packet.Version{packet.V311, packet.V5} {
			drafts = append(drafts, Draft{Bytes: []byte(wire), Version: v})
		}
	}
	for _, rules := range [][]string{nil, {"MQTT-4.5.0-1"}, {"MQTT-4.5.0-1", "MQTT-3.3.1-2"}} {
		drafts = append(drafts, Draft{Bytes: drafts[0].Bytes, Version: packet.V311, Outcome: &Outcome{Lines: []OutcomeLine{{Text: "same", Rules: rules}}}})
	}
	for i, before := range drafts {
		whole := drawDraft(t, before)
		if sameAs.MatchString(whole) {
			t.Fatalf("draft %d rests on parts though nobody holds any", i)
		}
		held, parts := heldList.FindStringSubmatch(whole)[1], partsOf(t, whole)
		for j, d := range drafts {
			d.Was = before.Bytes
			want := drawDraft(t, d)
			d.Held = held
			got := drawDraft(t, d)
			joined := sameAs.ReplaceAllStringFunc(got, func(same string) string {
				name := sameAs.FindStringSubmatch(same)[1]
				if parts[name] == "" {
					t.Errorf("draft %d after %d rests on %s, which is not there", j, i, name)
				}
				return parts[name]
			})
			if joined != want {
				t.Fatalf("draft %d after %d in parts:\n%s\nas a whole:\n%s", j, i, joined, want)
			}
			if i == j && len(want) > 10_000 && len(got) > len(want)/3 {
				t.Errorf("draft %d after itself takes %d bytes, as a whole %d", i, len(got), len(want))
			}
			for _, nonsense := range []string{"!", held[:len(held)/2-1], held + "AAAA", strings.Repeat("A", 1<<16)} {
				d.Held = nonsense
				drawDraft(t, d)
			}
		}
	}
}
