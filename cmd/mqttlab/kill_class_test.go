//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKillLosesNoClass kills the program with SIGKILL at any moment while a
// student works: the class, the student and every step that was shown as
// passed are there again, and the student's cookie still lets in.
func TestKillLosesNoClass(t *testing.T) {
	dir := t.TempDir()
	c := openClass(t, dir)
	p := &pupil{bigClass: c}
	var in struct{ Bench, Personal string }
	if err := json.Unmarshal(p.ask("join", "POST", "/api/join", fmt.Sprintf(`{"code":%q,"nickname":"Ada"}`, c.code)), &in); err != nil {
		t.Fatal(err)
	}
	api := "/api/benches/" + in.Bench
	labs := []string{"first-connect", "keep-alive", "retained", "will"}
	shown := make(map[string]bool) // labs whose first step was shown as passed
	for kill := range len(labs) {
		p.ask("begin a lab", "PUT", api+"/lab", `{"lab":"`+labs[kill]+`"}`)
		var bench struct{ Clients []struct{ ID string } }
		if err := json.Unmarshal(p.ask("bench", "GET", api, ""), &bench); err != nil || len(bench.Clients) == 0 {
			t.Fatalf("no clients: %v", err)
		}
		end := time.Now().Add(time.Duration(rand.IntN(60)) * time.Millisecond)
		for first := true; first || time.Now().Before(end); first = false {
			if first {
				p.ask("open", "POST", api+"/clients/"+bench.Clients[0].ID+"/open", "{}")
			}
			if bytes.Contains(p.ask("steps", "GET", api+"/lab", ""), []byte(`"passed":{`)) {
				shown[labs[kill]] = true
				break // at once, before anything is tidied up
			}
			time.Sleep(5 * time.Millisecond)
		}
		if c.failed.Load() > 0 {
			t.Fatal(c.firstFailure)
		}
		if err := syscall.Kill(c.pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		code := c.code
		for tries := 0; ; tries++ { // until the system has let go of the file
			if err := syscall.Kill(c.pid, 0); err != nil || tries > 200 || zombie(c.pid) {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		c = openClass(t, dir)
		p.bigClass = c
		if c.code != code {
			t.Fatalf("the class has the code %s, not %s", c.code, code)
		}
		var me struct {
			Nickname string
			Progress struct{ Passed map[string]int }
		}
		if err := json.Unmarshal(p.ask("me", "GET", "/api/class", ""), &me); err != nil || me.Nickname != "Ada" {
			t.Fatalf("the student is gone: %v", err)
		}
		for lab := range shown {
			if me.Progress.Passed[lab] == 0 {
				t.Errorf("the step of %s is lost", lab)
			}
		}
	}
	if !shown["first-connect"] {
		t.Error("no step was passed")
	}
	if c.failed.Load() > 0 {
		t.Error(c.firstFailure)
	}
}

// zombie is whether a process has ended, all its threads, which hold its files,
// but nobody has asked how.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, _ := strings.Cut(string(stat), ") ")
	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return err != nil || strings.HasPrefix(after, "Z") && len(threads) <= 1
}
