package main

import (
	"bufio"
	"crypto/rand"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/spec"
	"mqttlab/server"
	"mqttlab/server/api"
	"mqttlab/server/bench"
	"mqttlab/server/class"
)

// classFlags are what serve's flags say of classes.
type classFlags struct {
	on     bool
	name   string
	data   *string
	keep   *time.Duration
	prefix *string
	token  *string
}

// className is the flag -class, whose value may be left out.
type className struct{ c *classFlags }

func (className) String() string   { return "" }
func (className) IsBoolFlag() bool { return true }
func (n className) Set(name string) error {
	n.c.on = true
	if name != "true" {
		n.c.name = name
	}
	return nil
}

func addClassFlags(f *flag.FlagSet) *classFlags {
	c := &classFlags{}
	f.Var(className{c}, "class", "")
	c.data = f.String("class-data", "", "")
	c.keep = f.Duration("class-keep", 90*24*time.Hour, "")
	c.prefix = f.String("class-prefix", "", "")
	c.token = f.String("class-token", "", "")
	return c
}

// named takes the name that stands behind -class, and parses what is behind it.
func (c *classFlags) named(f *flag.FlagSet, args []string, std streams) (int, bool) {
	status, ok := parse(f, args, std)
	if ok && c.on && c.name == "" && f.NArg() > 0 && given(f, "class") {
		c.name = f.Arg(0)
		return parse(f, f.Args()[1:], std)
	}
	return status, ok
}

// config returns what the server is to know of classes; nil: there are none.
func (c *classFlags) config(f *flag.FlagSet, data string) (*server.Classes, error) {
	if !c.on && *c.token == "" {
		for _, name := range []string{"class-data", "class-keep", "class-prefix"} {
			if given(f, name) {
				return nil, wrong("class-only", "flag", "-"+name)
			}
		}
		return nil, nil
	}
	cfg := &server.Classes{Dir: *c.data, Keep: *c.keep, Prefix: strings.ToUpper(*c.prefix)}
	if *c.keep != 0 && *c.keep < time.Minute {
		return nil, wrong("class-keep")
	}
	if !class.ValidPrefix(cfg.Prefix) {
		return nil, wrong("class-prefix", "value", *c.prefix)
	}
	var err error
	if cfg.Dir == "" {
		cfg.Dir = data
	}
	if cfg.Dir == "" {
		if cfg.Dir, err = userData(); err != nil {
			return nil, because(err, "class-place")
		}
	}
	if *c.token == "" {
		cfg.Operator = rand.Text()
	} else if cfg.Operator, err = readToken(*c.token); err != nil {
		return nil, err
	}
	return cfg, nil
}

// leastToken is how long an operator's own token is, in characters.
const leastToken = 16

func readToken(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", because(err, "flag", "flag", "-class-token")
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Scan()
	token := strings.TrimSpace(lines.Text())
	if len(token) < leastToken || strings.ContainsAny(token, " \t") {
		return "", wrong("class-token", "name", name, "n", strconv.Itoa(leastToken))
	}
	return token, nil
}

// userData is where this user's programs keep data.
func userData() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mqttlab"), nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := os.UserConfigDir()
		return filepath.Join(dir, "mqttlab"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "mqttlab"), err
}

// begin makes the class that -class asks for, and says where it is.
func (c *classFlags) begin(s *server.Server, scheme string, cfg server.Config, std streams) error {
	local := scheme + "://" + bench.Reachable(cfg.HTTP.Addr())
	if c.on {
		var one *class.Class
		if c.name != "" {
			one = s.Classes().School.Named(c.name)
		}
		if one == nil {
			var err error
			if one, _, err = s.Classes().School.New(c.name); err != nil {
				return because(err, "flag", "flag", "-class")
			}
		}
		link, err := one.Link()
		if err != nil {
			return because(err, "flag", "flag", "-class")
		}
		std.begins("class", spec.Message(std.lang, "cli.start.class-code", "name", annotate.Visible(one.State().Name), "code", class.Spaced(one.Code())))
		addresses := s.Addresses()
		for _, a := range addresses {
			std.begins("join", a+api.JoinPath(one.Code()))
		}
		if len(addresses) == 0 {
			std.begins("join", spec.Message(std.lang, "cli.start.join-local", "address", local+api.JoinPath(one.Code())))
		}
		std.begins("board", spec.Message(std.lang, "cli.start.board-once", "address", local+api.TeachPath(link)))
	}
	if *c.token == "" {
		std.begins("operator", spec.Message(std.lang, "cli.start.operator-token", "token", cfg.Classes.Operator, "address", local+"/class/new"))
	}
	return nil
}
