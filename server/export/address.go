package export

import (
	"net/netip"
	"strconv"
	"strings"

	"mqttlab/mqttcore/annotate"
	"mqttlab/mqttcore/broker"
	"mqttlab/server/bench"
	"mqttlab/server/capture"
)

// ends are the two addresses of a connection, and what else is to be said of it.
type ends struct {
	client, server netip.AddrPort
	said           []string
}

// addresses knows the ends of the open connections of a bench.
type addresses struct {
	bench *bench.Bench
	port  uint16 // of the broker, for those who came without a network
	open  map[broker.ConnID]ends
	known map[string]bench.Client // by lane, for connections whose beginning is no longer held
}

func newAddresses(b *bench.Bench) *addresses {
	a := &addresses{bench: b, port: 1883, open: make(map[broker.ConnID]ends), known: make(map[string]bench.Client)}
	if at, err := netip.ParseAddrPort(strings.Replace(b.Address(), "localhost", "127.0.0.1", 1)); err == nil {
		a.port = at.Port()
	}
	for _, c := range b.Clients() {
		a.known[c.ID] = c
	}
	return a
}

// opened notes the ends of a connection that begins.
func (a *addresses) opened(e *capture.Event) ends {
	o := e.Detail.(capture.Opened)
	x := a.between(e.Conn, e.Lane, o.Remote, o.Local)
	if _, carrier, ok := strings.Cut(o.Remote, " ("); ok {
		x.said = append(x.said, "mqttlab: "+strings.TrimSuffix(carrier, ")")+" in truth; MQTT over TCP in this file")
	}
	if o.Virtual {
		x.said = append(x.said, "mqttlab: client "+annotate.Visible(o.Name)+" of the bench's page; its address is made up")
	}
	a.open[e.Conn] = x
	return x
}

// of returns the ends of a connection.
func (a *addresses) of(conn broker.ConnID, lane string) ends {
	x, ok := a.open[conn]
	if !ok {
		x = a.between(conn, lane, a.known[lane].Remote, "")
		a.open[conn] = x
	}
	return x
}

func (a *addresses) between(conn broker.ConnID, lane, remote, local string) ends {
	remote, _, _ = strings.Cut(remote, " ")
	client, err := netip.ParseAddrPort(remote)
	if err != nil {
		client = madeUp(conn, lane)
	}
	server, err := netip.ParseAddrPort(local)
	if err != nil {
		ip := netip.AddrFrom4([4]byte{127, 0, 0, 1})
		if client.Addr().Unmap().Is6() {
			ip = netip.IPv6Loopback()
		}
		server = netip.AddrPortFrom(ip, a.port)
	}
	return ends{client: client, server: server}
}

// madeUp is the address of a client that has none: one of loopback's, the same
// for all connections of client v1, v2 …, with a port for each.
func madeUp(conn broker.ConnID, lane string) netip.AddrPort {
	n, _ := strconv.Atoi(strings.TrimLeft(lane, "vt"))
	n = max(n, 0) % (250 * 250)
	const first, ports = 49152, 65536 - 49152
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, byte(1 + n/250), byte(1 + n%250)}), uint16(first+uint64(conn)%ports))
}
