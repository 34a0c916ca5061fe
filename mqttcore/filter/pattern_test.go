package filter_test

import (
	"runtime"
	"strings"
	"testing"

	"mqttlab/mqttcore/filter"
)

// A few characters that repeat others are refused without being written out.
func TestPatternsAreCounted(t *testing.T) {
	for _, pattern := range []string{
		"(?:" + strings.Repeat("ab?", 1000) + "){1000}",
		strings.Repeat("(?:"+strings.Repeat("a?", 300)+"){500}", 6),
		strings.Repeat(`\\pL{1000}`, 400),
		strings.Repeat("a{0,1000}", 400),
		strings.Repeat("(", 900) + "a" + strings.Repeat("){0,2}", 900),
		"a{1000}{1000}",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := filter.Parse(`mqtt.msg matches "` + pattern + `"`)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; err == nil || n > 8<<20 {
			t.Errorf("%.40s…: %v, and %d MB are used to say so", pattern, err, n>>20)
		}
	}
	for _, pattern := range []string{"a{1,900}", "^lab/.{0,200}(on|off)+$", "(?:x{10}){10}", "[[:alpha:]]*?"} {
		if _, err := filter.Parse(`mqtt.msg matches "` + pattern + `"`); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
