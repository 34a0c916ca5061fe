package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"mqttlab/mqttcore/packet"
)

// TestKillLosesNothingAcknowledged kills the program with SIGKILL at any
// moment, again and again, while clients publish, subscribe and receive. What
// was acknowledged must be there: QoS 1 messages at least once, QoS 2 messages
// exactly once, subscriptions, retained messages. MQTTLAB_KILLS sets how often.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	kills := 10
	if n, err := strconv.Atoi(os.Getenv("MQTTLAB_KILLS")); err == nil {
		kills = n
	}
	for _, durability := range []string{"commit", "20ms", "off"} {
		t.Run(durability, func(t *testing.T) {
			t.Parallel()
			killing(t, durability, kills)
		})
	}
}

func killing(t *testing.T, durability string, kills int) {
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	pub := &keeper{t: t, id: "pub", topic: "k/t", retains: true}
	sub := &keeper{t: t, id: "sub", filter: "k/#"}
	program := start(t, dir, durability)
	sub.connect(program.mqtt)
	sub.until(func() bool { return sub.subscribed })
	var others []*keeper
	for i := range kills {
		pub.connect(program.mqtt)
		if i%3 > 0 { // at times it is away
			sub.connect(program.mqtt)
		}
		other := &keeper{t: t, id: fmt.Sprint("other", i), filter: fmt.Sprint("o/", i)}
		other.connect(program.mqtt)
		others = append(others, other)
		end := time.After(time.Duration(10+r.IntN(250)) * time.Millisecond)
		for alive := true; alive; {
			pub.publish(40)
			select {
			case <-end:
				program.kill()
				alive = false
			case p, ok := <-pub.packets:
				alive = pub.take(p, ok)
			case p, ok := <-sub.packets:
				alive = sub.take(p, ok)
			case p, ok := <-other.packets:
				alive = other.take(p, ok)
			}
		}
		program.kill()
		for _, k := range []*keeper{pub, sub, other} {
			k.hangUp()
		}
		program = start(t, dir, durability)
	}
	// All that is unfinished is finished.
	pub.connect(program.mqtt)
	sub.connect(program.mqtt)
	pub.until(func() bool { return len(pub.pending) == 0 })
	sub.until(func() bool { return len(sub.got) == len(pub.sent) })
	if !sub.present {
		t.Error("the subscriber's session is not there")
	}
	for number, qos := range pub.sent {
		if n := sub.got[number]; n == 0 || qos == 2 && n != 1 {
			t.Errorf("message %d, QoS %d, was delivered %d times", number, qos, n)
		}
	}
	retained := &keeper{t: t, id: "retained", filter: "k/retained/#"}
	retained.connect(program.mqtt)
	retained.until(func() bool { return len(retained.got) == len(pub.sent)/10 })
	kept := 0
	for _, other := range others {
		if !other.subscribed {
			continue
		}
		kept++
		other.connect(program.mqtt)
		other.until(func() bool { return other.connected })
		pub.connect(program.mqtt)
		pub.send(&packet.Publish{Topic: other.filter, Payload: []byte("-1")})
		other.until(func() bool { return other.got[-1] > 0 })
	}
	program.kill()
	t.Logf("%d messages, %d of them twice or more (QoS 1); %d subscriptions", len(pub.sent), sub.again, kept)
}

// program is a running mqttlab.
type program struct {
	cmd  *exec.Cmd
	mqtt string // its address
}

func start(t *testing.T, dir, durability string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-http", "127.0.0.1:0", "-mqtt", "127.0.0.1:0", "-data", dir, "-durability", durability)
	cmd.Args[0] = "mqttlab" // as testscript.Main wants it
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{cmd: cmd}
	t.Cleanup(p.kill)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, ok := strings.CutPrefix(lines.Text(), "MQTT:"); ok {
			p.mqtt = strings.TrimSpace(address)
			return p
		}
	}
	t.Fatal("mqttlab does not start")
	return nil
}

func (p *program) kill() {
	if p.cmd != nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		p.cmd = nil
	}
}
