package limits_test

import (
	"errors"
	"net/netip"
	"testing"

	"mqttlab/server/limits"
)

func at(address string) limits.Owner { return limits.Address(netip.MustParseAddr(address)) }

// However greedy the first are, those who come later find a place.
func TestShares(t *testing.T) {
	const all = 64
	places := limits.Places{Most: all}
	takes := func(o limits.Owner) (n int) {
		for places.Take(o) == nil {
			n++
		}
		return n
	}
	for i, want := range []int{32, 16, 8, 4, 2, 1, 1, 0} {
		if got := takes(limits.Student(string(rune('a' + i)))); got != want {
			t.Errorf("number %d gets %d places, not %d", i+1, got, want)
		}
	}
	for range 32 {
		places.Give(limits.Student("a"))
	}
	here := at("127.0.0.1")
	if got := takes(here); got != 32 || places.Taken() != all {
		t.Errorf("this machine gets %d of the 32 that there are", got)
	}
	var refused *limits.Refused
	if err := places.Take(here); !errors.As(err, &refused) || *refused != (limits.Refused{Most: all, Held: 32}) {
		t.Error(err)
	}
}

// However an address is written it is the same owner, and a customer's network
// of version 6 is one.
func TestOwners(t *testing.T) {
	for _, same := range [][2]string{
		{"192.0.2.1", "::ffff:192.0.2.1"}, {"2001:db8::1", "2001:db8::ffff:1"}, {"fe80::1%eth0", "fe80::2%eth1"},
	} {
		if at(same[0]) != at(same[1]) {
			t.Errorf("%s and %s are two", same[0], same[1])
		}
	}
	for _, two := range [][2]string{{"192.0.2.1", "192.0.2.2"}, {"2001:db8::1", "2001:db8:0:1::1"}} {
		if at(two[0]) == at(two[1]) {
			t.Errorf("%s and %s are one", two[0], two[1])
		}
	}
	if limits.Student("a") == limits.Student("b") || limits.Student("") != (limits.Owner{}) {
		t.Error("students are mixed up")
	}
}
