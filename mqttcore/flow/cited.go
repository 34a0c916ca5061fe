package flow

import (
	"slices"
	"strings"

	"mqttlab/mqttcore/packet"
)

// also are statements that say of the same breach the same as the one that is
// cited, seen from another side.
var also = map[packet.Version]map[string][]string{
	packet.V311: {
		"MQTT-2.3.1-2":  {"MQTT-2.3.1-3"},
		"MQTT-2.3.1-7":  {"MQTT-3.8.4-2"},
		"MQTT-3.3.4-1":  {"MQTT-4.3.2-2", "MQTT-4.5.0-2"},
		"MQTT-3.8.4-5":  {"MQTT-3.8.4-4"},
		"MQTT-3.10.4-4": {"MQTT-3.10.4-5", "MQTT-3.10.4-6"},
	},
	packet.V5: {
		"MQTT-2.2.1-3":  {"MQTT-4.3.2-1", "MQTT-4.3.2-3", "MQTT-4.3.3-1", "MQTT-4.3.3-3", "MQTT-4.3.3-5"},
		"MQTT-2.2.1-6":  {"MQTT-3.8.4-2"},
		"MQTT-3.1.2-20": {"MQTT-3.1.2-21", "MQTT-3.2.2-21"},
		"MQTT-3.1.2-22": {"MQTT-3.2.2-22"},
		"MQTT-3.1.2-26": {"MQTT-3.3.2-11"},
		"MQTT-3.2.2-17": {"MQTT-3.3.2-9"},
		"MQTT-3.3.4-1":  {"MQTT-4.3.2-4", "MQTT-4.3.3-8", "MQTT-4.5.0-2"},
		"MQTT-3.2.2-7":  {"MQTT-4.13.2-1"},
		"MQTT-3.3.4-7":  {"MQTT-4.9.0-2"},
		"MQTT-3.3.4-8":  {"MQTT-4.9.0-3"},
		"MQTT-3.3.4-10": {"MQTT-4.9.0-3"},
		"MQTT-3.8.4-6":  {"MQTT-3.8.4-5"},
		"MQTT-3.10.4-4": {"MQTT-3.10.4-5"},
		"MQTT-3.11.3-1": {"MQTT-3.10.4-6"},
	},
}

// Statements lists the ids of the numbered statements that a Conn checks
// under a version, sorted. For 3.1 they are those of 3.1.1.
func Statements(v packet.Version) []string {
	var list []string
	add := func(id string) {
		if strings.HasPrefix(id, "MQTT-") {
			list = append(list, id)
			list = append(list, also[v][id]...)
		}
	}
	for k := range checkCount {
		add(k.rule(v, packet.Client))
		add(k.rule(v, packet.Server))
	}
	if v == packet.V5 {
		for _, row := range explanations {
			add(row.reason)
			add(row.user)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
