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

	"mqttlab/mqttcore/spec"
	"mqttlab/server/class"
	"mqttlab/server/limits"
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

// flags makes the flag set of a command. synopsis is its usage line; what the
// command and its flags do are the messages cli.help. and cli.flag. with its name.
func flags(name, synopsis string, std *streams) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(std.err)
	f.Usage = func() {
		l := std.lang
		fmt.Fprintf(f.Output(), "%s mqttlab %s\n\n%s", spec.Message(l, "cli.usage.usage"), synopsis, spec.Message(l, "cli.help."+name))
		any := false
		f.VisitAll(func(one *flag.Flag) { any, one.Usage = true, flagText(l, name, one.Name) })
		if any {
			fmt.Fprintf(f.Output(), "\n%s\n\n", spec.Message(l, "cli.usage.flags-of"))
			out := f.Output()
			var lines strings.Builder
			f.SetOutput(&lines)
			f.PrintDefaults()
			io.WriteString(out, strings.ReplaceAll(lines.String(), "(default ", "("+spec.Message(l, "cli.usage.default")+" "))
		}
	}
	return f
}

// flagText says what a flag of a command does.
func flagText(l spec.Lang, command, name string) string {
	name = strings.ToLower(name) // as keys are
	key := "cli.flag." + command + "." + name
	if !spec.HasMessage(key) {
		key = "cli.flag." + name
	}
	return spec.Message(l, key, "languages", languages(), "n", strconv.Itoa(limits.NewBenches), "memory", class.Memory)
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
