package broker_test

import (
	"bytes"
	"testing"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
)

// filled returns the Records of a Broker that has something of each kind.
func filled(t testing.TB) []broker.Record {
	b := broker.New(broker.Config{Durable: true})
	kept := map[string][]byte{}
	now := time.Unix(1000, 0)
	say := func(id broker.ConnID, p packet.Packet) {
		b.Receive(now, id, p, nil)
		for _, c := range b.Changes() {
			if kept[c.Key] = c.Value; c.Value == nil {
				delete(kept, c.Key)
			}
		}
	}
	for id, name := range map[broker.ConnID]string{1: "A", 2: "P"} {
		b.Open(now, id)
		c := packet.NewConnect(packet.V5)
		c.ClientID, c.HasWill = name, true
		c.Will = packet.Will{Topic: "w", Payload: []byte("x"), QoS: 1, Properties: packet.Properties{{ID: packet.WillDelayInterval, Number: 5}}}
		c.Properties = packet.Properties{{ID: packet.SessionExpiryInterval, Number: 100}, {ID: packet.ReceiveMaximum, Number: 2}}
		say(id, c)
	}
	say(1, &packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "t/#", QoS: 2}, {Filter: "$share/g/t/+", QoS: 1}}})
	for id := range uint16(4) {
		say(2, &packet.Publish{Topic: "t/1", QoS: 2, PacketID: id + 1, Retain: id == 0, Payload: []byte("hello"),
			Properties: packet.Properties{{ID: packet.MessageExpiryInterval, Number: 50}}})
	}
	say(1, &packet.Ack{Kind: packet.PUBREC, PacketID: 1})
	say(1, &packet.Ack{Kind: packet.PUBCOMP, PacketID: 1})
	say(1, &packet.Ack{Kind: packet.PUBREC, PacketID: 2})
	var records []broker.Record
	kinds := map[byte]bool{}
	for key, value := range kept {
		records = append(records, broker.Record{Key: key, Value: value})
		kinds[key[0]] = true
	}
	if len(kinds) != 6 {
		t.Fatalf("%d kinds of record", len(kinds))
	}
	return records
}

// TestRestoreRefusesWhatItCannotHaveWritten cuts every record at each place,
// and takes away those that others rest on.
func TestRestoreRefusesWhatItCannotHaveWritten(t *testing.T) {
	records := filled(t)
	restore := func(records []broker.Record) error {
		_, err := broker.New(broker.Config{Durable: true}).Restore(time.Unix(1001, 0), records)
		return err
	}
	if err := restore(records); err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		for n := range len(r.Value) {
			changed := bytes.Clone(r.Value[:n])
			if n == 0 {
				changed = []byte{}
			}
			list := append([]broker.Record{{Key: r.Key, Value: changed}}, records[:i]...)
			if restore(append(list, records[i+1:]...)) == nil {
				t.Errorf("record %q is taken with %d of %d bytes", r.Key, n, len(r.Value))
			}
		}
		list := append([]broker.Record{{Key: r.Key[:min(2, len(r.Key)-1)], Value: r.Value}}, records[:i]...)
		if r.Key[0] != 'R' && restore(append(list, records[i+1:]...)) == nil {
			t.Errorf("record %q is taken with half a key", r.Key)
		}
	}
	for _, r := range records {
		if r.Key == "SA" {
			without := []broker.Record{}
			for _, other := range records {
				if other.Key != r.Key {
					without = append(without, other)
				}
			}
			if restore(without) == nil {
				t.Error("a session's messages are taken without the session")
			}
		}
	}
	if restore([]broker.Record{{Key: "X", Value: []byte{1}}}) == nil {
		t.Error("a record of no kind is taken")
	}
}

// FuzzRestore holds that no record makes Restore panic or a restored Broker
// misbehave.
func FuzzRestore(f *testing.F) {
	for _, r := range filled(f) {
		f.Add(r.Key, r.Value)
	}
	f.Add("D\x00\x01A\x00\x00\x00\x00\x00\x00\x00\t", []byte("1\x0212")) // of no state
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		b := broker.New(broker.Config{Durable: true, Explain: true})
		records := append(filled(t), broker.Record{Key: key, Value: value})
		now := time.Unix(1001, 0)
		if _, err := b.Restore(now, records); err != nil {
			return
		}
		b.State()
		b.Tick(now.Add(time.Hour))
	})
}
