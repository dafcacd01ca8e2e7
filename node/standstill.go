package node

import "github.com/cometbft/cometbft/p2p"

const (
	// standLooks is for how many looks in a row, one a second, a node may stand
	// while its peers go on. The slowest links that a chain was seen to live with
	// make a block in eleven seconds.
	standLooks = 120
	// standAhead is how many blocks a peer has made meanwhile that has gone on.
	standAhead = 10
)

// standstill tells a node that stands while its network goes on from one that
// stands with its network. The first one will not go on by itself: something in
// it hangs, which a start may mend.
//
// Peers say how far they are without a proof, and guests may say anything. So
// only the peers that config.toml names count, each by its key, and more than
// half of them have to have gone on. Time is counted in looks: a process that
// was stopped, or a machine that slept, has not waited.
type standstill struct {
	named  int // peers that config.toml names
	height int64
	looks  int              // in a row at this height
	began  map[p2p.ID]int64 // where each of them was when it was first seen meanwhile
	newest int64            // of them
}

// look takes in one look at the node, and at the named peers that it is connected
// to. It reports that the node stands, and its peers do not.
func (s *standstill) look(height int64, peers map[p2p.ID]int64) bool {
	if height != s.height || s.began == nil {
		*s = standstill{named: s.named, height: height, began: map[p2p.ID]int64{}}
	}
	s.looks++
	ahead := 0
	for id, at := range peers {
		first, seen := s.began[id]
		if !seen {
			s.began[id] = at
		} else if at >= max(first, height)+standAhead {
			ahead++
		}
		s.newest = max(s.newest, at)
	}
	// A node without a block may be fetching a snapshot, and has none to lose.
	return height > 0 && s.looks >= standLooks && 2*ahead > s.named
}
