package main

import (
	"context"
	_ "embed"
	"fmt"
	"runtime"

	"mqttlab/server"
)

// licenceTexts are the licences of mqttlab and of all that is linked into it;
// "go test ./cmd/mqttlab -run Licences -update" writes them anew.
//
//go:embed licenses.txt
var licenceTexts string

// version prints what was built, from what.
func version(_ context.Context, args []string, std streams) int {
	f := flags("version", "version [-licenses]", &std)
	licences := f.Bool("licenses", false, "")
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	if f.NArg() > 0 {
		return fail(std, "version", unexpected(f))
	}
	if *licences {
		fmt.Fprint(std.out, licenceTexts)
		return exitFine
	}
	fmt.Fprintf(std.out, "mqttlab %s (%s %s/%s)\n", server.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitFine
}
