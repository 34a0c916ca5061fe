package hexdump

import "strings"

// readPercent reads percent-encoding with plain characters in it, as in a URL: %10%0c%00%04MQTT.
// Without such characters, the per cent sign is one separator among many; see readPlain.
func readPercent(in *input) []candidate {
	r := in.trim(Range{0, len(in.text)})
	s := in.at(r)
	if strings.Count(s, "%") < 2 || strings.ContainsAny(s, " \t\n") {
		return nil
	}
	b := newBuilder(in)
	literals, escapes := 0, 0
	for i := r.From; i < r.To; {
		if in.text[i] != '%' {
			b.add(in.text[i], i, i+1)
			if !isHex(in.text[i]) {
				literals++
			}
			i++
			continue
		}
		if digits(in.text[:r.To], i+1, 2, 16) < 2 {
			return nil
		}
		b.add(pair(in.text[i+1:]), i, i+3)
		escapes++
		i += 3
	}
	if literals == 0 || escapes < 2 || strings.HasSuffix(s, "%") {
		return nil
	}
	return []candidate{b.candidate("percent-encoded", certain)}
}
