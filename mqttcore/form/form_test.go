package form_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"mqttlab/mqttcore/form"
	"mqttlab/mqttcore/spec"
)

func TestEncode(t *testing.T) {
	tests := []struct{ form, hex string }{
		{`{"type":"CONNECT","client_id":"123456789","clean_session":true,"keep_alive":60,"username":"admin","password":"password"}`,
			"1026 0004 4D515454 04 C2 003C 0009 313233343536373839 0005 61646D696E 0008 70617373776F7264"},
		{`{"type":"CONNECT","version":"3.1.1","client_id":"c","will":{"topic":"lwt","payload":"bye","qos":1,"retain":true}}`,
			"1017 0004 4d515454 04 2c 0000 0001 63 0003 6c7774 0003 627965"},
		{`{"type":"CONNECT","version":"5.0","client_id":"c","clean_start":true,"properties":[{"name":"receive_maximum","value":20}]}`,
			"1011 0004 4d515454 05 02 0000 03 210014 0001 63"},
		{`{"type":"CONNACK","session_present":true}`, "20020100"},
		{`{"type":"PUBLISH","topic":"test/a","payload":"hell","qos":1,"packet_id":7}`, "320e 0006 746573742f61 0007 68656c6c"},
		{`{"type":"PUBLISH","topic":"t","payload_hex":"00 ff","qos":3,"packet_id":1}`, "3607 0001 74 0001 00ff"},
		{`{"type":"PUBREL","packet_id":1}`, "62020001"},
		{`{"type":"PUBACK","version":"5","packet_id":1,"code":16,"properties":[{"name":"user_property","key":"a","value":"b"}]}`, "400b 0001 10 07 26 0001 61 0001 62"},
		{`{"type":"SUBSCRIBE","packet_id":1,"subscriptions":[{"filter":"test"},{"filter":"a/#","qos":2}]}`, "820f 0001 0004 74657374 00 0003 612f23 02"},
		{`{"type":"SUBACK","packet_id":1,"codes":[0,128]}`, "90040001 0080"},
		{`{"type":"UNSUBSCRIBE","packet_id":2,"filters":["test"]}`, "a208 0002 0004 74657374"},
		{`{"type":"pingreq"}`, "c000"},
		{`{"type":"DISCONNECT"}`, "e000"},
		{`{"type":"AUTH","version":"5.0","code":24,"properties":[{"name":"authentication_method","value":"x"},{"name":"authentication_data","hex":"01"}]}`, "f00a 18 08 15000178 16000101"},
	}
	for _, test := range tests {
		b, _, err := form.Encode([]byte(test.form))
		if err != nil {
			t.Errorf("%s: %v", test.form, err)
			continue
		}
		if got, want := hex.EncodeToString(b), strings.ToLower(strings.ReplaceAll(test.hex, " ", "")); got != want {
			t.Errorf("%s\n got %s\nwant %s", test.form, got, want)
		}
	}
}

func TestErrorsNameTheKey(t *testing.T) {
	tests := []struct{ form, key, text string }{
		{`{"type":"HELLO"}`, "type", "CONNECT"},
		{`{"type":"CONNECT","version":"4"}`, "version", "3.1.1"},
		{`{"type":"PINGREQ","topic":"a"}`, "topic", "no such key"},
		{`{"type":"PUBLISH","topic":"a","qos":4}`, "qos", "0 to 3"},
		{`{"type":"PUBLISH","topic":"a","packet_id":65536}`, "packet_id", "65535"},
		{`{"type":"PUBLISH","topic":7}`, "topic", "string"},
		{`{"type":"PUBLISH","topic":"a","payload":"x","payload_hex":"00"}`, "payload", "not both"},
		{`{"type":"PUBLISH","topic":"a","payload_hex":"0"}`, "payload_hex", "stands alone"},
		{`{"type":"PUBLISH","topic":"a","payload_hex":"0g"}`, "payload_hex", "'g' is no hex digit"},
		{`{"type":"SUBSCRIBE","subscriptions":[{"filter":"a"},{"filter":"b","qos":-1}]}`, "subscriptions[1].qos", "0 to 3"},
		{`{"type":"CONNACK","version":"5.0","properties":[{"name":"maximum_qos","value":256}]}`, "properties[0].value", "255"},
		{`{"type":"CONNECT"`, "", "JSON"},
		{`{"type":"PINGREQ"} x`, "", "JSON"},
		{`{"type":"PUBLISH","topic":"` + strings.Repeat("a", 70_000) + `"}`, "", "65,535"},
	}
	for _, test := range tests {
		_, _, err := form.Encode([]byte(test.form))
		e, ok := err.(*form.Error)
		if !ok || e.Key != test.key || !strings.Contains(e.Text(spec.English), test.text) {
			t.Errorf("%.80s: got %#v, want key %q and text with %q", test.form, err, test.key, test.text)
		}
	}
}
