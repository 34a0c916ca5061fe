package main

import (
	"context"
	"flag"
	"strings"
	"testing"

	"mqttlab/mqttcore/spec"
)

// Every command and each of its flags says in every language what it does.
func TestHelpSpeaksEveryLanguage(t *testing.T) {
	flags := 0
	for _, c := range commands {
		for _, key := range []string{"cli.does." + c.name, "cli.help." + c.name} {
			if !spec.HasMessage(key) {
				t.Errorf("%s is missing", key)
			}
		}
		c.run(context.Background(), nil, streams{inspect: func(f *flag.FlagSet) {
			f.VisitAll(func(one *flag.Flag) {
				flags++
				for _, l := range spec.Languages() {
					if text := flagText(l, c.name, one.Name); strings.ContainsAny(text, "⟦{") || text == "" || l != spec.English && text == flagText(spec.English, c.name, one.Name) {
						t.Errorf("%s: %s -%s: %q", l, c.name, one.Name, text)
					}
				}
			})
		}})
	}
	if flags < 40 {
		t.Errorf("only %d flags", flags)
	}
}
