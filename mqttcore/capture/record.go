package capture

import (
	"net/netip"
	"time"

	"mqttlab/mqttcore/packet"
)

// Kind says what a Record tells.
type Kind uint8

// The kinds of Record.
const (
	Open   Kind = iota + 1 // a connection that carries MQTT
	Packet                 // one whole Control Packet, as long as its fixed header says
	Part                   // the beginning of a Control Packet whose rest is missing; a Note before it says why
	Close                  // the connection's end
	Note                   // something the reader wants said
)

// String returns the kind's name in small letters.
func (k Kind) String() string {
	return [...]string{"", "open", "packet", "part", "close", "note"}[k]
}

// Cause says how a connection ended.
type Cause uint8

// The causes of a Close.
const (
	CauseFIN      Cause = iota + 1 // closed in order; From sent the first FIN
	CauseRST                       // reset by From
	CauseReplaced                  // the same addresses and ports began a new connection
	CauseEvicted                   // the reader's tables were full
	CauseEnd                       // the capture ends; the connection may live on
)

// String returns "fin", "rst", "replaced", "evicted" or "end".
func (c Cause) String() string {
	return [...]string{"", "fin", "rst", "replaced", "evicted", "end"}[c]
}

// Transport says what carried the MQTT bytes.
type Transport uint8

// The transports.
const (
	TCP       Transport = iota + 1
	WebSocket           // over TCP
	File                // a plain file of packets
)

// String returns "tcp", "websocket" or "file".
func (t Transport) String() string { return [...]string{"", "tcp", "websocket", "file"}[t] }

// Record is one event of a capture.
//
// Frame and Time are those of the frame that completed the event (that of the
// SYN for an Open). Records come in the order in which they become known, and
// that is file order with three exceptions: an Open comes when the connection
// is recognised; what was held while a connection that began before the capture
// was not yet recognised comes after its Open; what stands behind lost bytes
// comes when they are given up. Sort by Frame where that matters.
type Record struct {
	Kind      Kind
	Transport Transport
	Time      time.Time // UTC; zero in a plain file
	First     time.Time // that of the file's first frame
	Frame     int       // number of the frame in the file, from 1, as in Wireshark; 0 in a plain file
	Wire      int       // of a Packet or Part: length of that frame on the wire, in bytes, as Wireshark's frame.len; 0 in a plain file
	Offset    int64     // of Bytes in its direction's MQTT stream, in bytes from the first one seen; lost ones count
	Conn      int       // numbers the MQTT connections from 1; 0 in a Note about the whole capture
	Stream    int       // numbers the TCP connections, MQTT or not, from 0, as Wireshark's tcp.stream; -1: none
	Client    netip.AddrPort
	Server    netip.AddrPort
	From      packet.Party // of a Packet, Part, Note or Close; zero if not known
	Bytes     []byte       // of a Packet or Part: valid until the next Record is asked for
	Size      int          // of a Packet or Part: the length that the fixed header says, in bytes; 0 if it cannot be read
	Cause     Cause        // of a Close
	Code      Code         // of a Note
	Args      []string     // of a Note: alternating a placeholder's name and its value
	Comments  []string     // for a Writer; a Reader gives none
}
