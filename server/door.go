package server

import (
	"net"
	"net/netip"
	"sync"

	"mqttlab/server/limits"
)

// door is a listener that lets in so many connections of one address at a time.
// What comes from this machine, as do proxies, does not count.
type door struct {
	net.Listener
	most int

	mu sync.Mutex
	in map[netip.Addr]int
}

func newDoor(l net.Listener, most int) *door {
	return &door{Listener: l, most: most, in: make(map[netip.Addr]int)}
}

// Accept returns the next connection that may come in.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
		if err != nil || at.Addr().Unmap().IsLoopback() {
			return conn, nil
		}
		address := limits.Network(at.Addr())
		if d.enters(address) {
			return &visit{conn, sync.OnceFunc(func() { d.leaves(address) })}, nil
		}
		conn.Close()
	}
}

func (d *door) enters(address netip.Addr) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.in[address] >= d.most {
		return false
	}
	d.in[address]++
	return true
}

func (d *door) leaves(address netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.in[address]--; d.in[address] == 0 {
		delete(d.in, address)
	}
}

// visit is a connection that was let in.
type visit struct {
	net.Conn
	leave func()
}

// Close closes the connection, after which another may come.
func (v *visit) Close() error {
	defer v.leave()
	return v.Conn.Close()
}

// NetConn returns the connection itself.
func (v *visit) NetConn() net.Conn { return v.Conn }
