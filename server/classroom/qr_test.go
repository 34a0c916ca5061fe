package classroom_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"mqttlab/server/classroom"
)

// A QR code has its border, and the three corners that make it one.
func TestQR(t *testing.T) {
	q := classroom.QR("http://192.0.2.7:8080/join/ABCDEF")
	if (q.Size-8-17)%4 != 0 || q.Size < 29 {
		t.Fatalf("%d modules", q.Size)
	}
	far := q.Size - 4 - 7
	for _, corner := range [][2]int{{4, 4}, {far, 4}, {4, far}} {
		want := fmt.Sprintf("M%d %dh7v1h-7z", corner[0], corner[1])
		if !strings.Contains(q.Path, want) {
			t.Errorf("no corner %s", want)
		}
	}
	if long := classroom.QR(strings.Repeat("x", 5000)); long.Path != "" {
		t.Error("5000 characters fit")
	}
}

// Others reach a listener at what it listens on, and under the names it was given.
func TestAddresses(t *testing.T) {
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	if got := classroom.Addresses(loopback, false, []string{"localhost"}); len(got) != 0 {
		t.Errorf("loopback: %v", got)
	}
	if got := classroom.Addresses(loopback, true, []string{"class.example"}); len(got) != 1 || got[0] != "https://class.example:8080" {
		t.Errorf("behind a name: %v", got)
	}
	own := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 80}
	if got := classroom.Addresses(own, false, nil); len(got) != 1 || got[0] != "http://192.0.2.7" {
		t.Errorf("port 80: %v", got)
	}
}
