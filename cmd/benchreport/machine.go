package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Machine is what the report was made on.
type Machine struct {
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	MemoryGiB float64 `json:"memory_gib"` // 0: unknown
	System    string  `json:"system"`     // with the kernel's release, where it says it
	Load      string  `json:"load"`       // load averages when the measuring began
}

func (m Machine) String() string {
	s := fmt.Sprintf("%d cores of %s", m.Cores, m.Processor)
	if m.MemoryGiB > 0 {
		s += fmt.Sprintf(", %.0f GiB", m.MemoryGiB)
	}
	return s + ", " + m.System
}

func machine() Machine {
	m := Machine{Processor: "a processor of " + runtime.GOARCH, Cores: runtime.NumCPU(), System: runtime.GOOS, Load: "unknown"}
	if name := field("/proc/cpuinfo", "model name"); name != "" {
		m.Processor = name
	}
	var kib float64
	if n, _ := fmt.Sscan(field("/proc/meminfo", "MemTotal"), &kib); n == 1 {
		m.MemoryGiB = kib / (1 << 20)
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += " " + strings.TrimSpace(string(release))
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		if words := strings.Fields(string(load)); len(words) > 3 {
			m.Load = strings.Join(words[:3], " ")
		}
	}
	return m
}

// field is what a file of lines "name: value" has for a name.
func field(file, name string) string {
	text, _ := os.ReadFile(file) // where there is none, nothing is known
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Version is that of something measured.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// versions asks all that is compared for its version.
func versions(ctx context.Context) []Version {
	ask := func(pick func(string) string, name string, args ...string) string {
		path, err := exec.LookPath(name)
		if err != nil {
			if path, err = exec.LookPath("/usr/sbin/" + name); err != nil { // where Debian has brokers, and not every PATH
				return "not installed"
			}
		}
		out, _ := exec.CommandContext(ctx, path, args...).Output() // mosquitto -h ends with status 3
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if first = pick(first); first == "" {
			return "unknown"
		}
		return first
	}
	whole := func(s string) string { return s }
	word := func(n int) func(string) string {
		return func(s string) string {
			if words := strings.Fields(s); len(words) > n {
				return strings.TrimRight(words[n], ".,")
			}
			return ""
		}
	}
	module := func(path string) string { return ask(word(1), "go", "list", "-m", path) }
	return []Version{
		{"mqttlab", ask(whole, "git", "describe", "--always", "--tags", "--dirty", "--abbrev=12")},
		{"Go", ask(whole, "go", "env", "GOVERSION")},
		{"mosquitto", ask(word(2), "mosquitto", "-h")},
		{"tshark", ask(word(2), "tshark", "--version")},
		{"Chromium", ask(word(1), "chromium", "--version")},
		{"mochi-mqtt", module("github.com/mochi-mqtt/server/v2")},
		{"paho.golang", module("github.com/eclipse/paho.golang")},
	}
}
