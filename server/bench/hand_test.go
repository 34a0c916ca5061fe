package bench_test

import (
	"errors"
	"strings"
	"testing"

	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// A person who is the broker may say anything, and also nothing.
func TestHand(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	if _, err := b.AddClient("A"); err != nil {
		t.Fatal(err)
	}
	if err := b.Reply("v1", nil); !errors.Is(err, bench.ErrNotHand) {
		t.Error(err)
	}
	if err := b.Hand(); err != nil {
		t.Fatal(err)
	}
	if err := b.Reply("v1", nil); !errors.Is(err, bench.ErrNotOpen) {
		t.Error(err)
	}
	if _, err := b.OpenClient("v1"); err != nil {
		t.Fatal(err)
	}
	if err := b.Send("v1", unhex(t, connectA)); err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"", "20020000", "ff"} {
		if err := b.Reply("v1", unhex(t, said)); err != nil {
			t.Errorf("%q: %v", said, err)
		}
	}
	if err := b.HangUp("v1"); err != nil {
		t.Error(err)
	}
	var answers []string
	for _, e := range b.Log().Range(nil, 1, 1<<62) {
		if e.Kind == capture.Packet {
			answers = append(answers, e.From.String())
		}
	}
	if got := strings.Join(answers, " "); got != "client server server" {
		t.Errorf("captured: %s", got)
	}
	if got := b.Clients()[0]; got.State != "closed" || got.How != "server" {
		t.Errorf("%+v", got)
	}
}
