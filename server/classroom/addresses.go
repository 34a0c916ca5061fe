package classroom

import (
	"net"
	"slices"
	"strconv"
	"strings"
)

// Addresses returns under which addresses, such as http://192.0.2.7:8080,
// people at other machines reach a listener, the likeliest first; none if only
// this machine does. names are those that a certificate or -host gives.
func Addresses(listener net.Addr, tls bool, names []string) []string {
	tcp, ok := listener.(*net.TCPAddr)
	if !ok {
		return nil
	}
	var hosts []string
	for _, name := range names {
		if ip := net.ParseIP(name); name != "localhost" && (ip == nil || !ip.IsLoopback()) {
			hosts = append(hosts, name)
		}
	}
	switch {
	case tcp.IP.IsUnspecified():
		hosts = append(hosts, ofThisMachine()...)
	case !tcp.IP.IsLoopback():
		hosts = append(hosts, tcp.IP.String())
	}
	scheme, usual := "http://", 80
	if tls {
		scheme, usual = "https://", 443
	}
	all := []string{}
	for _, host := range hosts {
		if tcp.Port != usual {
			host = net.JoinHostPort(host, strconv.Itoa(tcp.Port))
		} else if net.ParseIP(host) != nil && net.ParseIP(host).To4() == nil {
			host = "[" + host + "]"
		}
		if at := scheme + host; !slices.Contains(all, at) {
			all = append(all, at)
		}
	}
	return all
}

// ofThisMachine lists the addresses of this machine that others reach, those of
// version 4 first.
func ofThisMachine() []string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var four, six []string
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLoopback() || n.IP.IsLinkLocalUnicast() {
			continue
		}
		if n.IP.To4() != nil {
			four = append(four, n.IP.String())
		} else {
			six = append(six, n.IP.String())
		}
	}
	return append(four, six...)
}

// Hostname is the name or address of a Host header, without its port.
func Hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// IsLoopback is whether a Host header names loopback, whoever resolves it.
func IsLoopback(host string) bool {
	name := Hostname(host)
	ip := net.ParseIP(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && ip.IsLoopback()
}
