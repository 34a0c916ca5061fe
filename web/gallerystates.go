package web

import (
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

var groups = []annotate.Group{
	annotate.GroupHeader, annotate.GroupLength, annotate.GroupProtocol, annotate.GroupFlags, annotate.GroupTime,
	annotate.GroupID, annotate.GroupClient, annotate.GroupTopic, annotate.GroupWill, annotate.GroupSecret,
	annotate.GroupPayload, annotate.GroupCode, annotate.GroupProperty, annotate.GroupUnread,
}

type galleryState struct {
	name, scope, origin string
	packet              annotate.Packet
	rest                *annotate.Rest
	builder             bool
}

// galleryPackets are packets in every state: whole, broken, cut, empty, long,
// hostile.
func galleryPackets(l spec.Lang) []galleryState {
	var states []galleryState
	add := func(name string, b string, v packet.Version) *galleryState {
		d := annotate.Bytes([]byte(b), annotate.Options{Version: v, Lang: l})
		s := galleryState{name: name, scope: "g" + strconv.Itoa(len(states))}
		if len(d.Packets) > 0 {
			s.packet = d.Packets[0]
		} else {
			s.rest = d.Rest
		}
		states = append(states, s)
		return &states[len(states)-1]
	}
	add("CONNECT with every flag", "\x10\x3a\x00\x04MQTT\x04\xee\x00\x3c\x00\x05lab-A\x00\x09test/gone\x00\x04gone\x00\x05admin\x00\x08password\x00", packet.V311)
	add("CONNECT of 5.0 with properties", "\x10\x1d\x00\x04MQTT\x05\x02\x00\x3c\x0b\x11\x00\x00\x00\x3c\x21\x00\x0a\x22\x00\x05\x00\x05lab-A", packet.V5)
	draft := add("PUBLISH, QoS 1, in the builder", "\x32\x0f\x00\x06test/a\x00\x07hello", packet.V311)
	draft.origin, draft.builder = say(l, "bench.draft"), true
	add("SUBSCRIBE that breaks rules", "\x80\x0d\x00\x00\x00\x05a/#/b\x03\x00\x00\x01", packet.V311)
	add("CONNACK, refused", "\x20\x02\x00\x05", packet.V311)
	add("PINGREQ: two bytes", "\xc0\x00", packet.V311)
	add("Reserved type", "\x00\x02\xca\xfe", packet.V311)
	add("Cut short", "\x30\x13\x00\x04testhel", packet.V311)
	add("A Remaining Length that never ends", "\x30\xff\xff\xff\xff\x7f", packet.V311)
	long := strings.Repeat("the quick brown fox jumps over the lazy dog ", 60)
	n := len(long) + 8
	add("A long payload", "\x30"+string([]byte{byte(n&127 | 128), byte(n >> 7)})+"\x00\x06test/a"+long, packet.V311)
	hostile := "<script>alert(1)</script>\u202e\u0000\x1b[31m"
	add("Hostile text", "\x30"+string([]byte{byte(len(hostile) + 2 + 2)})+"\x00"+string([]byte{byte(len(hostile))})+hostile+"\xff\xfe", packet.V311)
	states = append(states, galleryState{name: "Nothing at all", scope: "g" + strconv.Itoa(len(states)), packet: annotate.Packet{Summary: "–"}})
	return states
}

func galleryAlternatives(l spec.Lang) annotate.Document {
	b := []byte("\x30\x08\x00\x03a/b\x00hi")
	d := annotate.Bytes(b, annotate.Options{Version: packet.V311, Lang: l})
	if len(d.Packets) > 0 && len(d.Packets[0].Alternatives) == 0 {
		d.Packets[0].Alternatives = []annotate.Packet{annotate.One(b, annotate.Options{Version: packet.V5, Lang: l})}
	}
	return d
}

const galleryConnect = "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04labA"

type galleryDraft struct {
	name  string
	draft Draft
}

// galleryDrafts are drafts in every state: changed, broken, several packets,
// cut, empty.
func galleryDrafts(l spec.Lang) []galleryDraft {
	closes := &Outcome{Connected: true, Closed: true, Lines: []OutcomeLine{
		{Text: spec.Message(l, "finding.reserved-flags", "type", "SUBSCRIBE", "right", "0010", "flags", "1111"), Rules: []string{"MQTT-2.2.2-2"}},
		{Type: "DISCONNECT", Hex: "e00181", Text: spec.ReasonLabel(l, packet.V5, packet.DISCONNECT, 0x81)}, {Closed: true},
	}}
	return []galleryDraft{
		{"Draft, one letter more", Draft{Lang: l, Scope: "d0", Bytes: []byte("\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05labAB"), Was: []byte(galleryConnect), Version: packet.V311}},
		{"Draft that breaks a rule", Draft{Lang: l, Scope: "d1", Bytes: []byte("\x8f\x86\x80\x00\x00\x01\x00\x01a\x00"), Version: packet.V311, Follows: FollowsExactly, Outcome: closes}},
		{"Draft that a form does not say", Draft{Lang: l, Scope: "d2", Bytes: []byte("\xc0\x01\x00\xff"), Version: packet.V311, Follows: FollowsPartly}},
		{"Draft of two packets", Draft{Lang: l, Scope: "d3", Bytes: []byte("\xc0\x00\xe0\x00"), Version: packet.V311, Follows: FollowsNot}},
		{"Draft cut short", Draft{Lang: l, Scope: "d4", Bytes: []byte("\x30\x13\x00\x04te"), Version: packet.V311, Follows: FollowsPartly, Outcome: &Outcome{Connected: true, Missing: 15}}},
		{"Draft without bytes", Draft{Lang: l, Scope: "d5", Version: packet.V311, Follows: FollowsNot}},
	}
}
