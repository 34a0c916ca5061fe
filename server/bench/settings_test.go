package bench_test

import (
	"errors"
	"strings"
	"testing"

	"mqttlab/mqttcore/broker"
	"mqttlab/server/bench"
)

// Another configuration is another broker: who was connected is told, nothing
// is left, and the capture goes on.
func TestReconfigure(t *testing.T) {
	b := bench.New(bench.Config{})
	defer b.Close()
	v, err := b.AddClient("")
	if err != nil {
		t.Fatal(err)
	}
	drive := func(packets ...string) {
		t.Helper()
		if _, err := b.OpenClient(v.ID); err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			if err := b.Send(v.ID, unhex(t, p)); err != nil {
				t.Fatal(err)
			}
		}
	}
	drive("1010 0004 4d515454 05 00 0000 00 0003 6f6e65", "820c 0001 00 0006 746573742f23 02") // 5.0
	cfg := broker.Config{DenySubscribe: []string{"test/#"}, MaxPacketSize: 100, Users: map[string]string{"ada": "x"}, Anonymous: true}
	if err := b.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	if st := b.State(); len(st.Sessions)+len(st.Connections) > 0 {
		t.Errorf("left of before: %+v", st)
	}
	drive(connectA, subTest)
	if got := b.BrokerConfig(); got.Users["ada"] != "x" || got.MaxPacketSize != 100 || !got.Explain {
		t.Errorf("%+v", got)
	}
	if _, err := b.CloseClient(v.ID); err != nil {
		t.Fatal(err)
	}
	drive("1080 01")
	holds(t, transcript(b),
		"v1 < DISCONNECT Server shutting down",
		"close v1 server",
		". bench.restarted",
		"open v1",
		"v1 > CONNECT A",
		". subscribe.denied.filter",
		"v1 < SUBACK id 1, Failure",
		"open v1",
		"close v1 server too-large",
	)
	b.Close()
	if err := b.Reconfigure(cfg); !errors.Is(err, bench.ErrStopped) {
		t.Errorf("a closed bench: %v", err)
	}
}

func TestMaxClients(t *testing.T) {
	b := bench.New(bench.Config{MaxClients: 2})
	defer b.Close()
	for i, want := range []error{nil, nil, bench.ErrFull} {
		v, err := b.AddClient("")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.OpenClient(v.ID); !errors.Is(err, want) {
			t.Errorf("client %d: %v", i, err)
		}
	}
}

// A bench that keeps its sessions in a file has no other broker.
func TestReconfigureKept(t *testing.T) {
	b := bench.New(bench.Config{Store: &nothingKept{}})
	defer b.Close()
	if err := b.Reconfigure(broker.Config{}); !errors.Is(err, bench.ErrKept) {
		t.Error(err)
	}
	if strings.Contains(transcript(b), "restarted") {
		t.Error("it says that it did")
	}
}

type nothingKept struct{}

func (*nothingKept) Commit([]broker.Record) error { return nil }
