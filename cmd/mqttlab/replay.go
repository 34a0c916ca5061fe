package main

import (
	"context"
	"flag"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/scenario"
)

// replay plays a scenario.
func replay(ctx context.Context, args []string, std streams) int {
	f := flags("replay", "replay [-broker HOST:PORT [-speed N|max] [-linger TIME]] [-why=false] [-lang LANGUAGE] FILE", &std)
	address := f.String("broker", "", "")
	speed := 1.0
	f.Func("speed", "", func(s string) (err error) {
		if speed, err = parseSpeed(s); err != nil {
			return std.said(wrong("speed"))
		}
		return nil
	})
	linger := f.Duration("linger", 300*time.Millisecond, "")
	why := f.Bool("why", true, "")
	langFlag(f, &std)
	name, status, ok := fileAmong(f, args, std)
	if !ok {
		return status
	}
	if *address == "" && (given(f, "speed") || given(f, "linger")) {
		return fail(std, "replay", wrong("speed-alone"))
	}
	data, err := readScenario(name, std.in)
	if err != nil {
		return fail(std, "replay", err)
	}
	s, err := scenario.Parse(data, scenario.Options{})
	if err != nil {
		return fail(std, "replay", because(err, "settings", "name", name))
	}
	out := newLadderText(std.out, s, std.lang)
	out.why = *why
	var failure *scenario.Failure
	if *address == "" {
		r := scenario.Run(s, broker.Config{})
		for i := range r.Events {
			out.event(&r.Events[i])
		}
		if failure = r.Failure; failure == nil && r.More {
			out.flush()
			return fail(std, "replay", wrong("too-many-events", "max", strconv.Itoa(scenario.MaxEvents)))
		}
	} else {
		failure, err = replayTCP(ctx, s, withPort(*address), speed, *linger, out)
	}
	if flushed := out.flush(); err == nil {
		err = flushed
	}
	switch {
	case err != nil:
		return fail(std, "replay", err)
	case failure != nil:
		fail(std, "replay", because(failure, "file", "name", name))
		return exitFindings
	}
	return exitFine
}

// fileAmong reads flags and the one file among them, which may stand before
// flags, too. It returns false with the exit status if that is not there.
func fileAmong(f *flag.FlagSet, args []string, std streams) (name string, status int, ok bool) {
	var names []string
	for {
		if status, ok = parse(f, args, std); !ok {
			return "", status, false
		}
		if args = f.Args(); len(args) == 0 {
			break
		}
		names, args = append(names, args[0]), args[1:]
	}
	if len(names) != 1 {
		return "", fail(std, f.Name(), wrong("name-file", "command", f.Name())), false
	}
	return names[0], exitFine, true
}

func readScenario(name string, in io.Reader) ([]byte, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	return io.ReadAll(io.LimitReader(in, scenario.MaxBytes+1))
}

func parseSpeed(s string) (float64, error) {
	if s == "max" {
		return 0, nil
	}
	speed, err := strconv.ParseFloat(s, 64)
	if err != nil || !(speed > 0 && speed < 1e9) {
		return 0, strconv.ErrSyntax
	}
	return speed, nil
}

// withPort adds MQTT's port to an address that has none.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), "1883")
}
