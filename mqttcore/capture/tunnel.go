package capture

import "encoding/binary"

// etherBridged says in a tunnel's header that an Ethernet frame follows.
const etherBridged = 0x6558

// UDP ports of the tunnels that carry Ethernet frames.
const (
	portVXLAN      = 4789
	portVXLANLinux = 8472
	portGeneve     = 6081
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

// behindGRE returns the IP packet in a GRE packet (RFC 2784, RFC 2890), nil if
// there is none.
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
	return behindTunnel(binary.BigEndian.Uint16(b[2:]), b[head:])
}

// behindUDP returns the IP packet in a VXLAN (RFC 7348) or Geneve (RFC 8926)
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
	case portGeneve:
		head := 8 + int(inner[0]&0x3f)*4
		if len(inner) < head {
			return nil
		}
		return behindTunnel(binary.BigEndian.Uint16(inner[2:]), inner[head:])
	}
	return nil
}
