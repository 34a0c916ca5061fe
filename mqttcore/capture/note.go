package capture

import "slices"

// Code names what a Note says. Its text is the catalogue's message
// capture.note.CODE, with the Record's Args.
type Code string

// The notes. The comment names the Args.
const (
	PickedUp        Code = "picked-up"           // bytes: skipped before the first packet that reads well
	NotPickedUp     Code = "not-picked-up"       // bytes: no packet was found in them
	SidesGuessed    Code = "sides-guessed"       // server: nothing seen says who the client is
	Lost            Code = "lost"                // bytes: missing from the capture
	CutBySnaplen    Code = "cut-by-snaplen"      // bytes: the frame was captured only in part
	Jump            Code = "sequence-jump"       // from, to: TCP sequence numbers without relation
	Retransmission  Code = "retransmission"      // bytes: sent again and dropped here
	Differs         Code = "resent-differs"      // bytes: sent again with other content; the first counts
	OutOfOrder      Code = "out-of-order"        // bytes, frame: arrived in that earlier frame before their turn
	KeepAliveProbe  Code = "tcp-keep-alive"      // TCP's own keep-alive, not MQTT's
	LengthUnread    Code = "length-unreadable"   // a Remaining Length of more than four bytes; the stream's framing is lost
	TooLong         Code = "packet-too-long"     // size, kept
	Incomplete      Code = "packet-incomplete"   // size, have: the connection or capture ended, or bytes were lost
	Evicted         Code = "evicted"             // limit: a table was full
	NotesEnd        Code = "notes-end"           // limit: no more notes on this connection
	Fragment        Code = "ip-fragments"        // IP fragments were put together
	FragmentLost    Code = "ip-fragment-lost"    // a fragment is missing or cut, so that the others are of no use
	FragmentDiffers Code = "ip-fragment-differs" // fragments overlap, with other content; the first count
	SensorNetwork   Code = "mqtt-sn"             // MQTT-SN over UDP
	LinkUnknown     Code = "link-unknown"        // link: a link type that is not read
	TLS             Code = "tls"                 // encrypted
	WSCompressed    Code = "ws-compressed"       // a WebSocket message with permessage-deflate
	WSText          Code = "ws-text"             // a text frame; MQTT goes in binary frames
	WSMask          Code = "ws-mask"             // want: a frame masked or not against RFC 6455
	WSProtocol      Code = "ws-protocol"         // offered: no subprotocol mqtt, yet MQTT inside
	WSFrame         Code = "ws-frame"            // opcode: a frame that RFC 6455 does not define
)

// Codes lists every note code in alphabetic order.
func Codes() []Code {
	codes := []Code{
		PickedUp, NotPickedUp, SidesGuessed, Lost, CutBySnaplen, Jump, Retransmission, Differs,
		OutOfOrder, KeepAliveProbe, LengthUnread, TooLong, Incomplete, Evicted, NotesEnd, Fragment, FragmentLost, FragmentDiffers, SensorNetwork,
		LinkUnknown, TLS, WSCompressed, WSText, WSMask, WSProtocol, WSFrame,
	}
	slices.Sort(codes)
	return codes
}
