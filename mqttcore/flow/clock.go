package flow

import "mqttlab/mqttcore/packet"

// clock watches the Keep Alive, where times are given.
type clock struct {
	keepAlive uint16 // seconds; Server Keep Alive takes the place of the client's
	running   bool
	last      int64 // when the client last sent something
}

// tolerance is what a client may be late by before it is said: the time of a
// capture is not that of the client.
const (
	second    = int64(1_000_000_000)
	tolerance = second
)

// keepTime measures the silence before a packet of the client
// [MQTT-3.1.2-23], [MQTT-3.1.2-24] (5.0: [MQTT-3.1.2-20], [MQTT-3.1.2-22]).
func (c *Conn) keepTime() {
	k := &c.clock
	if c.from != packet.Client || !c.seen.Timed {
		return
	}
	silence := c.seen.At - k.last
	limit := int64(k.keepAlive) * second
	if k.running && limit > 0 && c.answered && silence > limit+tolerance {
		args := []string{"seconds", number(silence / second), "keep_alive", number(k.keepAlive)}
		exceeded := keepAliveExceeded
		if silence > limit+limit/2+tolerance {
			exceeded = keepAliveTimeout
		}
		c.blame(exceeded, Place{}, args...)
	}
	k.running, k.last = true, c.seen.At
}
