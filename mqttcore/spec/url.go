package spec

import (
	"strings"

	"mqttlab/mqttcore/packet"
)

// documents are the specifications' HTML documents, of the edition that the
// statements here were taken from.
var documents = map[packet.Version]string{
	packet.V31:  "https://public.dhe.ibm.com/software/dw/webservices/ws-mqtt/mqtt-v3r1.html",
	packet.V311: "https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html",
	packet.V5:   "https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html",
}

// anchors maps sections to the anchors of OASIS's documents, which are plain
// numbers without a scheme. A section that is not in the table is shown by
// its nearest parent.
var anchors = map[packet.Version]*file[map[string]string]{
	packet.V311: {path: "data/anchors-3.1.1.yaml"},
	packet.V5:   {path: "data/anchors-5.0.yaml"},
}

// URL returns where to read a section, "3.1.2.3" or "§3.1.2.3", of a version's
// specification: as near to the section as is known for certain, else the
// document. It returns "" for an unknown version.
func URL(v packet.Version, section string) string {
	document := documents[v]
	table, ok := anchors[v]
	if !ok {
		return document
	}
	section = strings.TrimPrefix(section, "§")
	for section != "" {
		if anchor, ok := table.get()[section]; ok {
			return document + "#" + anchor
		}
		i := strings.LastIndexByte(section, '.')
		if i < 0 {
			break
		}
		section = section[:i]
	}
	return document
}
