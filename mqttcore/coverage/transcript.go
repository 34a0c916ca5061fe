package coverage

import (
	_ "embed" // transcripts.txt
	"strings"
	"sync"
)

//go:generate go test . -update

//go:embed transcripts.txt
var transcriptsText string

// shown is one line of transcripts.txt: a statement, the file that shows it,
// and the explanation's key if the broker cited it there and no comment does.
// Lines are not numbered, so that the list changes only when the statements
// of a file do; the id is found in the file.
type shown struct{ version, id, file, key string }

// transcripts reads transcripts.txt: "3.1.1 MQTT-3.1.2-8 broker/will.txt will.kept".
var transcripts = sync.OnceValue(func() []shown {
	var list []shown
	for line := range strings.Lines(transcriptsText) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		s := shown{f[0], f[1], f[2], ""}
		if len(f) > 3 {
			s.key = f[3]
		}
		list = append(list, s)
	}
	return list
})

func (s shown) String() string {
	return strings.TrimRight(strings.Join([]string{s.version, s.id, s.file, s.key}, " "), " ")
}
