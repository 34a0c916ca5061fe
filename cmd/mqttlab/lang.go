package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// langFlag adds -lang to a command's flags. An empty value is not given.
func langFlag(f *flag.FlagSet) *spec.Lang {
	lang := spec.English
	f.Func("lang", "`language` of the explanations: "+languages()+" (default en)", func(s string) error {
		if !slices.Contains(spec.Languages(), spec.Lang(s)) {
			return fmt.Errorf("mqttlab speaks %s", languages())
		}
		lang = spec.Lang(s)
		return nil
	})
	return &lang
}

func languages() string {
	var list []string
	for _, l := range spec.Languages() {
		list = append(list, string(l))
	}
	return strings.Join(list, ", ")
}

// versionFlag adds -version, which is zero unless given.
func versionFlag(f *flag.FlagSet, what string) *packet.Version {
	var version packet.Version
	f.Func("version", what, func(s string) error {
		if s == "auto" {
			version = 0
			return nil
		}
		v, ok := packet.ParseVersion(s)
		if !ok {
			return fmt.Errorf("there is no MQTT version %q; use auto, 3.1, 3.1.1 or 5", s)
		}
		version = v
		return nil
	})
	return &version
}
