package coverage

import "mqttlab/mqttcore/packet"

// remark is a finding of package annotate that cites a statement and is no
// fault of the grammar.
type remark struct {
	version  packet.Version
	id, code string
	sender   packet.Party
	hex      string // a packet that shows it, for the test
}

// remarks are those of annotate/lint.go.
var remarks = []remark{
	{packet.V311, "MQTT-3.1.3-5", "client-id-long", 0, "102600044d5154540402003c001a" + "6162636465666768696a6b6c6d6e6f707172737475767778797a"},
	{packet.V311, "MQTT-3.1.3-5", "client-id-characters", 0, "100f00044d5154540402003c0003612d62"},
	{packet.V311, "MQTT-3.3.1-5", "retain-stored", 0, "31050001612121"},
	{packet.V311, "MQTT-3.3.1-10", "retain-clears", 0, "3103000161"},
	{packet.V311, "MQTT-4.7.2-1", "dollar-topic", 0, "300500022461" + "21"},
	{packet.V311, "MQTT-2.3.1-5", "packet-id-qos-0", 0, "300900016100076865" + "6c6c"},
	{packet.V5, "MQTT-2.2.1-2", "packet-id-qos-0", 0, "300a000161000700" + "68656c6c"},
	{packet.V5, "MQTT-3.1.3-5", "client-id-long", 0, "102700044d5154540502003c00001a" + "6162636465666768696a6b6c6d6e6f707172737475767778797a"},
	{packet.V5, "MQTT-3.1.3-5", "client-id-characters", 0, "101000044d5154540502003c000003612d62"},
	{packet.V5, "MQTT-3.3.1-5", "retain-stored", 0, "3106000161002121"},
	{packet.V5, "MQTT-3.3.1-6", "retain-clears", 0, "310400016100"},
	{packet.V5, "MQTT-4.7.2-1", "dollar-topic", 0, "30060002246100" + "21"},
	{packet.V5, "MQTT-3.14.2-2", "session-expiry-from-server", packet.Server, "e00700051100000001"},
	{packet.V5, "MQTT-3.3.4-6", "subscription-id-from-client", packet.Client, "3006000161020b01"},
	{packet.V5, "MQTT-3.4.2-1", "no-subscribers-from-client", packet.Client, "4003000110"},
	{packet.V5, "MQTT-3.5.2-1", "no-subscribers-from-client", packet.Client, "5003000110"},
}
