package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files anew")

// systems are those for which "make dist" builds.
var systems = []string{"linux", "darwin", "windows"}

// TestLicences keeps licenses.txt complete: each module that is linked, on any
// system, with its version and the texts of its licence.
func TestLicences(t *testing.T) {
	if testing.Short() {
		t.Skip("asks the go command for all that is linked")
	}
	modules := map[string]string{} // by what is shown: directory
	for _, system := range systems {
		list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatalf("%s: %v", system, err)
		}
		for line := range strings.Lines(string(out)) {
			if name, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
				modules[name] = dir
			}
		}
	}
	if len(modules) < 5 {
		t.Fatalf("only %d modules are linked", len(modules))
	}
	goRoot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	add := func(name, dir string) {
		var files []string
		for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*", "NOTICE*"} {
			found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are good
			files = append(files, found...)
		}
		if len(files) == 0 {
			t.Errorf("%s has no licence", name)
		}
		slices.Sort(files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want.WriteString(strings.Repeat("=", 72) + "\n" + name + ": " + filepath.Base(file) + "\n" + strings.Repeat("=", 72) + "\n\n")
			want.Write(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
			want.WriteString("\n\n")
		}
	}
	add("mqttlab", root)
	add("The Go programming language and its library", strings.TrimSpace(string(goRoot)))
	names := make([]string, 0, len(modules))
	for name := range modules {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		add(name, modules[name])
	}
	if *update {
		if err := os.WriteFile("licenses.txt", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile("licenses.txt"); err != nil || !bytes.Equal(have, want.Bytes()) {
		t.Error("licenses.txt is not what is linked; go test ./cmd/mqttlab -run Licences -update writes it anew", err)
	}
}
