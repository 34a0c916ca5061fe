package main

import (
	"flag"
	"os"
	"slices"
	"strings"

	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// langFlag adds -lang to a command's flags: it sets the language of std, which
// else is that of the environment.
func langFlag(f *flag.FlagSet, std *streams) {
	f.Func("lang", "", func(s string) error {
		if !slices.Contains(spec.Languages(), spec.Lang(s)) {
			return std.said(wrong("language", "names", languages()))
		}
		std.lang = spec.Lang(s)
		return nil
	})
}

// environmentLang is the language that the locale asks for (POSIX: the first of three variables that is
// not empty decides), English if mqttlab does not speak it.
func environmentLang() spec.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale := os.Getenv(name)
		if locale == "" {
			continue
		}
		for _, lang := range spec.Languages() {
			if rest, ok := strings.CutPrefix(locale, string(lang)); ok && (rest == "" || strings.IndexByte("_.@", rest[0]) >= 0) {
				return lang
			}
		}
		break
	}
	return spec.English
}

func languages() string {
	var list []string
	for _, l := range spec.Languages() {
		list = append(list, string(l))
	}
	return strings.Join(list, ", ")
}

// versionFlag adds -version, which is zero unless given.
func versionFlag(f *flag.FlagSet, std streams) *packet.Version {
	var version packet.Version
	f.Func("version", "", func(s string) error {
		if s == "auto" {
			version = 0
			return nil
		}
		v, ok := packet.ParseVersion(s)
		if !ok {
			return std.said(wrong("version", "version", s))
		}
		version = v
		return nil
	})
	return &version
}
