// Package ports finds ports of 127.0.0.1 for nodes and programs beside them to listen at.
package ports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
)

// Ports are taken from below the ranges that Linux (from 32768) and macOS (from 49152)
// give to outgoing connections, so that no process's dialling takes a port before its
// node listens there; and from below CometBFT's own (26656), which `node init` gives to
// homes whose nodes may not run yet.
const (
	first = 10_000
	end   = 26_000
)

// given counts the ports that this process has been given, from a random one on: it
// gets each once, until all had their turn.
var given atomic.Int64

func init() { given.Store(rand.Int64N(end - first)) }

// Row finds count free ports in a row, at least 1 and at most 1,000. Two processes may
// still find the same ones at one moment: the second to listen fails, and should try again.
func Row(count int) (base int, err error) {
	if count < 1 || count > 1000 {
		return 0, fmt.Errorf("ports: %d in a row, want 1 to 1000", count)
	}
	for range (end - first) / count {
		base = first + int((given.Add(int64(count))-int64(count))%(end-first))
		if base+count <= end && allFree(base, count) {
			return base, nil
		}
	}
	return 0, errors.New("ports: no free ports on 127.0.0.1")
}

func allFree(base, count int) bool {
	for p := base; p < base+count; p++ {
		if !Free(p) {
			return false
		}
	}
	return true
}

// Free reports whether a port of 127.0.0.1 can be listened at now.
func Free(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}
