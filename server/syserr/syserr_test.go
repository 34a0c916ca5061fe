package syserr_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"mqttlab/mqttcore/spec"
	"mqttlab/server/syserr"
)

func TestName(t *testing.T) {
	_, missing := os.Open("none")
	for _, test := range []struct {
		err  error
		want string
	}{
		{missing, "no such file"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}}, "connection refused"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Name: "nowhere.invalid", IsNotFound: true}}, "no such host"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Name: "slow.invalid", IsTimeout: true}}, "time-out"},
		{fmt.Errorf("read: %w", os.ErrDeadlineExceeded), "time-out"},
		{errors.New("something else"), "something else"},
	} {
		if got := syserr.Name(test.err); got != test.want {
			t.Errorf("%v is named %q, want %q", test.err, got, test.want)
		}
	}
}

func TestNamesAreWords(t *testing.T) {
	for _, name := range syserr.Names() {
		if word := spec.Word(spec.Chinese, "error", name); word == name || word == spec.Word(spec.English, "error", name) {
			t.Errorf("the catalogue has no word for %q", name)
		}
	}
}
