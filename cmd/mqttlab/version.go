package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// version prints what was built, from what.
func version(_ context.Context, args []string, std streams) int {
	f := flags("version", "version", "Prints the version, and the Go release that built it.\n", std)
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	if f.NArg() > 0 {
		return fail(std, "version", "unexpected argument %q", f.Arg(0))
	}
	name, goVersion, revision := "devel", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
		if v := info.Main.Version; v != "" && v != "(devel)" {
			name = v
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				revision = " " + setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	fmt.Fprintf(std.out, "mqttlab %s%s (%s)\n", name, revision, goVersion)
	return exitFine
}
