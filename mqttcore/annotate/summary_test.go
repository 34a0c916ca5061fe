package annotate_test

import (
	"testing"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

func TestSummary(t *testing.T) {
	for _, test := range []struct {
		version     packet.Version
		bytes       string
		english, zh string
	}{
		{packet.V311, "\x10\x1d\x00\x04MQTT\x04\x06\x00\x3c\x00\x03cid\x00\x04gone\x00\x06by bye",
			"CONNECT cid, clean session, will gone, keep alive 60 s", "CONNECT cid，清理会话，遗嘱 gone，保持连接 60 秒"},
		{packet.V311, "\x10\x0c\x00\x04MQTT\x04\x00\x00\x00\x00\x00",
			"CONNECT without Client Identifier, no clean session, keep alive 0 s, malformed", "CONNECT 没有客户端标识符，不清理会话，保持连接 0 秒，格式错误"},
		{packet.V5, "\x10\x0e\x00\x04MQTT\x05\x00\x00\x0a\x00\x00\x01a", "CONNECT a, no clean start, keep alive 10 s", "CONNECT a，不全新开始，保持连接 10 秒"},
		{packet.V311, "\x20\x02\x01\x00", "CONNACK Connection Accepted, session present", "CONNACK 接受连接，会话存在"},
		{packet.V5, "\x20\x03\x00\x87\x00", "CONNACK Not authorized", "CONNACK 未授权"},
		{packet.V311, "\x3b\x0b\x00\x06test/a\x00\x07h", "PUBLISH test/a, retain, QoS 1, DUP, id 7, 1 byte", "PUBLISH test/a，保留，QoS 1，DUP，标识符 7，1 字节"},
		{packet.V311, "\x30\x13\x00\x04testhel", "PUBLISH test, QoS 0, 3 bytes, cut short", "PUBLISH test，QoS 0，3 字节，不完整"},
		{packet.V311, "\x82\x16\x00\x01\x00\x01a\x00\x00\x01b\x01\x00\x01c\x02\x00\x01d\x00\x00\x01e\x00",
			"SUBSCRIBE a QoS 0, b QoS 1, c QoS 2, and 2 more, id 1", "SUBSCRIBE a QoS 0，b QoS 1，c QoS 2，另有 2 个，标识符 1"},
		{packet.V311, "\x90\x03\x00\x01\x80", "SUBACK id 1, Failure", "SUBACK 标识符 1，失败"},
		{packet.V311, "\xc0\x00", "PINGREQ", "PINGREQ"},
	} {
		for l, want := range map[spec.Lang]string{spec.English: test.english, spec.Chinese: test.zh} {
			if got := annotate.Summary([]byte(test.bytes), test.version, l); got != want {
				t.Errorf("% x\n got %s\nwant %s", test.bytes, got, want)
			}
			full := annotate.One([]byte(test.bytes), annotate.Options{Version: test.version, Lang: l}).Summary
			if full != want {
				t.Errorf("% x is in full %q", test.bytes, full)
			}
		}
	}
}
