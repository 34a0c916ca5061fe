package lab

import (
	_ "embed"
	"go/parser"
	"go/token"
)

//go:embed doc.go
var source string

// Manual is what the documentation of this package says about labs, a Go doc
// comment.
func Manual() string {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", source, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return "" // it would not have been built
	}
	return file.Doc.Text()
}
