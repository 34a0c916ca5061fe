package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

func (c command) args() []string {
	return []string{"test", "-run", "^$", "-bench", "^Benchmark" + c.Bench + "$", "-benchtime", c.Time, "-timeout", "20m", c.Package}
}

func (c command) String() string {
	return "go test -run '^$' -bench '^Benchmark" + c.Bench + "$' -benchtime " + c.Time + " " + c.Package
}

// goTest runs a command and returns what it printed, errors included.
func goTest(ctx context.Context, c command) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", c.args()...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.Bytes(), err
}

// measure runs each command once a round, so that what happens to the machine
// meanwhile happens to all of them. A run that fails is told in the report,
// and the next goes on; log gets what all of them print.
func (r *Report) measure(ctx context.Context, cmds []command, rounds int, run func(context.Context, command) ([]byte, error), log, progress io.Writer) {
	began := time.Now()
	for _, c := range cmds {
		r.Commands = append(r.Commands, c.String())
	}
	for round := range rounds {
		for _, c := range cmds {
			if ctx.Err() != nil {
				r.Failures = append(r.Failures, Failure{c.String(), round + 1, "not run: the measuring was stopped"})
				continue
			}
			started := time.Now()
			out, err := run(ctx, c)
			fmt.Fprintf(log, "$ %s\n%s", c, out)
			results := parse(out)
			for _, one := range results {
				r.add(c, one)
			}
			verdict := fmt.Sprint(len(results), " results")
			if err == nil && len(results) == 0 {
				err = fmt.Errorf("there is no benchmark of that name")
			}
			if err != nil {
				r.Failures = append(r.Failures, Failure{c.String(), round + 1, why(out, err)})
				verdict = "failed: " + err.Error()
			}
			fmt.Fprintf(progress, "round %d of %d  %-34s %5.1f s  %s\n", round+1, rounds, c.Bench, time.Since(started).Seconds(), verdict)
		}
		r.Rounds = round + 1
	}
	r.Took = time.Since(began).Round(time.Second).String()
}

// result is a line that a benchmark prints.
type result struct {
	Bench  string // without "Benchmark" and the number of processors
	Values []value
}

type value struct {
	Unit   string
	Number float64
}

// parse reads the results among what "go test -bench" prints: name, number of
// iterations, and pairs of a value and its unit.
func parse(out []byte) (results []result) {
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) < 4 || len(words)%2 != 0 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		if _, err := strconv.Atoi(words[1]); err != nil {
			continue
		}
		one := result{Bench: strings.TrimPrefix(words[0], "Benchmark")}
		if i := strings.LastIndexByte(one.Bench, '-'); i >= 0 {
			if _, err := strconv.Atoi(one.Bench[i+1:]); err == nil {
				one.Bench = one.Bench[:i]
			}
		}
		for i := 2; i < len(words); i += 2 {
			number, err := strconv.ParseFloat(words[i], 64)
			if err != nil {
				break
			}
			one.Values = append(one.Values, value{words[i+1], number})
		}
		if 2+2*len(one.Values) == len(words) {
			results = append(results, one)
		}
	}
	return results
}

// why is what a failed run says about it: the lines from its first FAIL on, a
// few of them.
func why(out []byte, err error) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	from := max(0, len(lines)-6)
	for i, line := range lines {
		if strings.Contains(line, "FAIL") || strings.HasPrefix(line, "panic:") {
			from = i
			break
		}
	}
	lines = lines[from:min(len(lines), from+6)]
	return err.Error() + ": " + strings.Join(lines, "; ")
}
