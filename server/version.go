package server

import (
	"runtime/debug"
	"sync"
)

// Version is what was built: a release's tag, else the commit, with "+dirty"
// if files were changed after it; "devel" if the build knows neither.
var Version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "devel"
})
