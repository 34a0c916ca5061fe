package main

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// fromUTF16 turns UTF-16 with a byte order mark, as PowerShell writes what is
// redirected to a file, into UTF-8. Other bytes stay as they are.
func fromUTF16(b []byte) []byte {
	order, ok := byteOrder(b)
	if !ok {
		return b
	}
	b = b[2:]
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// byteOrder reads a byte order mark. As a Control Packet, either would be an
// AUTH with wrong flags.
func byteOrder(b []byte) (binary.ByteOrder, bool) {
	switch {
	case len(b) < 4 || len(b)%2 != 0:
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return binary.LittleEndian, true
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return binary.BigEndian, true
	}
	return nil, false
}
