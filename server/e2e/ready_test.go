package e2e

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"slices"
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
		if best = min(best, ready(t)); best < within {
			break
		}
	}
	if best >= within {
		t.Errorf("it takes %s until the program answers", best)
	}
}

// BenchmarkReady reports the median of its starts.
func BenchmarkReady(b *testing.B) {
	var took []float64
	for b.Loop() {
		took = append(took, ready(b).Seconds()*1000)
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took[len(took)/2], "ms")
}

// ready starts the program, and says how long it takes until it answers.
func ready(tb testing.TB) time.Duration {
	began := time.Now()
	command := exec.Command(binary, "-http", "127.0.0.1:0", "-mqtt", "127.0.0.1:0")
	out, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	_, url, _ := strings.Cut(strings.TrimSpace(line), ": ")
	answer, err := http.Get(strings.TrimSpace(url) + "healthz")
	if err != nil {
		tb.Fatal(err)
	}
	answer.Body.Close()
	took := time.Since(began)
	if err := command.Process.Signal(os.Interrupt); err != nil {
		tb.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := command.Wait(); err != nil {
		tb.Error(err)
	}
	return took
}
