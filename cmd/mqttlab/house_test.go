package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// house says which of the project's own packages each room may import; a
// name ending in /… stands for the package and all below it. "The house" in
// CONTRIBUTING.md explains it.
var house = []struct {
	room string
	may  []string
}{
	{"mqttcore/topic", nil},
	{"mqttcore/hexdump", nil},
	{"mqttcore/packet", []string{"mqttcore/topic"}},
	{"mqttcore/form", []string{"mqttcore/packet", "mqttcore/spec"}},
	{"mqttcore/spec", []string{"mqttcore/packet"}},
	{"mqttcore/spec/alike", []string{"mqttcore/packet", "mqttcore/spec"}},
	{"mqttcore/flow", []string{"mqttcore/packet", "mqttcore/topic"}},
	{"mqttcore/annotate", []string{"mqttcore/packet", "mqttcore/spec", "mqttcore/hexdump", "mqttcore/flow"}},
	{"mqttcore/filter", []string{"mqttcore/annotate", "mqttcore/packet", "mqttcore/spec"}},
	{"mqttcore/lab", []string{"mqttcore/scenario", "mqttcore/settings", "mqttcore/strictjson", "mqttcore/broker", "mqttcore/filter", "mqttcore/annotate", "mqttcore/packet", "mqttcore/spec"}},
	{"mqttcore/capture", []string{"mqttcore/packet", "mqttcore/spec"}},
	{"mqttcore/reading", []string{"mqttcore/capture", "mqttcore/flow", "mqttcore/annotate", "mqttcore/filter", "mqttcore/packet", "mqttcore/spec"}},
	{"mqttcore/pipe", []string{"mqttcore/packet"}},
	{"mqttcore/broker", []string{"mqttcore/packet", "mqttcore/topic"}},
	{"mqttcore/strictjson", []string{"mqttcore/spec"}},
	{"mqttcore/settings", []string{"mqttcore/strictjson", "mqttcore/broker", "mqttcore/packet", "mqttcore/topic"}},
	{"mqttcore/scenario", []string{"mqttcore/strictjson", "mqttcore/settings", "mqttcore/broker", "mqttcore/packet", "mqttcore/form", "mqttcore/annotate", "mqttcore/filter", "mqttcore/spec"}},
	{"mqttcore/rehearse", []string{"mqttcore/packet", "mqttcore/broker"}},
	{"mqttcore/snippet", nil},
	{"mqttcore/coverage", []string{"mqttcore/packet", "mqttcore/spec", "mqttcore/flow", "mqttcore/broker"}},
	{"static", nil},
	{"web/labs", nil},
	{"web", []string{"mqttcore/…", "static"}},
	{"server/…", []string{"mqttcore/…", "web/…", "static", "server/…"}},
	{"cmd/…", []string{"mqttcore/…", "server/…"}},
}

// librariesInCore are the modules that mqttcore may use beside the standard library.
var librariesInCore = map[string][]string{
	"mqttcore/spec":    {"go.yaml.in/yaml/v4"},
	"mqttcore/lab":     {"go.yaml.in/yaml/v4"},
	"mqttcore/capture": {"github.com/gopacket/gopacket", "github.com/gopacket/gopacket/layers", "github.com/gopacket/gopacket/pcapgo"},
}

const root = "../.."

func TestImportsGoDownward(t *testing.T) {
	for _, file := range sources(t) {
		dir := filepath.ToSlash(filepath.Dir(file.path))
		rule := slices.IndexFunc(house, func(r struct {
			room string
			may  []string
		}) bool {
			return covers(r.room, dir)
		})
		if rule < 0 {
			t.Errorf("%s is in no room of the house", file.path)
			continue
		}
		for _, imported := range file.ast.Imports {
			path, _ := strconv.Unquote(imported.Path.Value)
			own, isOwn := strings.CutPrefix(path, "mqttlab/")
			switch {
			case isOwn && !slices.ContainsFunc(house[rule].may, func(may string) bool { return covers(may, own) }):
				t.Errorf("%s imports %s; %s may import only %v", file.path, own, house[rule].room, house[rule].may)
			case !isOwn && strings.HasPrefix(dir, "mqttcore/") && strings.Contains(path, ".") && !slices.Contains(librariesInCore[dir], path):
				t.Errorf("%s imports %s; mqttcore stands on the standard library", file.path, path)
			}
		}
	}
}

// TestCoreIsPure keeps I/O, goroutines and the clock out of mqttcore: values
// in, values out.
func TestCoreIsPure(t *testing.T) {
	for _, file := range sources(t) {
		if !strings.HasPrefix(filepath.ToSlash(file.path), "mqttcore/") {
			continue
		}
		for _, imported := range file.ast.Imports {
			switch path, _ := strconv.Unquote(imported.Path.Value); path {
			case "os", "net", "net/http", "os/exec", "syscall", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog":
				t.Errorf("%s imports %s", file.path, path)
			}
		}
		ast.Inspect(file.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine", file.set.Position(n.Pos()))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"}, n.Sel.Name) {
					t.Errorf("%s reads the clock: time.%s", file.set.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
}

// A package that says which of its files is for what names all of them, and
// none that it has not.
func TestFileLists(t *testing.T) {
	files, listed := make(map[string][]string), make(map[string][]string) // by folder
	line := regexp.MustCompile(`(?m)^\t[a-z0-9_]+\.go .*`)
	name := regexp.MustCompile(`[a-z0-9_]+\.go`)
	for _, file := range sources(t) {
		dir, base := filepath.Split(file.path)
		if base != "doc.go" && !strings.HasSuffix(base, "_templ.go") {
			files[dir] = append(files[dir], base)
		}
		for _, l := range line.FindAllString(file.ast.Doc.Text(), -1) {
			listed[dir] = append(listed[dir], name.FindAllString(l, -1)...)
		}
	}
	if len(listed) < 8 {
		t.Errorf("only %d packages list their files", len(listed))
	}
	for dir, names := range listed {
		slices.Sort(names)
		if !slices.Equal(names, files[dir]) {
			t.Errorf("%s lists\n%v and has\n%v", dir, names, files[dir])
		}
	}
}

func covers(pattern, dir string) bool {
	if above, ok := strings.CutSuffix(pattern, "/…"); ok {
		return dir == above || strings.HasPrefix(dir, above+"/")
	}
	return dir == pattern
}

type goFile struct {
	path string // below the repository's root
	set  *token.FileSet
	ast  *ast.File
}

// sources parses every Go file that is not a test.
func sources(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, path)
		files = append(files, goFile{below, set, parsed})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d Go files found below %s", len(files), root)
	}
	return files
}
