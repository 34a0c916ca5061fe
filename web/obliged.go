package web

// obligation is what a Connect Flag, or the QoS of a PUBLISH, obliges to follow.
type obligation struct {
	bits   int // columns of the table of bits
	on     bool
	text   string
	fields []*node // that follow because of it, where they are there
}

// obliges lists, by the name of a flag, the fields that follow when it is set.
var obliges = map[string][]string{
	"mqtt.conflag.uname":    {"mqtt.username"},
	"mqtt.conflag.passwd":   {"mqtt.passwd"},
	"mqtt.conflag.willflag": {"mqtt.will_properties", "mqtt.willtopic", "mqtt.willmsg"},
	"mqtt.qos":              {"mqtt.msgid"},
}

// obliged says of each field of a byte of flags what it obliges to follow;
// nil where no flag obliges to anything.
func (pv *packetView) obliged(n *node, runs []bitRun) []obligation {
	if n.Name != "mqtt.conflags" && (n.Name != "mqtt.hdrflags" || pv.Type != "PUBLISH") {
		return nil
	}
	will := false
	for _, kid := range n.Kids {
		will = will || kid.Name == "mqtt.conflag.willflag" && kid.shown() == "1"
	}
	var list []obligation
	for _, run := range runs {
		o := obligation{bits: len(run.Bits), on: run.shown() != "0"}
		key := "obliges." + run.Name
		if o.on {
			key += ".on"
		}
		switch {
		case run.Name == "mqtt.msgtype":
		case !o.on && !will && (run.Name == "mqtt.conflag.qos" || run.Name == "mqtt.conflag.retain"):
			o.text = say(pv.Lang, "obliges.without-will")
		default:
			o.text = say(pv.Lang, key)
		}
		if o.on {
			o.fields = pv.following(run.Name)
		}
		list = append(list, o)
	}
	return list
}

// following lists the fields that are there of those to which a flag obliges.
func (pv *packetView) following(flag string) []*node {
	var list []*node
	for _, name := range obliges[flag] {
		for _, f := range pv.Roots {
			if f.Name == name {
				list = append(list, f)
			}
		}
	}
	return list
}
