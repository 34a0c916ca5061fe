package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"os"

	"mqttlab/server/bench"
)

// parseUpstream reads the address of a broker elsewhere: tcp://host:1883, or
// tls://host:8883, whose certificate must be of an authority that this machine
// knows or that caFile holds. The ports are the usual ones where none is given.
func parseUpstream(address, caFile string) (*bench.Upstream, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil {
		return nil, wrong("upstream", "address", address)
	}
	port := u.Port()
	var secure *tls.Config
	switch u.Scheme {
	case "tcp", "mqtt":
		if caFile != "" {
			return nil, wrong("upstream-ca-for", "scheme", u.Scheme)
		}
		port = cmp.Or(port, "1883")
	case "tls", "mqtts", "ssl":
		port = cmp.Or(port, "8883")
		secure = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
		if caFile != "" {
			pem, err := os.ReadFile(caFile)
			if err != nil {
				return nil, because(errors.Unwrap(err), "unreadable", "flag", "-upstream-ca", "name", caFile)
			}
			secure.RootCAs = x509.NewCertPool()
			if !secure.RootCAs.AppendCertsFromPEM(pem) {
				return nil, wrong("no-certificate", "name", caFile)
			}
		}
	default:
		return nil, wrong("upstream-scheme", "scheme", u.Scheme)
	}
	return &bench.Upstream{Address: net.JoinHostPort(u.Hostname(), port), TLS: secure}, nil
}
