package coverage

import "mqttlab/mqttcore/packet"

// implied are statements that the grammar enforces without citing them: a
// packet that breaks one is read as having another fault, often that a field
// is missing or left over. hex is such a packet, for the test.
var implied = []struct {
	version packet.Version
	id      string
	by      packet.Violation
	hex     string
}{
	{packet.V311, "MQTT-2.2.2-1", packet.ReservedFlags, "c100"},
	{packet.V311, "MQTT-3.1.2-9", packet.PastEnd, "100d00044d5154540406003c000161"},
	{packet.V311, "MQTT-3.1.2-11", packet.WillQoSWithoutWill, "100d00044d515454040a003c000161"},
	{packet.V311, "MQTT-3.1.2-18", packet.TrailingBytes, "101000044d5154540402003c000161000175"},
	{packet.V311, "MQTT-3.1.2-19", packet.PastEnd, "100d00044d5154540482003c000161"},
	{packet.V311, "MQTT-3.1.2-20", packet.TrailingBytes, "101300044d5154540482003c000161000175000170"},
	{packet.V311, "MQTT-3.1.2-21", packet.PastEnd, "101000044d51545404c2003c000161000175"},
	{packet.V311, "MQTT-3.1.3-3", packet.PastEnd, "100a00044d5154540402003c"},
	{packet.V311, "MQTT-3.1.3-4", packet.InvalidUTF8, "100d00044d5154540402003c0001ff"},
	{packet.V311, "MQTT-3.1.3-10", packet.InvalidUTF8, "101300044d5154540406003c0001610001ff000178"},
	{packet.V311, "MQTT-3.1.3-11", packet.InvalidUTF8, "101000044d5154540482003c0001610001ff"},
	{packet.V311, "MQTT-3.3.2-1", packet.InvalidUTF8, "30030001ff"},
	{packet.V311, "MQTT-3.6.1-1", packet.ReservedFlags, "60020001"},
	{packet.V311, "MQTT-3.8.1-1", packet.ReservedFlags, "8006000100016100"},
	{packet.V311, "MQTT-3.8.3-1", packet.InvalidUTF8, "820600010001ff00"},
	{packet.V311, "MQTT-3.10.1-1", packet.ReservedFlags, "a0050001000161"},
	{packet.V311, "MQTT-3.10.3-1", packet.InvalidUTF8, "a20500010001ff"},
	{packet.V311, "MQTT-3.14.1-1", packet.ReservedFlags, "e100"},
	{packet.V311, "MQTT-4.3.1-1", packet.DupWithQoS0, "3803000161"},
	{packet.V311, "MQTT-4.7.1-1", packet.TopicWildcard, "300300012b"},
	{packet.V311, "MQTT-4.7.3-2", packet.NulCharacter, "3003000100"},

	{packet.V5, "MQTT-1.5.7-1", packet.InvalidUTF8, "300a00016106260001ff0000"},
	{packet.V5, "MQTT-2.2.2-1", packet.PastEnd, "3003000161"},
	{packet.V5, "MQTT-3.1.2-9", packet.PastEnd, "100e00044d5154540506003c00000161"},
	{packet.V5, "MQTT-3.1.2-16", packet.TrailingBytes, "101100044d5154540502003c00000161000175"},
	{packet.V5, "MQTT-3.1.2-17", packet.PastEnd, "100e00044d5154540582003c00000161"},
	{packet.V5, "MQTT-3.1.2-18", packet.TrailingBytes, "101400044d5154540582003c00000161000175000170"},
	{packet.V5, "MQTT-3.1.2-19", packet.PastEnd, "101100044d51545405c2003c00000161000175"},
	{packet.V5, "MQTT-3.1.3-3", packet.PastEnd, "100b00044d5154540502003c00"},
	{packet.V5, "MQTT-3.1.3-4", packet.InvalidUTF8, "100e00044d5154540502003c000001ff"},
	{packet.V5, "MQTT-3.1.3-11", packet.InvalidUTF8, "101500044d5154540506003c00000161000001ff000178"},
	{packet.V5, "MQTT-3.1.3-12", packet.InvalidUTF8, "101100044d5154540582003c000001610001ff"},
	{packet.V5, "MQTT-3.3.2-1", packet.InvalidUTF8, "30040001ff00"},
	{packet.V5, "MQTT-3.3.2-8", packet.PropertyValue, "300700016103230000"},
	{packet.V5, "MQTT-3.3.2-13", packet.InvalidUTF8, "300800016104080001ff"},
	{packet.V5, "MQTT-3.3.2-19", packet.InvalidUTF8, "300800016104030001ff"},
	{packet.V5, "MQTT-3.6.1-1", packet.ReservedFlags, "60020001"},
	{packet.V5, "MQTT-3.8.1-1", packet.ReservedFlags, "800700010000016100"},
	{packet.V5, "MQTT-3.8.3-1", packet.InvalidUTF8, "82070001000001ff00"},
	{packet.V5, "MQTT-3.10.1-1", packet.ReservedFlags, "a006000100000161"},
	{packet.V5, "MQTT-3.10.3-1", packet.InvalidUTF8, "a2060001000001ff"},
	{packet.V5, "MQTT-3.14.1-1", packet.ReservedFlags, "e100"},
	{packet.V5, "MQTT-3.15.1-1", packet.ReservedFlags, "f100"},
	{packet.V5, "MQTT-4.3.1-1", packet.DupWithQoS0, "380400016100"},
	{packet.V5, "MQTT-4.7.0-1", packet.TopicWildcard, "300400012b00"},
	{packet.V5, "MQTT-4.7.3-2", packet.NulCharacter, "300400010000"},
}

