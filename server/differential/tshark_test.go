package differential

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// field is a field of a packet, in the terms that both sides are brought to.
type field struct {
	name           string
	offset, length int    // in bytes, from the packet's first
	mask           int    // 0: whole bytes
	value          string // a number in decimal, a string, binary data in hex
	inside         string // of ours, the name of the field around it; not compared
}

func (f field) String() string {
	s := fmt.Sprintf("%s at %d+%d", f.name, f.offset, f.length)
	if f.mask != 0 {
		s += fmt.Sprintf(" mask %#x", f.mask)
	}
	if len(f.value) > 60 {
		return fmt.Sprintf("%s = %q… (%d)", s, f.value[:60], len(f.value))
	}
	return fmt.Sprintf("%s = %q", s, f.value)
}

// same says whether all that is compared is equal.
func (f field) same(g field) bool {
	f.inside = g.inside
	return f == g
}

// dissection is what one side makes of one packet.
type dissection struct {
	frame   int
	hex     string
	fields  []field
	version packet.Version // of ours only
	alias   string         // of ours only: the topic that its Topic Alias stands for
}

// dissected returns tshark's reading of every MQTT packet in a file.
func dissected(t *testing.T, file string, port int) []dissection {
	t.Helper()
	cmd := exec.Command("tshark", "-r", file, "-d", fmt.Sprintf("tcp.port==%d,mqtt", port),
		"-o", "mqtt.show_msg_as_text:FALSE", "-Y", "mqtt", "-T", "json", "-x", "-J", "frame mqtt")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir()) // nobody's own preferences
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark, which make tools installs: %v\n%s", err, errs.String())
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.UseNumber()
	frames, err := readJSON(decoder)
	if err != nil {
		t.Fatalf("tshark's JSON: %v", err)
	}
	var list []dissection
	for _, f := range frames.items {
		layers := f.get("_source").get("layers")
		frame, err := strconv.Atoi(layers.get("frame").get("frame.number").text)
		if err != nil {
			t.Fatal(err)
		}
		var raw *node
		for _, m := range layers.members {
			switch m.key {
			case "mqtt_raw":
				raw = m
			case "mqtt":
				d := dissection{frame: frame, hex: raw.items[0].text}
				if err := d.collect(m, raw.number(1)); err != nil {
					t.Fatalf("frame %d: %v", frame, err)
				}
				list = append(list, d)
			}
		}
	}
	return list
}

// collect adds the fields below n. Every field "x" has a sibling "x_raw" in
// front of it ([hex, offset, length, mask, type]) and, if it has fields of its
// own, "x_tree" behind it; a field without a value is its own tree. One that
// covers no bytes has no "x_raw": its place is taken to be where the field
// before it ends.
func (d *dissection) collect(n *node, start int) error {
	end := 0
	for i, m := range n.members {
		if strings.HasSuffix(m.key, "_raw") {
			continue
		}
		if strings.HasPrefix(m.key, "mqtt.") && !strings.HasSuffix(m.key, "_tree") {
			f := field{name: m.key, offset: end, value: m.text}
			if i > 0 && n.members[i-1].key == m.key+"_raw" {
				var err error
				if f, err = d.field(m, n.members[i-1], start); err != nil {
					return err
				}
			}
			end = f.offset + f.length
			d.fields = append(d.fields, f)
		}
		if err := d.collect(m, start); err != nil {
			return err
		}
	}
	return nil
}

// Wireshark's numbers of its field types, as they stand in the raw arrays.
const (
	ftBoolean = 2
	ftUint8   = 4
	ftUint64  = 11
	ftBytes   = 30
)

// field reads one field and checks that its raw bytes are the packet's.
func (d *dissection) field(m, raw *node, start int) (field, error) {
	f := field{name: m.key, offset: raw.number(1) - start, length: raw.number(2), mask: raw.number(3), value: m.text}
	if f.length > 0 && f.mask == 0 {
		from, to := 2*f.offset, 2*(f.offset+f.length)
		if from < 0 || to > len(d.hex) || d.hex[from:to] != raw.items[0].text {
			return f, fmt.Errorf("%v has raw bytes %s, which are not the packet's there", f, raw.items[0].text)
		}
	}
	switch kind := raw.number(4); {
	case kind == ftBoolean || kind >= ftUint8 && kind <= ftUint64:
		x, err := strconv.ParseUint(m.text, 0, 64)
		if err != nil {
			return f, fmt.Errorf("%v is no number", f)
		}
		f.value = strconv.FormatUint(x, 10)
	case kind == ftBytes:
		b, err := hex.DecodeString(strings.ReplaceAll(m.text, ":", ""))
		if err != nil {
			return f, fmt.Errorf("%v is no hex", f)
		}
		f.value = hex.EncodeToString(b)
	}
	return f, nil
}

// node is a JSON value whose members keep their order and may share a name, as
// tshark's do.
type node struct {
	key     string
	text    string // of a string or a number
	members []*node
	items   []*node
}

// get returns the first member of that name, or an empty node.
func (n *node) get(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m
		}
	}
	return &node{}
}

// number returns the i-th item as a number, or -1.
func (n *node) number(i int) int {
	if i >= len(n.items) {
		return -1
	}
	x, err := strconv.Atoi(n.items[i].text)
	if err != nil {
		return -1
	}
	return x
}

func readJSON(d *json.Decoder) (*node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	n := &node{}
	switch token := token.(type) {
	case json.Delim:
		for d.More() {
			key := ""
			if token == '{' {
				k, err := d.Token()
				if err != nil {
					return nil, err
				}
				key = k.(string)
			}
			child, err := readJSON(d)
			if err != nil {
				return nil, err
			}
			child.key = key
			if token == '{' {
				n.members = append(n.members, child)
			} else {
				n.items = append(n.items, child)
			}
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
	case string:
		n.text = token
	case json.Number:
		n.text = token.String()
	}
	return n, nil
}
