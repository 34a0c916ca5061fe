package web

import (
	"net"
	"strconv"
	"strings"
)

// mosquittoAddr writes an address as mosquitto's options.
func mosquittoAddr(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "-h localhost"
	}
	if host == "" || host == "::" || host == "0.0.0.0" {
		host = "localhost"
	}
	if port == "1883" {
		return "-h " + host
	}
	return "-h " + host + " -p " + port
}

func eventOrigin(e EventView) string {
	parts := []string{say(e.Lang, "event.number", "n", strconv.FormatUint(e.N, 10))}
	switch e.From {
	case "client":
		parts = append(parts, say(e.Lang, "event.from", "client", e.Lane))
	case "server":
		parts = append(parts, say(e.Lang, "event.to", "client", e.Lane))
	}
	if e.Time != "" {
		parts = append(parts, say(e.Lang, "event.at", "time", e.Time))
	}
	return strings.Join(parts, say(e.Lang, "decode.comma"))
}
