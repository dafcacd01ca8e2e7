package testnet

import (
	"errors"
	"math/rand/v2"

	"hongbao/node"
)

// Ports are taken from below the ranges that Linux (from 32768) and macOS
// (from 49152) give to outgoing connections, so that a node's own dialling
// never takes a port that its neighbour is about to listen on.
const (
	firstPort = 20000
	lastPort  = 32000
)

// freePorts finds count free ports in a row. Two networks that start at once
// may still draw the same ones; the loser sees its node fail and draws again
// (see Network.Start).
func freePorts(count int) (base int, err error) {
	for range 200 {
		base = firstPort + 2*rand.IntN((lastPort-firstPort-count)/2)
		if allFree(base, count) {
			return base, nil
		}
	}
	return 0, errors.New("testnet: no free ports on 127.0.0.1")
}

func allFree(base, count int) bool {
	for p := base; p < base+count; p++ {
		if !node.PortFree(p) {
			return false
		}
	}
	return true
}
