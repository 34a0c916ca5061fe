package differential

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// faulty writes a capture of packets that break rules but whose parts can
// still be told apart, each on a connection of its own, and returns its path.
func faulty(t *testing.T) string {
	t.Helper()
	var list []conversation
	add := func(v packet.Version, digits string) {
		b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if size, err := packet.Size(b); err != nil || size != len(b) {
			t.Fatalf("%s: size %d, %v", digits, size, err)
		}
		c := conversation{b}
		if v != 0 {
			connect := packet.NewConnect(v)
			connect.ClientID = "x"
			first, err := packet.Append(nil, connect, v)
			if err != nil {
				t.Fatal(err)
			}
			c = conversation{first, b}
		}
		list = append(list, c)
	}

	add(0, "1f 0d 00044d515454 04 02 003c 0001 61")    // CONNECT: fixed header's flags
	add(0, "10 0d 00044d515454 04 03 003c 0001 61")    // reserved Connect Flag
	add(0, "10 0d 00044d515454 04 22 003c 0001 61")    // Will Retain without a Will
	add(0, "10 0e 00044d515454 05 1a 003c 00 0001 61") // Will QoS 3 without a Will
	for _, v := range packet.Versions {
		props := ""
		if v == packet.V5 {
			props = "00"
		}
		n := len(props) / 2
		add(v, fmt.Sprintf("20 %02x ff 00 %s", 2+n, props))           // CONNACK: reserved flags
		add(v, fmt.Sprintf("2f %02x 00 7f %s", 2+n, props))           // unknown code
		add(v, fmt.Sprintf("38 %02x 0001 61 %s", 3+n, props))         // PUBLISH: DUP with QoS 0
		add(v, fmt.Sprintf("30 %02x 0000 %s 61", 3+n, props))         // no topic
		add(v, fmt.Sprintf("30 %02x 0003 612f23 %s 61", 6+n, props))  // a wildcard in the topic
		add(v, fmt.Sprintf("32 %02x 0001 61 0000 %s", 5+n, props))    // Packet Identifier 0
		add(v, fmt.Sprintf("30 %02x 00 0001 61 %s", 0x80|3+n, props)) // Remaining Length with a byte too many
		add(v, fmt.Sprintf("82 %02x 0001 %s 0001 61 ff", 6+n, props)) // SUBSCRIBE: all bits of the options
		add(v, fmt.Sprintf("8a %02x 0001 %s 0001 61 01", 6+n, props)) // DUP, as 3.1 had it
		add(v, fmt.Sprintf("80 %02x 0001 %s 0001 61 01", 6+n, props)) // flags 0000
		add(v, fmt.Sprintf("aa %02x 0001 %s 0001 61", 5+n, props))    // UNSUBSCRIBE with DUP
		add(v, fmt.Sprintf("a1 %02x 0001 %s 0001 61", 5+n, props))    // flags 0001
		add(v, fmt.Sprintf("90 %02x 0001 %s 7f", 3+n, props))         // SUBACK: unknown code
		add(v, "42 02 0001")                                          // PUBACK: flags
		add(v, "6a 02 0001")                                          // PUBREL with DUP
		add(v, "60 02 0001")                                          // flags 0000
		add(v, "c1 00")                                               // PINGREQ: flags
		add(v, "df 00")                                               // PINGRESP: flags
		add(v, "e4 00")                                               // DISCONNECT: flags
	}
	add(packet.V5, "30 09 0001 61 04 23 0000 7f 61")             // Topic Alias 0, and an unknown property
	add(packet.V5, "30 07 0000 03 23 0009 61")                   // an alias that was never set
	add(packet.V5, "f7 02 18 00")                                // AUTH: flags, and no method
	list = append(list, conversation{{0x30, 4, 0, 1, 'a', 'b'}}) // no CONNECT
	return write(t, "faulty.pcapng", list)
}
