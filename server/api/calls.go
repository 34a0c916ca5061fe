package api

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
	"sync"
)

// The sources of this package, from which Calls reads what each call is: the
// reference is never older than the code.
//
//go:embed *.go
var sources embed.FS

// Call is a call of the interface.
type Call struct {
	Method string
	Path   string // with {names} of what stands in for them
	Doc    string // Go doc comment; it begins with the name of the method that answers
	Name   string // of this method
}

// Calls lists the calls of the interface in the order of their routes.
var Calls = sync.OnceValue(func() []Call {
	docs := make(map[string]string)
	var calls []Call
	names, _ := fs.Glob(sources, "*.go") // the pattern is good
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, _ := sources.ReadFile(name) // it is part of the binary
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue // it would not have been built
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					docs[n.Name.Name] = n.Doc.Text()
				}
			case *ast.CallExpr:
				if c, ok := callOf(n); ok {
					calls = append(calls, c)
				}
			}
			return true
		})
	}
	for i := range calls {
		calls[i].Doc = docs[calls[i].Name]
	}
	return calls
})

// callOf reads r.Method("GET", "/path", a.onBench(a.name)).
func callOf(n *ast.CallExpr) (Call, bool) {
	if f, ok := n.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "Method" || len(n.Args) != 3 {
		return Call{}, false
	}
	var c Call
	for i, to := range []*string{&c.Method, &c.Path} {
		literal, ok := n.Args[i].(*ast.BasicLit)
		if !ok {
			return Call{}, false
		}
		*to, _ = strconv.Unquote(literal.Value)
	}
	c.Path = "/api" + c.Path
	ast.Inspect(n.Args[2], func(n ast.Node) bool {
		if f, ok := n.(*ast.SelectorExpr); ok {
			c.Name = f.Sel.Name // the innermost is the last
		}
		return true
	})
	return c, true
}
