// Package syserr gives what the system and the network say is wrong the names
// that the catalogue has words for: the kind "error" of spec.Word.
package syserr

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
)

var known = []struct {
	is   error
	name string
}{
	{fs.ErrNotExist, "no such file"},
	{fs.ErrExist, "file exists"},
	{fs.ErrPermission, "permission denied"},
	{syscall.EISDIR, "is a directory"},
	{syscall.ENOTDIR, "not a directory"},
	{syscall.ENOSPC, "no space left"},
	{syscall.EADDRINUSE, "address in use"},
	{syscall.ECONNREFUSED, "connection refused"},
	{syscall.ECONNRESET, "connection reset"},
	{syscall.EPIPE, "broken pipe"},
	{syscall.EHOSTUNREACH, "host unreachable"},
	{syscall.ENETUNREACH, "network unreachable"},
	{syscall.ETIMEDOUT, "time-out"},
	{os.ErrDeadlineExceeded, "time-out"},
	{io.ErrUnexpectedEOF, "unexpected end"},
}

// Name returns the name of an error that is known here; of another one what it
// says itself.
func Name(err error) string {
	for _, k := range known {
		if errors.Is(err, k.is) {
			return k.name
		}
	}
	if lookup := (*net.DNSError)(nil); errors.As(err, &lookup) && lookup.IsNotFound {
		return "no such host"
	}
	if slow := (net.Error)(nil); errors.As(err, &slow) && slow.Timeout() {
		return "time-out"
	}
	return err.Error()
}

// Names lists the names that Name gives.
func Names() []string {
	list := []string{"no such host"}
	for _, k := range known {
		list = append(list, k.name)
	}
	return list
}