// sections31 gives the statements of 3.1.1 that say what a section of 3.1
// says: 3.1 numbered none, and the checks of the two are the same.
var sections31 = map[string][]string{
	"MQTT 3.1 §2.1":  {"MQTT-2.2.2-2"},
	"MQTT 3.1 §2.2":  {"MQTT-3.1.2-1", "MQTT-3.1.2-3"},
	"MQTT 3.1 §2.3":  {"MQTT-3.8.3-3", "MQTT-3.10.3-2"},
	"MQTT 3.1 §2.4":  {"MQTT-2.3.1-1", "MQTT-2.3.1-2"},
	"MQTT 3.1 §2.5":  {"MQTT-1.5.3-1"},
	"MQTT 3.1 §2.6":  {"MQTT-2.2.2-1", "MQTT-3.1.2-3"},
	"MQTT 3.1 §3.2":  {"MQTT-3.2.0-1"},
	"MQTT 3.1 §3.3":  {"MQTT-3.3.2-2", "MQTT-2.3.1-1"},
	"MQTT 3.1 §3.4":  {"MQTT-2.3.1-6", "MQTT-3.3.4-1"},
	"MQTT 3.1 §3.5":  {"MQTT-2.3.1-6", "MQTT-3.3.4-1"},
	"MQTT 3.1 §3.6":  {"MQTT-3.6.1-1", "MQTT-4.3.3-1"},
	"MQTT 3.1 §3.7":  {"MQTT-2.3.1-6", "MQTT-4.3.3-2"},
	"MQTT 3.1 §3.8":  {"MQTT-3.8.1-1", "MQTT-2.3.1-1", "MQTT-3.8.3-3"},
	"MQTT 3.1 §3.9":  {"MQTT-2.3.1-7", "MQTT-3.8.4-5"},
	"MQTT 3.1 §3.10": {"MQTT-3.10.1-1", "MQTT-2.3.1-1", "MQTT-3.10.3-2"},
	"MQTT 3.1 §3.11": {"MQTT-2.3.1-7", "MQTT-3.10.4-4"},
	"MQTT 3.1 §3.12": {"MQTT-3.1.2-23"},
	"MQTT 3.1 §3.13": {"MQTT-3.12.4-1"},
	"MQTT 3.1 §3.14": {"MQTT-3.14.4-3"},
	"MQTT 3.1 §4.1":  {"MQTT-4.3.1-1", "MQTT-4.3.2-1", "MQTT-4.3.3-1"},
	"MQTT 3.1 §4.2":  {"MQTT-3.3.1-1", "MQTT-4.4.0-1"},
	"MQTT 3.1 §4.3":  {"MQTT-4.6.0-2"},
	"MQTT 3.1 §A":    {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-3.3.2-2"},
}
