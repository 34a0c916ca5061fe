package server

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// LoadTLS reads a certificate (with those that sign it, if there are any
// between it and what clients trust) and its key, both PEM. Its errors say
// which file is wrong, and how.
func LoadTLS(certFile, keyFile string, now time.Time) (*tls.Config, error) {
	if certFile == "" || keyFile == "" {
		return nil, errors.New("-tls-cert and -tls-key go together: a certificate and its private key, both PEM files")
	}
	cert, err := readPEM("-tls-cert", certFile, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	key, err := readPEM("-tls-key", keyFile, "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert %s and -tls-key %s do not fit together: %w", certFile, keyFile, err)
	}
	if leaf, err := x509.ParseCertificate(pair.Certificate[0]); err == nil && now.After(leaf.NotAfter) {
		return nil, fmt.Errorf("-tls-cert %s: the certificate ran out on %s, and clients would refuse it", certFile, leaf.NotAfter.Format(time.DateOnly))
	}
	// Older versions of TLS are broken, and every client of today has 1.2.
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// readPEM reads a file that holds a block of one of these types.
func readPEM(flag, name string, types ...string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, fmt.Errorf("%s %s cannot be read: %w", flag, name, err)
	}
	found := ""
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		for _, t := range types {
			if block.Type == t {
				return data, nil
			}
		}
		found = block.Type
	}
	switch found {
	case "":
		return nil, fmt.Errorf("%s %s is no PEM file; it should hold a line -----BEGIN %s-----", flag, name, types[0])
	case "ENCRYPTED PRIVATE KEY":
		return nil, fmt.Errorf("%s %s is encrypted; take the password off with openssl pkey -in %s -out plain.pem", flag, name, name)
	}
	return nil, fmt.Errorf("%s %s holds a %s; it should hold a %s", flag, name, found, types[0])
}
