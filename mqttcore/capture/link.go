package capture

import (
	"encoding/binary"
	"slices"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Link types by their numbers in capture files.
const (
	linkNull     = 0
	linkEthernet = 1
	linkPPP      = 9
	linkRawBSD   = 12
	linkRawOld   = 14
	linkFDDI     = 10
	linkPPPHDLC  = 50
	linkPPPEther = 51
	linkRaw      = 101
	linkCHDLC    = 104
	linkLoop     = 108
	linkSLL      = 113
	linkIPv4     = 228
	linkIPv6     = 229
	linkSLL2     = 276
)

// EtherTypes.
const (
	etherIPv4  = 0x0800
	etherIPv6  = 0x86dd
	etherVLAN  = 0x8100
	etherQinQ  = 0x88a8
	etherQinQ1 = 0x9100
	etherMPLS  = 0x8847
	etherPPPoE = 0x8864
)

// network returns the IP packet in a frame, nil if there is none. known is
// false if the link type cannot be read at all.
func network(link uint32, b []byte) (ip []byte, known bool) {
	switch link {
	case linkEthernet:
		return behindEthernet(b), true
	case linkNull, linkLoop: // a host's own number of the address family, in the host's byte order
		return sniffIP(b, 4), true
	case linkRaw, linkRawBSD, linkRawOld, linkIPv4, linkIPv6:
		return sniffIP(b, 0), true
	case linkSLL:
		if len(b) < 16 {
			return nil, true
		}
		return behindEtherType(binary.BigEndian.Uint16(b[14:]), b[16:]), true
	case linkSLL2:
		if len(b) < 20 {
			return nil, true
		}
		return behindEtherType(binary.BigEndian.Uint16(b), b[20:]), true
	case linkPPP, linkPPPHDLC:
		if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
			b = b[2:]
		}
		return behindPPP(b), true
	case linkPPPEther:
		return behindEtherType(etherPPPoE, b), true
	case linkCHDLC:
		if len(b) < 4 {
			return nil, true
		}
		return behindEtherType(binary.BigEndian.Uint16(b[2:]), b[4:]), true
	}
	return byGopacket(link, b)
}

func sniffIP(b []byte, at int) []byte {
	if len(b) > at && (b[at]>>4 == 4 || b[at]>>4 == 6) {
		return b[at:]
	}
	return nil
}

func behindPPP(b []byte) []byte {
	switch {
	case len(b) >= 1 && (b[0] == 0x21 || b[0] == 0x57): // protocol field compressed
		return b[1:]
	case len(b) >= 2 && b[0] == 0 && (b[1] == 0x21 || b[1] == 0x57):
		return b[2:]
	}
	return nil
}

// behindEtherType goes through VLAN tags, MPLS labels, PPPoE and SNAP.
func behindEtherType(t uint16, b []byte) []byte {
	for {
		switch t {
		case etherIPv4, etherIPv6:
			return b
		case etherVLAN, etherQinQ, etherQinQ1:
			if len(b) < 4 {
				return nil
			}
			t, b = binary.BigEndian.Uint16(b[2:]), b[4:]
		case etherMPLS:
			for len(b) >= 4 {
				bottom := b[2]&1 != 0
				if b = b[4:]; bottom {
					return sniffIP(b, 0)
				}
			}
			return nil
		case etherPPPoE:
			if len(b) < 6 {
				return nil
			}
			return behindPPP(b[6:])
		default:
			if t <= 1500 && len(b) >= 8 && b[0] == 0xaa && b[1] == 0xaa && b[2] == 3 {
				t, b = binary.BigEndian.Uint16(b[6:]), b[8:]
				if t <= 1500 {
					return nil
				}
				continue
			}
			return nil
		}
	}
}

// byGopacket leaves the rarer link types (802.11, radiotap, Prism, FDDI,
// PFLog …) to gopacket.
func byGopacket(link uint32, b []byte) (ip []byte, known bool) {
	if link >= uint32(layers.LinkTypeMax) || layers.LinkTypeMetadata[link].DecodeWith == nil {
		return nil, false
	}
	if layers.LinkType(link) == layers.LinkTypeIEEE802_11 {
		b = append(slices.Clip(b), 0, 0, 0, 0) // gopacket takes a checksum off; most captures have none
	}
	p := gopacket.NewPacket(b, layers.LinkType(link), gopacket.DecodeOptions{Lazy: true, NoCopy: true})
	n := p.NetworkLayer()
	if n == nil {
		return nil, p.ErrorLayer() == nil || len(p.Layers()) > 1
	}
	ip = n.LayerContents()
	if whole := len(ip) + len(n.LayerPayload()); whole <= cap(ip) {
		ip = ip[:whole]
	}
	return ip, true
}
