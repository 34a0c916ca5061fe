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
	"strings"
	"syscall"

	"mqttlab/mqttcore/spec"
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
	lang     spec.Lang // of what is said
	// inspect, if not nil, is shown the command's flags instead of running it.
	inspect func(*flag.FlagSet)
}

// command is one of mqttlab's commands. run returns the exit status.
type command struct {
	name string // what it does is the message cli.does. and the name
	run  func(ctx context.Context, args []string, std streams) int
}

// commands is filled in init because help lists it.
var commands []command

func init() {
	commands = []command{
		{"serve", serve}, // what mqttlab does without a command
		{"decode", decode},
		{"encode", encode},
		{"rules", rules},
		{"lab", labs},
		{"replay", replay},
		{"completion", completion},
		{"health", health},
		{"version", version},
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
	std.lang = environmentLang()
	if len(args) == 0 || (strings.HasPrefix(args[0], "-") && !isHelp(args[0])) {
		return serve(ctx, args, std)
	}
	name := args[0]
	if isHelp(name) || name == "help" {
		usage(std.out, std.lang)
		return exitFine
	}
	for _, c := range commands {
		if c.name == name {
			return c.run(ctx, args[1:], std)
		}
	}
	fmt.Fprintf(std.err, "mqttlab: %s\n\n", harmless(errorText(std.lang, wrong("command", "name", name))))
	usage(std.err, std.lang)
	return exitUnusable
}

func isHelp(s string) bool { return s == "-h" || s == "-help" || s == "--help" }

func usage(w io.Writer, l spec.Lang) {
	word := func(key string) string { return spec.Message(l, "cli.usage."+key) }
	fmt.Fprintf(w, "%s\n\n%s\n\n\t%s\n\n%s\n\n", word("teaches"), word("usage"), word("line"), word("commands"))
	for _, c := range commands {
		fmt.Fprintf(w, "\t%-10s %s\n", c.name, spec.Message(l, "cli.does."+c.name))
	}
	fmt.Fprintf(w, "\n%s\n%s\n", word("flags"), word("status"))
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
	help := f.Usage
	f.Usage = func() {}
	f.SetOutput(io.Discard) // what flag says, it says in English
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(std.out) // what was asked for is no error
		help()
		return exitFine, false
	case err != nil:
		fmt.Fprintln(std.err, harmless(errorText(std.lang, flagMistake(err))))
		say(std.err, std.lang, "usage.of", "command", f.Name()) // a mistake needs no lecture
		return exitUnusable, false
	}
	return exitFine, true
}
