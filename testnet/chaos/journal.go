package chaos

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"time"

	"hongbao/contract"
	"hongbao/testnet/load"
)

// journal is what clients were told: load writes it, line by line.
type journal struct {
	mu    sync.Mutex
	sent  map[contract.Hash]time.Time
	acked map[contract.Hash]int64 // height
	new   []contract.Hash         // acked and not yet checked
	took  []time.Duration         // from the first attempt to the result, of those
}

func newJournal() *journal {
	return &journal{sent: map[contract.Hash]time.Time{}, acked: map[contract.Hash]int64{}}
}

// Write takes "sent HASH" and "ack HASH HEIGHT".
func (j *journal) Write(lines []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range bytes.Lines(lines) {
		var word, text string
		var height int64
		_, _ = fmt.Sscan(string(line), &word, &text, &height)
		hash, err := contract.ParseHash(text)
		if err != nil {
			return 0, err
		}
		switch word {
		case "sent":
			j.sent[hash] = time.Now()
		case "ack":
			j.acked[hash] = height
			j.new = append(j.new, hash)
			j.took = append(j.took, time.Since(j.sent[hash]))
		}
	}
	return len(lines), nil
}

// take hands out what was acknowledged since the last call, and how long each took.
func (j *journal) take() (acked []contract.Hash, took []time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	acked, took = j.new, j.took
	j.new, j.took = nil, nil
	return acked, took
}

// mark is how many were acknowledged since the last take.
func (j *journal) mark() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.took)
}

// percentile is the latency that p percent of those between two marks did not exceed.
func (j *journal) percentile(p, from, to int) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	return load.Percentile(j.took[from:to], p)
}

// told is what was said of a tx: whether it was sent, and where it stands; 0: not
// known.
func (j *journal) told(hash contract.Hash) (sent bool, height int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, sent = j.sent[hash]
	return sent, j.acked[hash]
}

// all is everything that was acknowledged.
func (j *journal) all() (list []contract.Hash) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for hash := range j.acked {
		list = append(list, hash)
	}
	slices.SortFunc(list, func(a, b contract.Hash) int { return bytes.Compare(a[:], b[:]) })
	return list
}
