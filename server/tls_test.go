package server_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"mqttlab/server"
)

// certificate writes a certificate for this machine, which signs itself, and
// its key, and returns the files' names.
func certificate(t *testing.T, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mqttlab test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER)
}

func TestLoadTLS(t *testing.T) {
	now := time.Now()
	cert, key := certificate(t, now.Add(time.Hour))
	_, otherKey := certificate(t, now.Add(time.Hour))
	oldCert, oldKey := certificate(t, now.Add(-time.Minute))
	plain := filepath.Join(t.TempDir(), "plain.pem")
	locked := filepath.Join(t.TempDir(), "locked.pem")
	os.WriteFile(plain, []byte("hello"), 0o600)
	os.WriteFile(locked, pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}), 0o600)
	if _, err := server.LoadTLS(cert, key, now); err != nil {
		t.Error(err)
	}
	for _, test := range []struct{ cert, key, want string }{
		{cert, "", "go together"},
		{"", key, "go together"},
		{cert + "x", key, "-tls-cert " + cert + "x cannot be read: no such file"},
		{plain, key, "is no PEM file"},
		{cert, plain, "is no PEM file"},
		{key, key, "holds a PRIVATE KEY; it should hold a CERTIFICATE"},
		{cert, cert, "holds a CERTIFICATE; it should hold a PRIVATE KEY"},
		{cert, locked, "is encrypted"},
		{cert, otherKey, "do not fit together"},
		{oldCert, oldKey, "ran out"},
	} {
		if _, err := server.LoadTLS(test.cert, test.key, now); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

// Pages, WebSockets and MQTT, each over TLS.
func TestTLS(t *testing.T) {
	cert, key := certificate(t, time.Now().Add(time.Hour))
	config, err := server.LoadTLS(cert, key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	mqtts, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, address := started(t, server.Config{TLS: config, MQTTS: mqtts})
	text, _ := os.ReadFile(cert)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	trust := &tls.Config{RootCAs: roots}
	transport := &http.Transport{TLSClientConfig: trust}
	defer transport.CloseIdleConnections()
	browser := &http.Client{Transport: transport}
	const connect = "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01"
	b := s.Bench(server.MainBench)

	answer, err := browser.Get("https://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()

	t.Run("WebSocket", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		ws, _, err := websocket.Dial(ctx, "wss://"+address+"/mqtt/main", &websocket.DialOptions{HTTPClient: browser, Subprotocols: []string{"mqtt"}})
		if err != nil {
			t.Fatal(err)
		}
		defer ws.CloseNow()
		ws.Write(ctx, websocket.MessageBinary, []byte(connect+"W"))
		if _, got, err := ws.Read(ctx); err != nil || !bytes.Equal(got, []byte{0x20, 2, 0, 0}) {
			t.Errorf("% x, %v", got, err)
		}
		clients := b.Clients()
		if last := clients[len(clients)-1]; !strings.HasSuffix(last.Remote, " (WebSocket, TLS)") {
			t.Error(last.Remote)
		}
	})

	t.Run("MQTT", func(t *testing.T) {
		if b.AddressTLS() != mqtts.Addr().String() || b.Address() == b.AddressTLS() {
			t.Errorf("listens on %s and %s", b.Address(), b.AddressTLS())
		}
		for _, version := range []uint16{tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
			c, err := tls.Dial("tcp", b.AddressTLS(), &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version})
			if (err == nil) != (version >= tls.VersionTLS12) {
				t.Errorf("%s: %v", tls.VersionName(version), err)
			}
			if err != nil {
				continue
			}
			io.WriteString(c, connect+"T\xe0\x00")
			c.SetDeadline(time.Now().Add(10 * time.Second))
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, []byte{0x20, 2, 0, 0}) {
				t.Errorf("% x, %v", got, err)
			}
			c.Close()
		}
	})

	t.Run("no TLS", func(t *testing.T) {
		c, err := net.Dial("tcp", b.AddressTLS())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, connect+"P")
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.Copy(io.Discard, c) // an alert, perhaps
		clients := b.Clients()
		for deadline := time.Now().Add(10 * time.Second); clients[len(clients)-1].State != "closed"; clients = b.Clients() {
			if time.Now().After(deadline) {
				t.Fatal("the connection stays open")
			}
			time.Sleep(time.Millisecond)
		}
	})

	t.Run("mosquitto", func(t *testing.T) {
		if _, err := exec.LookPath("mosquitto_pub"); err != nil {
			t.Fatalf("%v (make tools installs it)", err)
		}
		host, port, _ := strings.Cut(b.AddressTLS(), ":")
		for _, version := range []string{"mqttv31", "mqttv311", "mqttv5"} {
			out, err := exec.Command("mosquitto_pub", "--cafile", cert, "-h", host, "-p", port, "-V", version, "-t", "a", "-m", "x", "-q", "2", "-i", "m"+version).CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v %s", version, err, out)
			}
		}
	})
}
