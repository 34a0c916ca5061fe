// Command mqttlab teaches MQTT by its bytes.
//
//	mqttlab [serve]     an embedded broker and the workbench's pages
//	mqttlab decode      bytes in any layout and captures, explained
//	mqttlab encode      a packet's JSON form to bytes
//	mqttlab rules       the specifications' statements, and where they are checked
//	mqttlab lab         write, check and try out labs
//	mqttlab replay      a scenario, to mqttlab's own broker or another
//	mqttlab completion  a script for the shell
//	mqttlab health      is a running server alive
//	mqttlab version
//
// Exit status: 0 fine, 1 the bytes break a rule or end too early, 2 unusable
// input or arguments.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"unicode"
)

// The exit statuses.
const (
	exitFine     = 0
	exitFindings = 1
	exitUnusable = 2
)

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// inspect, if not nil, is shown the command's flags instead of running it.
	inspect func(*flag.FlagSet)
}

// command is one of mqttlab's commands. run returns the exit status.
type command struct {
	name, does string
	run        func(ctx context.Context, args []string, std streams) int
}

// commands is filled in init because help lists it.
var commands []command

func init() {
	commands = []command{
		{"serve", "serve the workbench and an MQTT broker (what mqttlab does without a command)", serve},
		{"decode", "explain Control Packets: hex in any layout, raw bytes, network captures", decode},
		{"encode", "turn a packet's JSON form into hex", encode},
		{"rules", "list the specification's statements and where they are checked", rules},
		{"lab", "write, check and try out labs", labs},
		{"replay", "play a scenario: what clients send, and when", replay},
		{"completion", "print a script that completes commands in bash, zsh or fish", completion},
		{"health", "ask a running server whether it is alive", health},
		{"version", "print the version", version},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl+C ends at once
	status := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(status)
}

// run finds the command that the arguments name.
func run(ctx context.Context, args []string, std streams) int {
	if len(args) == 0 || (strings.HasPrefix(args[0], "-") && !isHelp(args[0])) {
		return serve(ctx, args, std)
	}
	name := args[0]
	if isHelp(name) || name == "help" {
		usage(std.out)
		return exitFine
	}
	for _, c := range commands {
		if c.name == name {
			return c.run(ctx, args[1:], std)
		}
	}
	fmt.Fprintf(std.err, "mqttlab: there is no command %q\n\n", name)
	usage(std.err)
	return exitUnusable
}

func isHelp(s string) bool { return s == "-h" || s == "-help" || s == "--help" }

func usage(w io.Writer) {
	fmt.Fprint(w, "mqttlab teaches MQTT by its bytes.\n\nUsage:\n\n\tmqttlab [COMMAND] [FLAGS]\n\nCommands:\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "\t%-10s %s\n", c.name, c.does)
	}
	fmt.Fprint(w, "\nmqttlab COMMAND -h lists the flags of a command.\n"+
		"Exit status: 0 fine, 1 the bytes break a rule or end too early, 2 unusable input or arguments.\n")
}

// flags makes the flag set of a command. synopsis is its usage line, text
// what it does, in whole lines.
func flags(name, synopsis, text string, std streams) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(std.err)
	f.Usage = func() {
		fmt.Fprintf(f.Output(), "Usage: mqttlab %s\n\n%s", synopsis, text)
		any := false
		f.VisitAll(func(*flag.Flag) { any = true })
		if any {
			fmt.Fprint(f.Output(), "\nFlags:\n\n")
			f.PrintDefaults()
		}
	}
	return f
}

// parse reads a command's flags. It returns false with the exit status if
// the command is to go no further.
func parse(f *flag.FlagSet, args []string, std streams) (int, bool) {
	if std.inspect != nil {
		std.inspect(f)
		return exitFine, false
	}
	full := f.Usage
	f.Usage = func() { fmt.Fprintf(std.err, "mqttlab %s -h lists the flags.\n", f.Name()) } // a mistake needs no lecture
	for _, arg := range args {
		if arg == "--" {
			break
		}
		if isHelp(arg) {
			f.SetOutput(std.out) // what was asked for is no error
			f.Usage = full
			break
		}
	}
	f.SetOutput(harmlessWriter{f.Output()})
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitFine, false
	case err != nil:
		return exitUnusable, false
	}
	return exitFine, true
}

// fail says what is wrong and returns the exit status for it.
func fail(std streams, command, format string, args ...any) int {
	fmt.Fprintf(std.err, "mqttlab %s: %s\n", command, harmless(fmt.Sprintf(format, args...)))
	return exitUnusable
}

// harmlessWriter writes what package flag has to say.
type harmlessWriter struct{ w io.Writer }

func (h harmlessWriter) Write(p []byte) (int, error) {
	_, err := io.WriteString(h.w, harmless(string(p)))
	return len(p), err
}

// harmless writes as escapes what a terminal would obey instead of showing it:
// names of files and what stands in them are not always one's own.
func harmless(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}
