package capture

import (
	"encoding/binary"
	"slices"
)

// etherBridged says in a tunnel's header that an Ethernet frame follows.
const etherBridged = 0x6558

// UDP ports of the tunnels that carry Ethernet frames.
const (
	portVXLAN      = 4789
	portVXLANLinux = 8472
	portGeneve     = 6081
	portGTP        = 2152 // of mobile networks
)

// Protocols of GRE for copies of a switch's frames.
const (
	erspan2 = 0x88be
	erspan3 = 0x22eb
)

// behindEthernet returns the IP packet in an Ethernet frame, nil if there is
// none.
func behindEthernet(b []byte) []byte {
	if len(b) < 14 {
		return nil
	}
	return behindEtherType(binary.BigEndian.Uint16(b[12:]), b[14:])
}

// behindTunnel is behindEtherType for a protocol that a tunnel names.
func behindTunnel(protocol uint16, b []byte) []byte {
	if protocol == etherBridged {
		return behindEthernet(b)
	}
	return behindEtherType(protocol, b)
}

// behindGRE returns the IP packet in a GRE packet (RFC 2784, RFC 2890), also in one with
// a switch's copy of a frame (ERSPAN), nil if there is none.
func behindGRE(b []byte) []byte {
	if len(b) < 4 || b[0]&0x40 != 0 || b[1]&7 != 0 { // source routes; version 1 is PPTP's
		return nil
	}
	head := 4
	for _, optional := range [...]byte{0x80, 0x20, 0x10} { // checksum, key, sequence number
		if b[0]&optional != 0 {
			head += 4
		}
	}
	if len(b) < head {
		return nil
	}
	protocol, numbered := binary.BigEndian.Uint16(b[2:]), b[0]&0x10 != 0
	b = b[head:]
	switch {
	case protocol == erspan2 && numbered:
		return behindEthernet(after(b, 8))
	case protocol == erspan2: // type I has no header
		return behindEthernet(b)
	case protocol == erspan3 && len(b) >= 12 && b[11]&1 != 0: // with a platform's own part
		return behindEthernet(after(b, 20))
	case protocol == erspan3:
		return behindEthernet(after(b, 12))
	}
	return behindTunnel(protocol, b)
}

// after returns b without its first n bytes, nil if there are not so many.
func after(b []byte, n int) []byte {
	if len(b) < n {
		return nil
	}
	return b[n:]
}

// behindGTP returns the IP packet in a G-PDU of GTP version 1 (3GPP TS 29.281), nil if there is none.
func behindGTP(b []byte) []byte {
	if len(b) < 8 || b[0]>>4 != 3 || b[1] != 0xff {
		return nil
	}
	flags, rest := b[0], b[8:]
	if flags&7 == 0 {
		return sniffIP(rest, 0)
	}
	if len(rest) < 4 {
		return nil
	}
	next := rest[3]
	for rest = rest[4:]; flags&4 != 0 && next != 0; { // extension headers, in units of four bytes
		if len(rest) == 0 || rest[0] == 0 || len(rest) < int(rest[0])*4 {
			return nil
		}
		n := int(rest[0]) * 4
		next, rest = rest[n-1], rest[n:]
	}
	return sniffIP(rest, 0)
}

// Ports on which MQTT-SN is used: 1884 is its own, 1883 and 1885 RSMB's, 10000 its gateways'.
var sensorPorts = [...]uint16{1883, 1884, 1885, 10000}

// isSensorNetwork reports whether a UDP datagram is a message of MQTT-SN 1.2: on one of its ports, with the length of
// the datagram and a type that exists in front.
func isSensorNetwork(b []byte) bool {
	if len(b) < 10 || !slices.Contains(sensorPorts[:], binary.BigEndian.Uint16(b)) && !slices.Contains(sensorPorts[:], binary.BigEndian.Uint16(b[2:])) {
		return false
	}
	b = b[8:]
	size, kind := int(b[0]), b[1]
	if b[0] == 1 { // a length of two bytes follows
		if len(b) < 4 {
			return false
		}
		size, kind = int(binary.BigEndian.Uint16(b[1:])), b[3]
	}
	return size == len(b) && (kind <= 0x1d || kind == 0xfe)
}

// behindUDP returns the IP packet in a VXLAN (RFC 7348), Geneve (RFC 8926) or GTP
// datagram, nil if there is none.
func behindUDP(b []byte) []byte {
	if len(b) < 16 {
		return nil
	}
	inner := b[8:]
	switch binary.BigEndian.Uint16(b[2:]) {
	case portVXLAN, portVXLANLinux:
		if inner[0]&0x08 == 0 {
			return nil
		}
		return behindEthernet(inner[8:])
	case portGTP:
		return behindGTP(inner)
	case portGeneve:
		head := 8 + int(inner[0]&0x3f)*4
		if len(inner) < head {
			return nil
		}
		return behindTunnel(binary.BigEndian.Uint16(inner[2:]), inner[head:])
	}
	return nil
}
