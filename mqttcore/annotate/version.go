package annotate

import (
	"reflect"

	"mqttlab/mqttcore/packet"
)

// preference orders the versions where the bytes do not decide.
var preference = []packet.Version{packet.V311, packet.V5, packet.V31}

// chooseVersion returns the version under which most of the packets read
// well, and why, as a message key.
func chooseVersion(packets [][]byte, o Options) (packet.Version, string) {
	const enough = 200
	best, most := packet.V311, -1
	wells, texts := map[packet.Version]int{}, map[packet.Version]int{}
	for _, v := range preference {
		well := 0
		d := packet.Decoder{}
		for _, b := range packets[:min(len(packets), enough)] {
			d.Version = v
			p, err := d.Decode(b)
			if err != nil || !p.Type().MaySend(o.Sender, d.Version) {
				continue
			}
			well++
			if p, ok := p.(*packet.Publish); ok && isText(p.Payload) {
				texts[v]++
			}
		}
		wells[v] = well
		if well > most {
			best, most = v, well
		}
	}
	switch {
	case most == 0:
		return best, "version.none"
	case best == packet.V311 && wells[packet.V5] == most && texts[packet.V5] > texts[packet.V311]:
		return packet.V5, "version.text"
	case wells[packet.V311] == wells[packet.V5] && wells[packet.V31] == wells[packet.V5]:
		return best, "version.all"
	case best == packet.V311 && wells[packet.V5] < most:
		return best, "version.before5"
	case best == packet.V5 && wells[packet.V311] < most:
		return best, "version.only5"
	}
	return best, "version.most"
}

// versionWhy says why the packet is read under its version. why is the key
// that chooseVersion gave.
func (r *reading) versionWhy(why string, o Options) string {
	if o.VersionWhy != "" {
		return r.phrase(o.VersionWhy, "version", r.version.String())
	}
	if s, ok := r.span(packet.FieldProtocolLevel); ok && r.kind() == packet.CONNECT && !s.Cut {
		if v := packet.Version(s.Value); v == r.version {
			return r.say("version.connect", "level", decimal(int(s.Value)), "version", r.version.String())
		}
		return r.say("version.connect.unknown", "level", decimal(int(s.Value)), "version", r.version.String())
	}
	if o.Version != 0 && why == "" {
		why = "version.given"
	}
	return r.phrase(why, "version", r.version.String())
}

// alternatives reads the packet under the other versions and returns those
// under which it reads well and says something else.
func (r *reading) alternatives(p Packet, o Options) []Packet {
	var list []Packet
	for _, v := range preference {
		if v == r.version || r.kind() == packet.CONNECT || v != packet.V5 && r.version != packet.V5 {
			continue // 3.1 and 3.1.1 name some reserved bits otherwise, and mean the same
		}
		other := read(r.b, v, o)
		if other.fault != nil {
			continue
		}
		q := other.annotate()
		if sameFields(p.Fields, q.Fields) {
			continue
		}
		q.Index, q.Offset = p.Index, p.Offset
		q.VersionWhy = r.say("version.also", "version", v.String())
		list = append(list, q)
	}
	return list
}

func sameFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if x.Name != y.Name || x.Offset != y.Offset || x.Length != y.Length || !reflect.DeepEqual(x.Value, y.Value) || !sameFields(x.Fields, y.Fields) {
			return false
		}
	}
	return true
}
