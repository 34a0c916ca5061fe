package hexdump

// fitsMQTT reports whether b is a row of whole MQTT Control Packets by their fixed headers alone: a
// type 1 to 15 and a Remaining Length that fits exactly. It only breaks ties between readings.
func fitsMQTT(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	for len(b) > 0 {
		if b[0]>>4 == 0 {
			return false
		}
		n, i := 0, 1
		for shift := 0; ; shift += 7 {
			if i >= len(b) || shift > 21 {
				return false
			}
			n |= int(b[i]&0x7f) << shift
			i++
			if b[i-1]&0x80 == 0 {
				break
			}
		}
		if n > len(b)-i {
			return false
		}
		b = b[i+n:]
	}
	return true
}
