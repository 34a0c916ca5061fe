// Command benchreport runs the benchmarks whose figures README.md quotes, a
// few times and by turns, and writes one report of them as Markdown and JSON:
// the machine, the versions of all that is compared, medians, how far the runs
// lay apart, and the goals beside them, met or not. "make bench" starts it.
//
//	main.go      the command line
//	table.go     which benchmarks are run, and what the report tells of them
//	measure.go   runs "go test", reads what it prints
//	machine.go   the machine and the versions
//	report.go    the report: figures, goals, JSON
//	markdown.go  its Markdown, and the part of it that README.md quotes
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchreport:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("benchreport", flag.ContinueOnError)
	rounds := f.Int("count", 3, "how often each benchmark is run; the report has the medians")
	which := f.String("bench", "", "regular `expression`: only the benchmarks whose name it matches")
	dir := f.String("out", "bin/bench", "`directory` for report.md, report.json and what the benchmarks printed")
	quote := f.String("quote", "", "measure nothing: write the tables of this `report.json` into -readme, and the report to -keep")
	readme := f.String("readme", "README.md", "`file` with the tables between its markers")
	keep := f.String("keep", "testdata/bench/report.json", "`file` for the report that README.md quotes")
	if err := f.Parse(args); err != nil {
		return err
	}
	switch {
	case f.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", f.Arg(0))
	case *quote != "":
		return quoteIn(*readme, *quote, *keep)
	case *rounds < 1:
		return errors.New("-count is 1 or more")
	}
	chosen, err := regexp.Compile(*which)
	if err != nil {
		return fmt.Errorf("-bench: %w", err)
	}
	var cmds []command
	for _, c := range commands {
		if chosen.MatchString(c.Bench) {
			cmds = append(cmds, c)
		}
	}
	if len(cmds) == 0 {
		return fmt.Errorf("-bench %s: no benchmark of the report is called so", *which)
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(*dir, "output.txt"))
	if err != nil {
		return err
	}
	defer log.Close()
	r := &Report{Made: time.Now().UTC().Truncate(time.Second), Machine: machine(), Versions: versions(ctx)}
	r.measure(ctx, cmds, *rounds, goTest, log, out)
	r.judge()
	if err := r.save(*dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s and report.json: %d figures, %d failures, %s\n", filepath.Join(*dir, "report.md"), len(r.Figures), len(r.Failures), r.Took)
	if len(r.Failures) > 0 {
		return fmt.Errorf("%d runs failed; the report says which", len(r.Failures))
	}
	return nil
}

// quoteIn has README.md quote a report, and keeps that report beside it.
func quoteIn(readme, from, keep string) error {
	r, err := load(from)
	if err != nil {
		return err
	}
	if missing := r.missing(); len(missing) > 0 {
		return fmt.Errorf("%s lacks %d figures that README.md quotes, the first: %s; a run of all benchmarks has them", from, len(missing), missing[0])
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	with, err := replaced(string(text), r.quoted())
	if err != nil {
		return fmt.Errorf("%s: %w", readme, err)
	}
	if err := r.write(keep); err != nil {
		return err
	}
	return os.WriteFile(readme, []byte(with), 0o644)
}
