// Package capture reads MQTT out of network captures and writes captures that
// Wireshark opens.
//
// A [Reader] takes pcap, pcapng, snoop or a plain file of MQTT packets, each
// also gzipped, and yields [Record] after Record: a connection opened, a
// Control Packet, a connection closed, a note on what could not be read as it
// should. It streams: memory is bounded by [Options] whatever the file's size
// and whatever its lengths claim.
//
// The way of a byte:
//
//	io.Reader ─ format.go ─► gunzip.go ─► pcap.go | ng.go | snoop.go ─► frame
//	frame ─ link.go ─► ip.go ─► table.go, tcp.go, order.go: one side's bytes in order
//	bytes ─ detect.go, examine.go: is this MQTT?  ─► websocket.go ─► stream.go ─► Record
//
// Where a Control Packet ends is asked of packet.Size and of nothing else. Only
// where the beginning of a packet must be found without having seen the stream
// from its start are candidates tried with packet.Decoder (examine.go).
//
// TCP is put in order by own code, not by gopacket's reassembly package: it
// hands out segments that come in order without copying them, knows MQTT's way
// out of a gap, and is more than twice as fast (BenchmarkReassembly runs both).
// gopacket dissects the rarer link types and writes pcapng. The file formats are
// read by own code: it knows more dialects of pcap, and the place of a fault.
//
// A [Writer] takes the same Records and writes pcapng with a TCP conversation
// around each connection's bytes.
//
// To read another link type: one case in link.go. Another file format: one row
// in format.go and a file with its frames method. Another note: one row in
// note.go.
//
// The package is pure: readers and writers are handed in; no goroutine, no
// clock.
package capture
