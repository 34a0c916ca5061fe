package hexdump

import "bytes"

// fitsMQTT reports whether b is a row of whole MQTT Control Packets by their fixed headers alone: a
// type 1 to 15 and a Remaining Length that fits exactly. It only breaks ties between readings.
func fitsMQTT(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	for len(b) > 0 {
		n := packetSize(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return true
}

// opensMQTT reports whether b begins as a connection does, with a whole CONNECT, or with a whole packet and another
// behind it.
func opensMQTT(b []byte) bool {
	n := packetSize(b)
	return n > 0 && (b[0] == 0x10 && bytes.Contains(b[:n], []byte("MQ")) || packetSize(b[n:]) > 0)
}

// packetSize is the size of the whole Control Packet that b begins with, or 0.
func packetSize(b []byte) int {
	if len(b) == 0 || b[0]>>4 == 0 {
		return 0
	}
	n, i := 0, 1
	for shift := 0; ; shift += 7 {
		if i >= len(b) || shift > 21 {
			return 0
		}
		n |= int(b[i]&0x7f) << shift
		i++
		if b[i-1]&0x80 == 0 {
			break
		}
	}
	if n > len(b)-i {
		return 0
	}
	return i + n
}
