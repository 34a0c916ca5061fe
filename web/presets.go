package web

import "mqttlab/mqttcore/spec"

// Preset is a packet to begin with: one that tutorials send, or that shows
// something. Its name is the message "example.KEY".
type Preset struct {
	Key  string
	Form string // as package form reads it
}

// presets are grouped by what they are about: the message "example-group.KEY".
var presets = []struct {
	group string
	list  []Preset
}{
	{"connect", []Preset{
		{"first", `{"type":"CONNECT","version":"3.1.1","client_id":"labA","clean_session":true,"keep_alive":60}`},
		{"password", `{"type":"CONNECT","version":"3.1.1","client_id":"123456789","clean_session":true,"keep_alive":60,"username":"admin","password":"password"}`},
		{"will", `{"type":"CONNECT","version":"3.1.1","client_id":"labA","clean_session":true,"keep_alive":60,"will":{"topic":"test/gone","payload":"labA is gone","qos":1,"retain":true}}`},
		{"session", `{"type":"CONNECT","version":"3.1.1","client_id":"labA","clean_session":false,"keep_alive":60}`},
		{"no-id", `{"type":"CONNECT","version":"3.1.1","client_id":"","clean_session":true,"keep_alive":60}`},
		{"connect5", `{"type":"CONNECT","version":"5.0","client_id":"labA","clean_start":true,"keep_alive":60,"properties":[{"name":"session_expiry_interval","value":3600},{"name":"receive_maximum","value":20},{"name":"user_property","key":"lab","value":"A"}]}`},
		{"connect31", `{"type":"CONNECT","version":"3.1","client_id":"labA","clean_session":true,"keep_alive":60}`},
	}},
	{"subscribe", []Preset{
		{"exact", `{"type":"SUBSCRIBE","version":"3.1.1","packet_id":1,"subscriptions":[{"filter":"test"}]}`},
		{"wildcard", `{"type":"SUBSCRIBE","version":"3.1.1","packet_id":1,"subscriptions":[{"filter":"test/#","qos":1}]}`},
		{"plus", `{"type":"SUBSCRIBE","version":"3.1.1","packet_id":1,"subscriptions":[{"filter":"home/+/temperature","qos":1},{"filter":"home/+/door","qos":2}]}`},
		{"shared", `{"type":"SUBSCRIBE","version":"5.0","packet_id":1,"properties":[{"name":"subscription_identifier","value":7}],"subscriptions":[{"filter":"$share/workers/jobs/#","qos":1,"retain_handling":2}]}`},
		{"unsubscribe", `{"type":"UNSUBSCRIBE","version":"3.1.1","packet_id":2,"filters":["test/#"]}`},
	}},
	{"publish", []Preset{
		{"qos0", `{"type":"PUBLISH","version":"3.1.1","topic":"test","payload":"hello"}`},
		{"retained", `{"type":"PUBLISH","version":"3.1.1","topic":"test/a","payload":"hello_esp8266","retain":true}`},
		{"clear", `{"type":"PUBLISH","version":"3.1.1","topic":"test/a","payload":"","retain":true}`},
		{"qos1", `{"type":"PUBLISH","version":"3.1.1","topic":"test/a","payload":"hello","qos":1,"packet_id":7}`},
		{"qos2", `{"type":"PUBLISH","version":"3.1.1","topic":"test/a","payload":"hello","qos":2,"packet_id":8}`},
		{"again", `{"type":"PUBLISH","version":"3.1.1","topic":"test/a","payload":"hello","qos":1,"packet_id":7,"dup":true}`},
		{"publish5", `{"type":"PUBLISH","version":"5.0","topic":"test/a","payload":"21.5","qos":1,"packet_id":7,"properties":[{"name":"payload_format_indicator","value":1},{"name":"message_expiry_interval","value":60},{"name":"content_type","value":"text/plain"},{"name":"response_topic","value":"test/answer"},{"name":"correlation_data","hex":"0001"}]}`},
		{"alias", `{"type":"PUBLISH","version":"5.0","topic":"a/very/long/topic/name","payload":"1","properties":[{"name":"topic_alias","value":1}]}`},
	}},
	{"broken", []Preset{
		{"reserved-flag", `{"type":"CONNECT","version":"3.1.1","client_id":"labA","clean_session":true,"keep_alive":60,"reserved":true}`},
		{"qos3", `{"type":"PUBLISH","version":"3.1.1","topic":"test/a","payload":"hello","qos":3,"packet_id":7}`},
		{"wildcard-topic", `{"type":"PUBLISH","version":"3.1.1","topic":"test/#","payload":"hello"}`},
		{"id0", `{"type":"SUBSCRIBE","version":"3.1.1","packet_id":0,"subscriptions":[{"filter":"test"}]}`},
		{"not-minimal", `{"type":"PINGREQ","version":"3.1.1","override":{"mqtt.len.bytes":2}}`},
		{"too-short", `{"type":"PUBLISH","version":"3.1.1","topic":"test/a","payload":"hello","override":{"mqtt.topic_len":200}}`},
	}},
}

func (p Preset) name(l spec.Lang) string { return say(l, "example."+p.Key) }
