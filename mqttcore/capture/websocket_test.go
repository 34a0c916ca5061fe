package capture

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"mqttlab/mqttcore/packet"
)

// wsFrame builds a WebSocket frame, masked if mask is not zero.
func wsFrame(first byte, mask byte, payload []byte) []byte {
	b := []byte{first}
	bit := byte(0)
	if mask != 0 {
		bit = 0x80
	}
	if n := len(payload); n < 126 {
		b = append(b, bit|byte(n))
	} else {
		b = append(b, bit|126, byte(n>>8), byte(n))
	}
	if mask == 0 {
		return append(b, payload...)
	}
	key := []byte{mask, mask + 1, mask + 2, mask + 3}
	b = append(b, key...)
	for i, x := range payload {
		b = append(b, x^key[i&3])
	}
	return b
}

func upgraded(protocol, extensions string) *wire {
	request := "GET /mqtt HTTP/1.1\r\nHost: x\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\n" + protocol + "\r\n"
	response := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" + extensions + "\r\n"
	return newWire().open().data(0, []byte(request)...).data(1, []byte(response)...)
}

const (
	wsMQTT    = "Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\n"
	wsBinary  = 0x82
	wsText    = 0x81
	wsBegun   = 0x02
	wsMiddle  = 0x00
	wsLast    = 0x80
	wsPing    = 0x89
	wsClose   = 0x88
	wsDeflate = 0xc2
)

func TestWebSocketFrames(t *testing.T) {
	long := publish("lab/a", strings.Repeat("x", 400))
	start := func(protocol string) *wire {
		return upgraded(protocol, "").data(0, wsFrame(wsBinary, 7, connect)...).data(1, wsFrame(wsBinary, 0, connack)...)
	}
	for _, c := range []struct {
		name  string
		wire  *wire
		types []packet.Type
		codes []Code
	}{
		{"fragments with a ping in between", start(wsMQTT).
			data(0, join(wsFrame(wsBegun, 9, long[:200]), wsFrame(wsPing, 3, []byte("\xc0\x00")), wsFrame(wsMiddle, 5, long[200:300]))...).
			data(0, wsFrame(wsLast, 1, join(long[300:], pingreq))...).data(0, wsFrame(wsClose, 1, []byte("\x03\xe8"))...),
			[]packet.Type{packet.CONNECT, packet.CONNACK, packet.PUBLISH, packet.PINGREQ}, nil},
		{"text", start(wsMQTT).data(0, wsFrame(wsText, 9, pingreq)...),
			[]packet.Type{packet.CONNECT, packet.CONNACK, packet.PINGREQ}, []Code{WSText}},
		{"not masked", start(wsMQTT).data(0, wsFrame(wsBinary, 0, pingreq)...),
			[]packet.Type{packet.CONNECT, packet.CONNACK, packet.PINGREQ}, []Code{WSMask}},
		{"another subprotocol", start("Sec-WebSocket-Protocol: chat\r\n"),
			[]packet.Type{packet.CONNECT, packet.CONNACK}, []Code{WSProtocol}},
		{"no MQTT", upgraded("", "").data(0, wsFrame(wsText, 9, []byte("hello"))...).data(1, wsFrame(wsText, 0, []byte("hello"))...), nil, nil},
		{"no upgrade", newWire().open().data(0, []byte("GET / HTTP/1.1\r\n\r\n")...).data(1, []byte("HTTP/1.1 200 OK\r\n\r\n")...), nil, nil},
		{"refused", newWire().open().data(0, []byte("GET / HTTP/1.1\r\nUpgrade: websocket\r\n"+wsMQTT+"\r\n")...).data(1, []byte("HTTP/1.1 403 Forbidden\r\n\r\n")...), nil, nil},
		{"compressed", upgraded(wsMQTT, "Sec-WebSocket-Extensions: permessage-deflate\r\n").
			data(0, wsFrame(wsBinary, 7, connect)...).data(1, wsFrame(wsBinary, 0, connack)...).
			data(0, wsFrame(wsDeflate, 7, []byte("packed"))...).data(0, wsFrame(wsBinary, 7, pingreq)...),
			[]packet.Type{packet.CONNECT, packet.CONNACK, packet.PINGREQ}, []Code{WSCompressed, PickedUp}},
		{"loss within a frame", start(wsMQTT).data(0, wsFrame(wsBinary, 9, long)[:100]...).data(0, wsFrame(wsBinary, 9, long)[100:200]...).drop(1).
			data(0, wsFrame(wsBinary, 9, long)[200:]...).data(0, wsFrame(wsBinary, 4, pingreq)...),
			[]packet.Type{packet.CONNECT, packet.CONNACK, packet.PINGREQ}, []Code{Lost, Incomplete}},
		{"loss over frames", start(wsMQTT).data(0, wsFrame(wsBinary, 9, long)...).drop(1).
			data(0, wsFrame(wsBinary, 4, pingreq)...).data(0, wsFrame(wsBinary, 4, long)...),
			[]packet.Type{packet.CONNECT, packet.CONNACK, packet.PINGREQ, packet.PUBLISH}, []Code{Lost, PickedUp}},
	} {
		t.Run(c.name, func(t *testing.T) {
			records := readAll(t, c.wire.pcap(), Options{})
			var types []packet.Type
			var codes []Code
			for _, rec := range records {
				switch rec.Kind {
				case Packet:
					types = append(types, packet.Type(rec.Bytes[0]>>4))
				case Note:
					codes = append(codes, rec.Code)
				}
			}
			if !slices.Equal(types, c.types) || !slices.Equal(codes, c.codes) {
				t.Errorf("packets %v, want %v; notes %v, want %v\n%s", types, c.types, codes, c.codes, told(records))
			}
		})
	}
}

// TestSensorNetworkIsSaid: MQTT-SN is not taken for MQTT, and other UDP on its ports not for MQTT-SN.
func TestSensorNetworkIsSaid(t *testing.T) {
	for payload, said := range map[string]bool{
		"\x08\x04\x04\x01\x00\x3cc1":              true, // CONNECT
		"\x01\x00\x0c\x0c\x62\x00\x01\x00\x00abc": true, // PUBLISH with a long length
		"\x02\x16": true, // PINGREQ
		"\x05\x16": false,
		"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c": false,
	} {
		ip := []byte("\x45\x00\x00\x00\x00\x00\x00\x00\x40\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\xc0\x00\x07\x5c\x00\x00\x00\x00" + payload)
		binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
		w := newWire()
		w.frames = append(w.frames, wireFrame{began, ip})
		records := readAll(t, w.pcap(), Options{})
		if got := len(records) == 1 && records[0].Code == SensorNetwork; got != said || len(records) > 1 {
			t.Errorf("% x: %q", payload, notesOf(records))
		}
	}
}

func TestTLSIsSaid(t *testing.T) {
	w := newWire()
	w.addr[1] = mustPort(w.addr[1], 8883)
	records := readAll(t, w.open().data(0, []byte("\x16\x03\x01\x00\x05hello")...).data(0, make([]byte, 100)...).pcap(), Options{})
	if len(records) != 1 || records[0].Code != TLS {
		t.Error(told(records))
	}
}
