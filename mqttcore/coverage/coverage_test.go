package coverage

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// TestSum keeps the numbers from falling without anyone seeing it.
func TestSum(t *testing.T) {
	for v, least := range map[packet.Version]Count{
		packet.V31:  {Checked: 24, Shown: 20},
		packet.V311: {Checked: 126, Shown: 108},
		packet.V5:   {Checked: 228, Shown: 130},
	} {
		c := Sum(Rows(v))
		if c.Statements != len(spec.Statements(v)) || c.Checked+c.Unjudged+c.Open != c.Statements {
			t.Errorf("%s: %+v does not add up", v, c)
		}
		if c.Checked < least.Checked || c.Shown < least.Shown {
			t.Errorf("%s: %+v, and once it was %+v", v, c, least)
		}
	}
}

func TestOf(t *testing.T) {
	r, ok := Of(packet.V311, "[MQTT-3.1.2-3]")
	if !ok || !r.Checked() || r.Places[0] != (Place{Grammar, "reserved-connect-flag"}) || !slices.Contains(r.Transcripts, "broker/connect.txt") {
		t.Errorf("%v %+v", ok, r)
	}
	if r, ok := Of(packet.V31, "MQTT-3.1.2-3"); !ok || r.Version != packet.V311 {
		t.Errorf("3.1 cites 3.1.1: %v %+v", ok, r)
	}
	if _, ok := Of(packet.V5, "MQTT-9.9.9-9"); ok {
		t.Error("MQTT-9.9.9-9 is found")
	}
}

func TestRemarksAreMade(t *testing.T) {
	for _, r := range remarks {
		b, err := hex.DecodeString(r.hex)
		if err != nil {
			t.Fatal(err)
		}
		p := annotate.One(b, annotate.Options{Version: r.version, Sender: r.sender})
		if !slices.ContainsFunc(p.Findings, func(f annotate.Finding) bool { return f.Rule == r.id && f.Code == r.code }) {
			t.Errorf("%s %s: %+v", r.id, r.code, p.Findings)
		}
	}
}

func TestImpliedByTheGrammar(t *testing.T) {
	for _, i := range implied {
		b, err := hex.DecodeString(i.hex)
		if err != nil {
			t.Fatal(err)
		}
		d := packet.Decoder{Version: i.version}
		var fault *packet.Fault
		if _, err := d.Decode(b); !errors.As(err, &fault) || fault.Violation != i.by {
			t.Errorf("%s %s: %s is read as %v, want %s", i.version, i.id, i.hex, err, i.by)
		}
		if _, ok := spec.Lookup(i.version, i.id); !ok {
			t.Errorf("%s has no %s", i.version, i.id)
		}
	}
}

func TestSectionsOf31(t *testing.T) {
	for section, ids := range sections31 {
		if _, ok := spec.Lookup(packet.V31, section); !ok {
			t.Errorf("there is no %s", section)
		}
		for _, id := range ids {
			if _, ok := spec.Lookup(packet.V311, id); !ok {
				t.Errorf("%s: there is no %s", section, id)
			}
		}
	}
}

// TestServersDutiesAreShown holds that a transcript shows every statement that
// binds a server and shows on the wire, and that of the others it is said why
// they do not.
func TestServersDutiesAreShown(t *testing.T) {
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		for _, r := range Rows(v) {
			switch {
			case r.Judged == spec.JudgedNever && r.WhyText(spec.English) == "":
				t.Errorf("%s %s: it is not said why it does not show", v, r.ID)
			case r.Binds != spec.BindsClient && r.Judged != spec.JudgedNever && len(r.Transcripts) == 0:
				t.Errorf("%s %s is in no transcript", v, r.ID)
			}
		}
	}
}
