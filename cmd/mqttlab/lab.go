package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/lab"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
	"mqttlab/server/shelf"
)

// labs is the command for authors.
func labs(_ context.Context, args []string, std streams) int {
	f := flags("lab", "lab [-lang LANGUAGE] list|new|check|run [FOLDER...]", &std)
	langFlag(f, &std)
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	var rest []string
	if f.NArg() > 1 {
		rest = f.Args()[1:]
	}
	switch do := f.Arg(0); {
	case do == "list" && len(rest) == 0:
		return labList(std.lang, std)
	case do == "new" && len(rest) == 1:
		return labNew(rest[0], std)
	case do == "check":
		return labCheck(rest, std.lang, std)
	case do == "run" && len(rest) == 1:
		return labRun(rest[0], std.lang, std)
	}
	return fail(std, "lab", wrong("lab-do"))
}

func labList(l spec.Lang, std streams) int {
	s, err := shelf.Open()
	if err != nil {
		return fail(std, "lab", err)
	}
	for _, one := range s.Labs() {
		words := one.Words(l)
		fmt.Fprintf(std.out, "%2d  %-20s %2d min  %s\n", one.Order, one.ID, one.Minutes, words.Title)
	}
	return exitFine
}

//go:embed newlab
var newLab embed.FS

// labNew writes a lab to begin from. It overwrites nothing.
func labNew(folder string, std streams) int {
	id := filepath.Base(folder)
	if !lab.IsID(id) {
		return fail(std, "lab", wrong("lab-id", "name", id))
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o777); err != nil {
		return fail(std, "lab", err)
	}
	if err := os.Mkdir(folder, 0o777); err != nil {
		return fail(std, "lab", err)
	}
	from, _ := fs.Sub(newLab, "newlab")
	if err := os.CopyFS(folder, from); err != nil {
		return fail(std, "lab", err)
	}
	say(std.out, std.lang, "lab-made", "folder", folder)
	fmt.Fprintf(std.out, "\n\tmqttlab lab check %s\n\tmqttlab -labs %s\n", folder, filepath.Dir(folder))
	return exitFine
}

// labFolder is one lab in a file system. path is how the author calls it; ""
// for those that come with mqttlab.
type labFolder struct {
	dir      fs.FS
	path, id string
}

// labFolders finds the labs of a folder: itself, or those in it.
func labFolders(path string) ([]labFolder, error) {
	isLab := func(folder string) bool {
		_, err := os.Stat(filepath.Join(folder, lab.FileName(spec.English)))
		return err == nil
	}
	one := func(folder string) labFolder {
		full, err := filepath.Abs(folder)
		if err != nil {
			full = folder
		}
		return labFolder{os.DirFS(filepath.Dir(full)), folder, filepath.Base(full)}
	}
	if isLab(path) {
		return []labFolder{one(path)}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var all []labFolder
	for _, e := range entries {
		if folder := filepath.Join(path, e.Name()); e.IsDir() && isLab(folder) {
			all = append(all, one(folder))
		}
	}
	if len(all) == 0 {
		return nil, wrong("lab-folder", "name", path, "file", lab.FileName(spec.English))
	}
	return all, nil
}

// labCheck says of labs what is wrong with them.
func labCheck(paths []string, l spec.Lang, std streams) int {
	if len(paths) == 0 {
		s, err := shelf.Open()
		var wrong shelf.Problems
		switch {
		case errors.As(err, &wrong):
			tell(std.out, wrong, func(p shelf.Problem) string { return p.Lab + "/" + p.File }, l)
			return exitFindings
		case err != nil:
			return fail(std, "lab", err)
		}
		say(std.out, l, "labs-right", "n", strconv.Itoa(len(s.Labs())))
		return exitFine
	}
	status := exitFine
	for _, path := range paths {
		folders, err := labFolders(path)
		if err != nil {
			return fail(std, "lab", err)
		}
		for _, folder := range folders {
			_, wrong, err := shelf.Read(folder.dir, folder.id)
			if err != nil {
				return fail(std, "lab", err)
			}
			if len(wrong) > 0 {
				tell(std.out, wrong, func(p shelf.Problem) string { return filepath.Join(folder.path, p.File) }, l)
				status = exitFindings
				continue
			}
			say(std.out, l, "lab-right", "name", folder.path)
		}
	}
	return status
}

func tell(w io.Writer, wrong shelf.Problems, where func(shelf.Problem) string, l spec.Lang) {
	for _, p := range wrong {
		fmt.Fprintf(w, "%s:%d:%d: %s\n", where(p), p.Line, p.Column, p.Text(l))
	}
}

// labRun plays a lab's solution.
func labRun(name string, l spec.Lang, std streams) int {
	var one *shelf.Lab
	if s, err := shelf.Open(); err == nil && s.Lab(name) != nil {
		one = s.Lab(name)
	} else {
		folders, err := labFolders(name)
		if err != nil || len(folders) != 1 {
			return fail(std, "lab", wrong("lab-none", "name", name))
		}
		read, wrong, err := shelf.Read(folders[0].dir, folders[0].id)
		if err != nil {
			return fail(std, "lab", err)
		}
		if one = read; one.Solution == nil || slices.ContainsFunc(wrong, func(p shelf.Problem) bool { return p.File != shelf.SolutionFile }) {
			tell(std.out, wrong, func(p shelf.Problem) string { return filepath.Join(name, p.File) }, l)
			return exitFindings
		}
	}
	paint := painter(std.out)
	progress, failure := one.Solve(one.Solution, one.Cast, func(e lab.Event, c lab.Change) {
		fmt.Fprintf(std.out, "%9.3f  %s\n", e.At.Seconds(), labLine(e, l))
		for _, a := range c.Attempts {
			fmt.Fprintf(std.out, "           ✗ %s %s\n", a.Step, lab.Difference(l, a.Want, a.Got))
		}
		for _, p := range c.Passed {
			fmt.Fprintf(std.out, "           %s\n", paint(bold, "✓ "+p.Step))
		}
	})
	if failure != nil {
		fmt.Fprintln(std.out, errorText(l, failure))
		return exitFindings
	}
	if at, open := progress.Step(); open {
		report := progress.Report(l)[at]
		say(std.out, l, "lab-not-passed", "step", report.ID)
		for _, c := range report.Checks {
			fmt.Fprintf(std.out, "  %s: %s %s\n", c.State, c.Text, c.Note)
		}
		return exitFindings
	}
	return exitFine
}

// labLine is an event as a line of text.
func labLine(e lab.Event, l spec.Lang) string {
	client := annotate.Visible(e.Client)
	switch e.Kind {
	case lab.Opened:
		return client + " ── " + spec.Message(l, "cli.open")
	case lab.Closed:
		return client + " ── " + spec.Message(l, "cli.closed", "how", e.How)
	case lab.Answered:
		return spec.Message(l, "cli.answer", "answer", annotate.Visible(e.Answer))
	case lab.Handed:
		return spec.Message(l, "cli.built", "packet", annotate.Summary(e.Bytes, e.Version, l))
	}
	arrow := " ─▶ "
	if e.From == packet.Server {
		arrow = " ◀─ "
	}
	var hex bytes.Buffer
	for i, b := range e.Bytes[:min(len(e.Bytes), 24)] {
		if i > 0 {
			hex.WriteByte(' ')
		}
		fmt.Fprintf(&hex, "%02x", b)
	}
	if len(e.Bytes) > 24 {
		hex.WriteString(" …")
	}
	return client + arrow + strings.TrimSpace(annotate.Summary(e.Bytes, e.Version, l)) + "  [" + hex.String() + "]"
}
