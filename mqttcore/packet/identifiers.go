package packet

import "strconv"

// Version is a protocol version, with the value that CONNECT carries as its
// protocol level.
type Version uint8

// The versions that this grammar knows. The zero Version means: not known yet.
const (
	V31  Version = 3 // MQTT 3.1, protocol name "MQIsdp"
	V311 Version = 4 // MQTT 3.1.1
	V5   Version = 5 // MQTT 5.0
)

// Versions lists every known version, newest last.
var Versions = []Version{V31, V311, V5}

// String returns "3.1", "3.1.1" or "5.0", and "unknown" for anything else.
func (v Version) String() string {
	switch v {
	case V31:
		return "3.1"
	case V311:
		return "3.1.1"
	case V5:
		return "5.0"
	}
	return "unknown"
}

// ParseVersion reads "3.1", "3.1.1", "5.0" or "5".
func ParseVersion(s string) (Version, bool) {
	if s == "5" {
		return V5, true
	}
	for _, v := range Versions {
		if s == v.String() {
			return v, true
		}
	}
	return 0, false
}

// Type is a Control Packet type: bits 7 to 4 of the first byte (section 2.1.2;
// 3.1.1: section 2.2.1).
type Type uint8

// The Control Packet types. Type 0 is forbidden; 15 is AUTH in 5.0 and
// forbidden before.
const (
	CONNECT Type = iota + 1
	CONNACK
	PUBLISH
	PUBACK
	PUBREC
	PUBREL
	PUBCOMP
	SUBSCRIBE
	SUBACK
	UNSUBSCRIBE
	UNSUBACK
	PINGREQ
	PINGRESP
	DISCONNECT
	AUTH
)

var typeNames = [16]string{
	"Reserved", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP",
	"SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
}

// String returns the specification's name of the type, "Reserved" for 0.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "Type(" + strconv.Itoa(int(t)) + ")"
}

// Types lists the Control Packet types of a version in numeric order.
func Types(v Version) []Type {
	last := DISCONNECT
	if v == V5 {
		last = AUTH
	}
	var types []Type
	for t := CONNECT; t <= last; t++ {
		types = append(types, t)
	}
	return types
}

// ParseType reads a type's name in capitals.
func ParseType(s string) (Type, bool) {
	for t := CONNECT; t <= AUTH; t++ {
		if typeNames[t] == s {
			return t, true
		}
	}
	return 0, false
}

// Flags returns the value that the low four bits of a packet of this type
// must have (table 2-2), and false for PUBLISH, whose bits carry meaning.
func (t Type) Flags() (byte, bool) {
	switch t {
	case PUBLISH:
		return 0, false
	case PUBREL, SUBSCRIBE, UNSUBSCRIBE:
		return 0b0010, true
	}
	return 0, true
}

// Party is a side of a connection.
type Party uint8

// The two sides. The zero Party means: not known.
const (
	Client Party = iota + 1
	Server
)

// String returns "client", "server" or "".
func (p Party) String() string {
	return [...]string{"", "client", "server"}[p]
}

// MaySend says whether a party may send this type of packet under version v
// (table 2-1). An unknown party may send everything.
func (t Type) MaySend(p Party, v Version) bool {
	switch t {
	case CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ:
		return p != Server
	case CONNACK, SUBACK, UNSUBACK, PINGRESP:
		return p != Client
	case DISCONNECT:
		return v == V5 || p != Server
	}
	return true
}

// Sender returns the only party that may send this type under version v, or
// the zero Party if both may.
func (t Type) Sender(v Version) Party {
	switch {
	case !t.MaySend(Server, v):
		return Client
	case !t.MaySend(Client, v):
		return Server
	}
	return 0
}

// QoS is a Quality of Service level, 0 to 2. The bits can also say 3, which
// is forbidden [MQTT-3.3.1-4].
type QoS uint8
