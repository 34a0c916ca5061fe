package e2e

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The program answers soon after it was started. What a loaded machine adds is
// taken out by trying a few times.
func TestReady(t *testing.T) {
	const within = 100 * time.Millisecond
	best := time.Hour
	for range 10 {
		began := time.Now()
		command := exec.Command(binary, "-http", "127.0.0.1:0", "-mqtt", "127.0.0.1:0")
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		_, url, _ := strings.Cut(strings.TrimSpace(line), ": ")
		answer, err := http.Get(strings.TrimSpace(url) + "healthz")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		best = min(best, time.Since(began))
		if err := command.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
		if best < within {
			break
		}
	}
	if best >= within {
		t.Errorf("it takes %s until the program answers", best)
	}
}
