package server_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"mqttlab/server"
	"mqttlab/server/limits"
)

// from is somebody at an address, as a proxy on this machine says it.
func from(address string) string { return "X-Forwarded-For: " + address + "\r\n" }

// half sends the beginning of a file and returns the server's first word: 100
// when it reads on, or what it answers.
func half(t *testing.T, address, path, headers string, file []byte) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", path, headers, len(file))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatalf("no word of the file that begins at %s: %v", path, err)
	}
	conn.Write(file[:len(file)/2])
	return strings.Fields(line)[1]
}

// Whoever sends files that never end, whether to be read or to become benches,
// holds up nobody else.
func TestSlowFilesHoldUpNobody(t *testing.T) {
	capture := must(os.ReadFile("../testdata/capture/mosquitto-mqttv311.pcapng"))
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	must(must(parts.CreateFormFile("file", "x.pcapng")).Write(capture))
	parts.Close()
	for path, test := range map[string]struct {
		headers string
		file    []byte
		first   string // word that one gets who sends too many
		fine    int
	}{
		"/ui/file?name=x.pcapng": {"", capture, "503", http.StatusOK},
		"/decode/file":           {"Content-Type: " + parts.FormDataContentType() + "\r\n", form.Bytes(), "100", http.StatusOK}, // to see where in the form the file begins
		"/api/benches/import":    {"", capture, "409", http.StatusCreated},
	} {
		_, address := started(t, server.Config{Benches: limits.NewBenches})
		words := make(map[string]int)
		for range 40 {
			words[half(t, address, path, from("192.0.2.1")+test.headers, test.file)]++
		}
		if words["100"] < 2 || words[test.first] == 0 {
			t.Errorf("%s: the greedy one is answered %v", path, words)
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\n\r\n", path, from("192.0.2.2")+test.headers, len(test.file))
		conn.Write(test.file)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != test.fine {
			t.Errorf("%s: somebody else is answered %v, %v", path, answer, err)
		} else if text, err := io.ReadAll(answer.Body); err != nil || len(text) == 0 {
			t.Errorf("%s: %v", path, err)
		}
		conn.Close()
	}
}

// One student, or one address, takes no more than a share of the benches and
// of what shows captures; and none is called somebody else by what it says.
func TestSharesOfBenches(t *testing.T) {
	capture := string(must(os.ReadFile("../testdata/capture/mosquitto-mqttv311.pcapng")))
	c := openSchool(t, func(cfg *server.Config) { cfg.Benches, cfg.BenchRate = 32, 100 })
	takes := func(p *person, path, body string) (n int) {
		for {
			switch got := p.send("POST", path, body, "Content-Type", "application/json"); {
			case got.status == http.StatusCreated:
				n++
			case got.status == http.StatusConflict && strings.Contains(got.body, "urn:mqttlab:problem:share"):
				return n
			default:
				t.Fatalf("%s is answered %d %.200s", path, got.status, got.body)
			}
		}
	}
	greedy, next := c.join("Greedy"), c.join("Next")
	if n := takes(greedy, "/api/benches", "{}"); n != 16 {
		t.Errorf("the greedy student has %d benches of 32", n)
	}
	if n := takes(next, "/api/benches/import", capture); n != limits.Imports/2 {
		t.Errorf("one student has opened %d captures of %d", n, limits.Imports)
	}
	stranger := c.as("")
	stranger.header.Add("X-Forwarded-For", "127.0.0.1, 192.0.2.1")
	if n := takes(stranger, "/api/benches", "{}"); n != 6 {
		t.Errorf("a stranger has %d of the 12 that are left", n)
	}
	stranger.header.Set("X-Forwarded-For", "10.1.1.1") // as the stranger might write, before what the proxy adds
	stranger.header.Add("X-Forwarded-For", "192.0.2.1")
	if n := takes(stranger, "/api/benches", "{}"); n != 0 {
		t.Errorf("under another name the stranger has %d more", n)
	}
	stranger.header.Set("X-Forwarded-For", "192.0.2.2")
	if n := takes(stranger, "/api/benches", "{}"); n != 3 {
		t.Errorf("another has %d of the 6 that are left then", n)
	}
}
