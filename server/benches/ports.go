package benches

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Ports is a range of TCP ports, both ends included. The zero Ports has none.
type Ports struct{ First, Last int }

// ParsePorts reads a range such as "20000-20100", or one port.
func ParsePorts(s string) (Ports, error) {
	if s == "" {
		return Ports{}, nil
	}
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	first, err1 := strconv.ParseUint(low, 10, 16)
	last, err2 := strconv.ParseUint(high, 10, 16)
	if err1 != nil || err2 != nil || first == 0 || last < first {
		return Ports{}, fmt.Errorf("%q is no range of ports; write it as 20000-20100", s)
	}
	return Ports{int(first), int(last)}, nil
}

func (p Ports) any() bool { return p.First > 0 }

// listen listens on the first port that is free.
func (p Ports) listen(host string) (net.Listener, error) {
	if !p.any() {
		return nil, ErrNoPort
	}
	for port := p.First; port <= p.Last; port++ {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	return nil, &bound{ErrNoPort, "ports", []string{"first", strconv.Itoa(p.First), "last", strconv.Itoa(p.Last)}}
}
