package annotate_test

import (
	"strings"
	"testing"

	"mqttlab/mqttcore/annotate"
)

// BenchmarkText reads texts of the largest size that a page takes, 1 MiB.
func BenchmarkText(b *testing.B) {
	const size = 1 << 20
	for name, line := range map[string]string{
		"pings":      "c0 00\n",
		"connect":    "10 26 00 04 4D 51 54 54 04 C2 00 3C 00 09 31 32 33 34 35 36 37 38 39 00 05 61 64 6D 69 6E 00 08 70 61 73 73 77 6F 72 64\n",
		"broken":     "10 26 00 04 4D 51 54 54 04 C2 00 3C 3c 09 31 32 33 34 35 36 37 38 39 00 05 61 64 6D 69 6E 00 08 70 61 73 73 77 6F 72 64\n\n",
		"onePublish": "30 ff ff ff 7f 00 01 61",
	} {
		text := strings.Repeat(line, size/len(line))
		if name == "onePublish" {
			text = line + strings.Repeat(" 61", (size-len(line))/3)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				annotate.Text(text, annotate.Options{})
			}
		})
	}
	b.Run("onePacket", func(b *testing.B) {
		for b.Loop() {
			annotate.Text("82 09 00 01 00 04 74 65 73 74 00", annotate.Options{})
		}
	})
}
