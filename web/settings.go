package web

import (
	"slices"
	"strings"

	"mqttlab/mqttcore/settings"
)

// holds says whether a list of words has a word.
func holds(list any, word string) bool {
	words, _ := list.([]string)
	return slices.Contains(words, word)
}

func stepOf(f settings.Field) string {
	if f.Kind == settings.Decimal {
		return "any"
	}
	return "1"
}

// linesOf writes a list as lines: of users their names, since passwords are
// not shown.
func linesOf(list any) string {
	var lines []string
	switch list := list.(type) {
	case []string:
		lines = list
	case map[string]any:
		for name := range list {
			lines = append(lines, name)
		}
		slices.Sort(lines)
	}
	return strings.Join(lines, "\n")
}
