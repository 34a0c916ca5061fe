package api

import (
	"strconv"
	"strings"

	"mqttlab/mqttcore/spec"
)

// language finds a language by its tag, "zh" as well as "zh-Hans-CN".
func language(tag string) (spec.Lang, bool) {
	primary, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
	for _, l := range spec.Languages() {
		if strings.EqualFold(primary, string(l)) {
			return l, true
		}
	}
	return spec.English, false
}

// acceptLanguage picks from an Accept-Language header the language of the
// highest quality that mqttlab speaks (RFC 9110, section 12.5.4).
func acceptLanguage(header string) spec.Lang {
	best, quality := spec.English, 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameters, _ := strings.Cut(part, ";")
		l, ok := language(tag)
		if !ok {
			continue
		}
		q := 1.0
		if value, found := strings.CutPrefix(strings.TrimSpace(parameters), "q="); found {
			q, _ = strconv.ParseFloat(value, 64)
		}
		if q > quality {
			best, quality = l, q
		}
	}
	return best
}
