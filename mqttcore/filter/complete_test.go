package filter_test

import (
	"slices"
	"strings"
	"testing"

	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/spec"
)

// The bar marks the cursor; has are texts among the completions, hasNot are
// not, and picked is the filter with the first of has taken.
func TestComplete(t *testing.T) {
	for _, test := range []struct {
		expr        string
		has, hasNot string
		picked      string
	}{
		{"|", "mqtt.topic mqttlab.finding len( not ( any", "== &&", "mqtt.topic"},
		{"mqtt.to|", "mqtt.topic mqtt.topic_len", "mqtt.qos", "mqtt.topic"},
		{"topi|", "mqtt.topic mqtt.property.topic_alias", "mqtt.qos", "mqtt.topic"},
		{"mqtt.t|xyz && mqtt", "mqtt.topic", "", "mqtt.topic && mqtt"},
		{"mqtt.topic |", "== contains matches in && ||", "mqtt.qos & )", "mqtt.topic =="},
		{"mqtt.topic con|", "contains", "==", "mqtt.topic contains"},
		{"mqtt.qos |", "== in & >=", "contains matches", "mqtt.qos =="},
		{"mqtt.properties |", "&& ||", "== contains", "mqtt.properties &&"},
		{"(mqtt.qos |", ") ==", "", "(mqtt.qos )"},
		{"mqtt.msgtype == |", "CONNECT PUBLISH", "mqtt.topic &&", "mqtt.msgtype == CONNECT"},
		{"mqtt.msgtype == PUB|", "PUBLISH PUBACK", "CONNECT", "mqtt.msgtype == PUBLISH"},
		{"mqtt.msgtype == p|ub && mqtt", "PUBLISH", "CONNECT", "mqtt.msgtype == PUBLISH && mqtt"},
		{`mqtt.msgtype == "PUB|`, `"PUBLISH"`, "CONNECT", `mqtt.msgtype == "PUBLISH"`},
		{`mqtt.connack.reason_code == "not|"`, `"Not_authorized"`, "Success", `mqtt.connack.reason_code == "Not authorized"`},
		{"mqtt.connack.reason_code == not|", `"Not_authorized"`, "Success", `mqtt.connack.reason_code == "Not authorized"`},
		{"mqtt.retain == |", "True False", "mqtt.qos", "mqtt.retain == True"},
		{"mqttlab.severity >= |", "error warning note", "", "mqttlab.severity >= error"},
		{"mqttlab.direction == c|", "client", "server", "mqttlab.direction == client"},
		{"mqtt.len == |", "mqtt.topic_len", "mqtt.topic", "mqtt.len == mqtt.topic_len"},
		{"mqtt.msgtype in {|", "CONNECT", "} ,", "mqtt.msgtype in {CONNECT"},
		{"mqtt.msgtype in {1|", "", "CONNECT", ""},
		{"mqtt.msgtype in {1 |", ", }", "CONNECT", "mqtt.msgtype in {1 ,"},
		{"mqtt.msgtype in {1, |", "PUBLISH", "}", "mqtt.msgtype in {1, PUBLISH"},
		{"mqtt.msgtype in {1} |", "&&", "== PUBLISH", "mqtt.msgtype in {1} &&"},
		{"mqtt.qos == 1 |", "&& ||", "== mqtt.topic )", "mqtt.qos == 1 &&"},
		{"mqtt.qos == 1 && |", "mqtt.topic not", "&&", "mqtt.qos == 1 && mqtt.topic"},
		{"mqtt.qos == 1 and m|", "mqtt.topic", "&&", "mqtt.qos == 1 and mqtt.topic"},
		{"len(|", "mqtt.topic", "not len(", "len(mqtt.topic"},
		{"len(mqtt.topic) |", "== >", "contains )", "len(mqtt.topic) =="},
		{"(len(mqtt.topic) > 3 |", ") &&", "==", "(len(mqtt.topic) > 3 )"},
		{"not |", "mqtt.topic", "in", "not mqtt.topic"},
		{`mqtt.topic == "a|`, "", "mqtt.topic", ""},
		{"mqtt.topic # |", "", "==", ""},
		{"“|", "", "mqtt", ""},
	} {
		cursor := strings.IndexByte(test.expr, '|')
		expr := test.expr[:cursor] + test.expr[cursor+1:]
		list := filter.Complete(expr, cursor)
		has := func(text string) int {
			return slices.IndexFunc(list, func(c filter.Completion) bool { return c.Text == strings.ReplaceAll(text, "_", " ") || c.Text == text })
		}
		for i, text := range strings.Fields(test.has) {
			at := has(text)
			if at < 0 {
				t.Errorf("%s lacks %s", test.expr, text)
			} else if c := list[at]; i == 0 {
				if picked := expr[:c.From] + c.Text + expr[c.To:]; picked != test.picked {
					t.Errorf("%s: picking %s makes %s", test.expr, text, picked)
				}
			}
		}
		for _, text := range strings.Fields(test.hasNot) {
			if has(text) >= 0 {
				t.Errorf("%s offers %s", test.expr, text)
			}
		}
		for _, c := range list {
			for _, l := range spec.Languages() {
				if text := c.Describe(l); strings.ContainsAny(text, "⟦{") || text == "" && c.Kind == "field" {
					t.Errorf("%s: %s is described as %q", test.expr, c.Text, text)
				}
			}
		}
	}
}
