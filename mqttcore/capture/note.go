package capture

import (
	"slices"
	"strings"
)

// Code names what a Note says. It is a key for texts in any language; Text
// gives the English one.
type Code string

// The notes. The comment names the Args.
const (
	PickedUp       Code = "picked-up"         // bytes: skipped before the first packet that reads well
	NotPickedUp    Code = "not-picked-up"     // bytes: no packet was found in them
	SidesGuessed   Code = "sides-guessed"     // server: nothing seen says who the client is
	Lost           Code = "lost"              // bytes: missing from the capture
	CutBySnaplen   Code = "cut-by-snaplen"    // bytes: the frame was captured only in part
	Jump           Code = "sequence-jump"     // from, to: TCP sequence numbers without relation
	Retransmission Code = "retransmission"    // bytes: sent again and dropped here
	Differs        Code = "resent-differs"    // bytes: sent again with other content; the first counts
	OutOfOrder     Code = "out-of-order"      // bytes, frame: arrived in that earlier frame before their turn
	KeepAliveProbe Code = "tcp-keep-alive"    // TCP's own keep-alive, not MQTT's
	LengthUnread   Code = "length-unreadable" // a Remaining Length of more than four bytes; the stream's framing is lost
	TooLong        Code = "packet-too-long"   // size, kept
	Incomplete     Code = "packet-incomplete" // size, have: the connection or capture ended, or bytes were lost
	Evicted        Code = "evicted"           // limit: a table was full
	NotesEnd       Code = "notes-end"         // limit: no more notes on this connection
	Fragment       Code = "ip-fragment"       // IP fragments are not put together
	LinkUnknown    Code = "link-unknown"      // link: a link type that is not read
	TLS            Code = "tls"               // encrypted
	WSCompressed   Code = "ws-compressed"     // a WebSocket message with permessage-deflate
	WSText         Code = "ws-text"           // a text frame; MQTT goes in binary frames
	WSMask         Code = "ws-mask"           // want: a frame masked or not against RFC 6455
	WSProtocol     Code = "ws-protocol"       // offered: no subprotocol mqtt, yet MQTT inside
	WSFrame        Code = "ws-frame"          // opcode: a frame that RFC 6455 does not define
)

var texts = map[Code]string{
	PickedUp:       "picked up at the first packet that reads well, after {bytes} bytes",
	NotPickedUp:    "{bytes} bytes in which no packet reads well",
	SidesGuessed:   "nothing seen says who the client is; {server} is taken as the server",
	Lost:           "{bytes} bytes are missing from the capture",
	CutBySnaplen:   "{bytes} bytes were cut off by the capture's snapshot length",
	Jump:           "TCP sequence number jumps from {from} to {to}",
	Retransmission: "{bytes} bytes sent again, dropped",
	Differs:        "{bytes} bytes sent again with other content; what came first counts",
	OutOfOrder:     "{bytes} bytes came out of order in frame {frame}",
	KeepAliveProbe: "TCP keep-alive probe (not MQTT's Keep Alive)",
	LengthUnread:   "Remaining Length has more than four bytes: where the next packet begins is not known",
	TooLong:        "the packet has {size} bytes; the first {kept} are kept",
	Incomplete:     "the packet has {size} bytes; {have} are there",
	Evicted:        "forgotten: more than {limit}",
	NotesEnd:       "more than {limit} notes on this connection; no more are given",
	Fragment:       "IP fragments: not put together, their bytes count as lost",
	LinkUnknown:    "link type {link} is not read",
	TLS:            "encrypted with TLS: the MQTT inside cannot be read",
	WSCompressed:   "compressed WebSocket message: not read",
	WSText:         "MQTT in a WebSocket text frame; it must be binary [MQTT-6.0.0-1]",
	WSMask:         "WebSocket frame {want} (RFC 6455 section 5.1)",
	WSProtocol:     "WebSocket subprotocol is {offered}, not mqtt, yet MQTT is inside [MQTT-6.0.0-3]",
	WSFrame:        "WebSocket frame with opcode {opcode}, which RFC 6455 does not define",
}

// Codes lists every note code in alphabetic order.
func Codes() []Code {
	var codes []Code
	for c := range texts {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}

// Text returns the Note in English, and "" for other kinds.
func (r *Record) Text() string {
	if r.Kind != Note {
		return ""
	}
	return fill(texts[r.Code], r.Args)
}

func fill(text string, args []string) string {
	for i := 0; i+1 < len(args); i += 2 {
		text = strings.ReplaceAll(text, "{"+args[i]+"}", args[i+1])
	}
	return text
}
