package ladder

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/pipe"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/capture"
)

const published = "\x30\x0d\x00\x06test/ahello"

func TestEditedInWords(t *testing.T) {
	tests := []struct{ name, sent, now, want string }{
		{"a byte", published, "\x30\x0d\x00\x06test/aHello", "15 bytes; at offset 10: 68 → 48."},
		{"a longer topic", published, "\x30\x0f\x00\x08test/abchello", "15 → 17 bytes; at offset 1: 0d → 0f, 3: 06 → 08, 10: + 62 63."},
		{"a shorter payload", published, "\x30\x0b\x00\x06test/ahel", "15 → 13 bytes; at offset 1: 0d → 0b, 13: − 6c 6f."},
		{"one byte is left", published, "\x30", "15 → 1 byte; at offset 1: − 0d 00 06 74 65 73 74 2f …."},
		{"long", strings.Repeat("a", 300), strings.Repeat("b", 301), "300 → 301 bytes; at offset 0: 61 61 61 61 61 61 61 61 … → 62 62 62 62 62 62 62 62 …."},
		{"much", "a1a1a1a1a1a1a1a1a1a1", "a2a2a2a2a2a2a2a2a2a2", "15: 31 → 32, …."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := capture.Event{Kind: capture.Wire, Detail: &capture.Wired{Stage: capture.Changed, From: packet.Client, Version: packet.V311,
				Bytes: []byte(test.now), Sent: []byte(test.sent), Notes: []pipe.Note{{Did: pipe.Edited}}}}
			if got := Render(spec.English, &e).Text; !strings.Contains(got, test.want) {
				t.Errorf("%s: want %s", got, test.want)
			}
			if got := Render(spec.Chinese, &e).Text; !strings.HasPrefix(got, "被编辑：长度") || strings.ContainsAny(got, "⟦{") {
				t.Error(got)
			}
		})
	}
}

// Whatever two packets are: what is told of one, done to it, makes the other,
// and no edit touches another.
func TestEditsMakeTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.SliceOfN(rapid.ByteRange(0, 3), 0, 40)
		before, after := few.Draw(t, "before"), few.Draw(t, "after")
		list := compare(slices.Clone(before), slices.Clone(after))
		var made []byte
		at, changed := 0, 0
		for i, e := range list {
			if e.offset < at || i > 0 && e.offset == at || len(e.was)+len(e.is) == 0 || !slices.Equal(before[e.offset:e.offset+len(e.was)], e.was) {
				t.Fatalf("edit %d of %v", i, list)
			}
			made = append(append(made, before[at:e.offset]...), e.is...)
			at = e.offset + len(e.was)
			changed += len(e.was) + len(e.is)
		}
		if made = append(made, before[at:]...); !slices.Equal(made, after) {
			t.Fatalf("%v makes % x of % x, want % x", list, made, before, after)
		}
		if least := len(before) + len(after) - 2*inCommon(before, after); changed != least {
			t.Fatalf("%d bytes changed, want %d", changed, least)
		}
	})
}

// inCommon is how long the longest sequence is that both have, by its definition.
func inCommon(a, b []byte) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if row[j+1] = max(above, row[j]); x == y {
				row[j+1] = diagonal + 1
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
