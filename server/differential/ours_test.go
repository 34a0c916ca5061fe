package differential

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/capture"
	"mqttlab/mqttcore/packet"
)

// annotated returns our reading of every MQTT packet in a file: each under the
// version of its connection's CONNECT.
func annotated(t *testing.T, file string, port uint16) []dissection {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	versions, topics := map[int]packet.Version{}, map[string]string{}
	reader := capture.NewReader(f, capture.Options{Ports: []uint16{port}, MaxPacket: 4 << 20})
	var list []dissection
	for rec := range reader.Records() {
		switch rec.Kind {
		case capture.Note, capture.Part:
			t.Errorf("%s, frame %d: %s %s %q", file, rec.Frame, rec.Kind, rec.Code, rec.Args)
		case capture.Packet:
			p := annotate.One(rec.Bytes, annotate.Options{Version: versions[rec.Conn], Sender: rec.From})
			if p.Type == packet.CONNECT.String() {
				versions[rec.Conn], _ = packet.ParseVersion(p.Version)
			}
			d := dissection{frame: rec.Frame, hex: p.Hex, version: versions[rec.Conn]}
			d.flatten(p.Fields, "")
			if alias := d.value("mqtt.property.topic_alias"); alias != "" {
				key := fmt.Sprint(rec.Conn, rec.From, alias)
				if topic := d.value("mqtt.topic"); topic != "" {
					topics[key] = topic
				}
				d.alias = topics[key]
			}
			list = append(list, d)
		}
	}
	if err := reader.Err(); err != nil {
		t.Error(err)
	}
	// A connection's packets keep their order within a frame.
	slices.SortStableFunc(list, func(a, b dissection) int { return cmp.Compare(a.frame, b.frame) })
	return list
}

// flatten adds the fields of a tree, parents before children.
func (d *dissection) flatten(fields []annotate.Field, inside string) {
	for _, f := range fields {
		g := field{name: f.Name, offset: f.Offset, length: f.Length, inside: inside}
		if f.Bits != nil {
			hi, lo := f.Bits[0], f.Bits[1]
			g.mask = 1<<(hi+1) - 1<<lo
		}
		switch v := f.Value.(type) {
		case nil:
		case int:
			g.value = strconv.Itoa(v)
		case string:
			g.value = v
		default:
			g.value = fmt.Sprintf("%T %v", v, v)
		}
		d.fields = append(d.fields, g)
		d.flatten(f.Fields, f.Name)
	}
}

// value returns the value of the first field of that name.
func (d *dissection) value(name string) string {
	for _, f := range d.fields {
		if f.name == name {
			return f.value
		}
	}
	return ""
}
