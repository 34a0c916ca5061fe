// Package alike knows what is written alike in Chinese and in English, so that
// tests find what was not translated.
package alike

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// Names are expressions, of Go's syntax and of JavaScript's, for what is
// written alike: names of the specification and of programs, identifiers,
// keys, and what examples say on the wire.
var Names = sync.OnceValue(func() []string {
	var names []string
	add := func(name string) { names = append(names, regexp.QuoteMeta(name)+`\b`) }
	for _, v := range packet.Versions {
		for _, f := range packet.Fields() {
			add(f.Label(v))
		}
		for _, t := range packet.Types(v) {
			for _, c := range packet.ReasonCodes(t, v) {
				add(spec.ReasonName(v, t, byte(c)))
			}
		}
	}
	for _, id := range packet.AllProperties() {
		add(id.String())
	}
	for _, entry := range spec.Glossary(spec.English) {
		add(entry.Name)
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // one may begin with another
	return append([]string{`labA is gone`, `the quick brown fox jumps over the lazy dog`, `the quick brown`}, append(slices.Compact(names),
		`[“"][^”" ]*…?[”"]`, // a value on the wire
		`\d+ more bytes|Authorization: Bearer|within、over、without 和 same|\bauto\b|MQTT\.js|Python bytes|\bLinux cooked capture\b`, // what tools print
		`\bmqttlab( [a-z]+)+( -- [a-z]+ -Y mqtt\.)?`,
		`\b(u?int|float)\d+ (big|little)-endian\b`,
		`\bMQTT-[\d.]+-\d+\b`,
		`[\w.-]*[\d_/=@:\\#$<][\w./:=@%<>$#*-]*`, // identifiers, addresses, topics
		`\b[a-z]+\.[a-z_.]+\b`,                   // mqtt.qos
		`\b[A-Z][A-Z0-9]+s?\b`,                   // CONNECT, TCP, UTF
		`(^|\W)-[a-z-]+\b`,                       // flags of the command line
		`\b([0-9a-f]{2} )*[0-9a-f]{2}\b`,
		`\b(Ctrl|Shift|Esc|Escape|Enter|Insert|Tab|Alt|Home|End|Delete|Space)\b`,
		`\b(mqttlab|English|WebSocket|Wireshark|JavaScript|Unicode|Chromium|Go|Python|Goroutine|devel|Hex|nbgrader|Accept-Language|Ping|Shell|Kerberos|KiB|MiB|Gallery|[Bb]roker|cookie|main|id|nginx|fsync|ms|kill|Mosquitto|EMQX|HiveMQ)\b`,
		`\b([Mm]osquitto|tshark|tcpdump|hexdump|xxd|pcap|pcapng|snoop|gzip|base64|curl|nginx|Caddy|Markdown|SQLite|Prometheus|MQTT\.js|MQIsdp|null|true|false)\b`,
		`\b(od|gdb( x| print)?|LLDB|WinDbg|ncat|Rust|hexyl|Erlang|Java|Netty|Node|Buffer|[Ss]hell|echo|printf|jsonraw|snaplen|Content-Type|Origin|Bearer|localhost|over|True|False)\b`,
		`[a-z]+((、| 和 | 或 )[a-z]+)+`, // identifiers, one beside the other
		`\b(any|all|how|order|step|choice|within|mqtt|xor|value|bytes|hex|expect|at|after|question|max|check|run|commit|interval|off|end|en|testdata|event|numbers|speed|offset)\b`, // keys and words of the filter
		`\b(cid|labA|labAB|lab-A|test|admin|password|hello|gone|kept|cafe|fffe|sensor|lamp)\b`,
	)...)
})

var compiled = sync.OnceValue(func() []*regexp.Regexp {
	list := make([]*regexp.Regexp, 0, len(Names()))
	for _, name := range Names() {
		list = append(list, regexp.MustCompile(name))
	}
	return list
})

// example is a line of a text that shows what to type, or what comes of it.
var example = regexp.MustCompile(`(?m)^\t.*$`)

var latin = regexp.MustCompile(`\p{Latin}{2}`)

// English returns what is left of a Chinese text without what is written alike,
// if that has words in Latin letters, and else "".
func English(text string) string {
	if !latin.MatchString(text) {
		return ""
	}
	text = example.ReplaceAllString(text, "")
	for _, name := range compiled() {
		text = name.ReplaceAllString(text, " ")
	}
	if !latin.MatchString(text) {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}
