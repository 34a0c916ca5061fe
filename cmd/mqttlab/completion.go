package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"mqttlab/mqttcore/filter"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/spec"
)

// shells are the scripts. Each hands the words up to the cursor to
// "mqttlab completion --", which prints what may stand there; when that is
// nothing the shell offers files.
var shells = map[string]string{
	"bash": `_mqttlab() {
    local IFS=$'\n'
    COMPREPLY=($(mqttlab completion -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _mqttlab mqttlab
`,
	"zsh": `_mqttlab() {
    local -a found
    found=(${(f)"$(mqttlab completion -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then compadd -- $found; else _files; fi
}
compdef _mqttlab mqttlab
`,
	"fish": `function __mqttlab
    set -l words (commandline -opc) (commandline -ct)
    set -l found (mqttlab completion -- $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c mqttlab -f -a '(__mqttlab)'
`,
}

// completion prints a shell's script or, behind "--", what may stand in place
// of the last word.
func completion(ctx context.Context, args []string, std streams) int {
	if len(args) > 1 && args[0] == "--" {
		for _, word := range candidates(ctx, args[1:]) {
			fmt.Fprintln(std.out, word)
		}
		return exitFine
	}
	f := flags("completion", "completion bash|zsh|fish", &std)
	if status, ok := parse(f, args, std); !ok {
		return status
	}
	script, ok := shells[f.Arg(0)]
	if !ok || f.NArg() != 1 {
		return fail(std, "completion", wrong("shell"))
	}
	fmt.Fprint(std.out, script)
	return exitFine
}

// candidates lists what may stand in place of the last word.
func candidates(ctx context.Context, words []string) []string {
	typed := words[len(words)-1]
	var list []string
	if len(words) == 1 {
		for _, c := range commands {
			list = append(list, c.name)
		}
	}
	name, before := "serve", ""
	if len(words) > 1 {
		before = words[len(words)-2]
		if !strings.HasPrefix(words[0], "-") {
			name = words[0]
		}
	}
	switch {
	case before == "-version":
		for _, v := range packet.Versions {
			list = append(list, v.String())
		}
	case before == "-lang":
		for _, l := range spec.Languages() {
			list = append(list, string(l))
		}
	case before == "-Y":
		for _, f := range filter.Fields() {
			list = append(list, f.Name)
		}
	case strings.HasPrefix(typed, "-"):
		list = append(list, flagsOf(ctx, name)...)
	case name == "completion":
		list = []string{"bash", "fish", "zsh"}
	case name == "rules":
		for _, v := range []packet.Version{packet.V311, packet.V5} {
			for _, s := range spec.Statements(v) {
				list = append(list, s.ID)
			}
		}
	}
	list = slices.DeleteFunc(list, func(s string) bool { return !strings.HasPrefix(s, typed) })
	slices.Sort(list)
	return slices.Compact(list)
}

// flagsOf asks a command for its flags.
func flagsOf(ctx context.Context, name string) []string {
	var list []string
	for _, c := range commands {
		if c.name == name {
			c.run(ctx, nil, streams{inspect: func(f *flag.FlagSet) {
				f.VisitAll(func(f *flag.Flag) { list = append(list, "-"+f.Name) })
			}})
		}
	}
	return list
}
