package web

import (
	"net"
	"strconv"
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
	origin := "No. " + strconv.FormatUint(e.N, 10)
	switch e.From {
	case "client":
		origin += ", from " + e.Lane
	case "server":
		origin += ", to " + e.Lane
	}
	if e.Time != "" {
		origin += ", at " + e.Time
	}
	return origin
}
