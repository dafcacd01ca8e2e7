package node

import (
	"io"
	"path/filepath"
	"sync"
	"time"

	"hongbao/app"
	"hongbao/app/snapshot"
	"hongbao/contract"

	"github.com/cometbft/cometbft/libs/log"
)

// keptSnapshots are two, so that a peer that began to fetch one can end while the
// next is made.
const keptSnapshots = 2

// partRest is how many times as long as it took to write a part of a snapshot nothing is
// written after it. All nodes begin at the same block, and read the whole state: of a tenth of
// the time at most blocks on the same processors take no notice. After longestRest it goes on
// anyway, as what took so long was something else.
const (
	partRest    = 9
	longestRest = 5 * time.Second
)

// After a snapshot none is begun for as long as it took: no version of the tree can be pruned
// while one is written, and a busy chain makes 2,000 blocks in some seconds.
//
// leastRest has a snapshot stay for two minutes, while the two that take its place are made: a
// joiner listens for some seconds before it fetches one, and waits for two minutes for a part that
// is gone.
const leastRest = time.Minute

func snapshotDir(home string) snapshot.Dir {
	return snapshot.Dir(filepath.Join(home, "data", "snapshots"))
}

// snapshots makes a snapshot of every so many blocks, beside the blocks: one at a
// time, and none before the node has rested from the last one.
type snapshots struct {
	every  int64 // blocks; 0: none
	dir    snapshot.Dir
	take   func() (*app.Snapshot, error)
	logger log.Logger
	now    func() time.Time
	rest   func(time.Duration)

	cancel  chan struct{} // closed when the node ends
	writing sync.WaitGroup
	busy    chan struct{} // holds one while a snapshot is written
	rested  time.Time     // none is begun before; guarded by busy

	mu     sync.Mutex
	newest made
	first  int64 // block that this process heard of; 0: none yet
}

// made is what is known of a snapshot; the zero value: there is none.
type made struct {
	height int64
	time   contract.Time // of that block's header
}

func newSnapshots(every int64, dir snapshot.Dir, take func() (*app.Snapshot, error), logger log.Logger) *snapshots {
	s := &snapshots{every: every, dir: dir, take: take, logger: logger, now: time.Now,
		cancel: make(chan struct{}), busy: make(chan struct{}, 1)}
	s.rest = func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-s.cancel:
		}
	}
	if heights, err := dir.Heights(); err == nil && len(heights) > 0 {
		if m, err := dir.Manifest(heights[0]); err == nil {
			s.newest = made{m.Height, m.Time}
		}
	}
	return s
}

// snapshotAge is how old the newest snapshot is.
type snapshotAge struct {
	every   int64 // a snapshot is made of every so many blocks; 0: none is
	blocks  int64 // since its block, or since the first that this process heard of where there is none
	seconds float64
	there   bool // whether there is one; else seconds is 0
}

// age is that of the newest snapshot when the last block is the one given.
func (s *snapshots) age(height int64, at contract.Time) snapshotAge {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := snapshotAge{every: s.every, there: s.newest.height > 0}
	switch {
	case a.there:
		a.blocks, a.seconds = height-s.newest.height, at.Std().Sub(s.newest.time.Std()).Seconds()
	case s.first > 0:
		a.blocks = height - s.first
	}
	return a
}

// told begins a snapshot of the block that was just committed, if it is its turn and
// the node has rested from the last one, which may have failed. The state is held here,
// where no block can be committed over it.
func (s *snapshots) told(height int64) {
	s.mu.Lock()
	if s.first == 0 {
		s.first = height
	}
	s.mu.Unlock()
	if s.every == 0 || height%s.every != 0 {
		return
	}
	select {
	case s.busy <- struct{}{}:
	default:
		s.logger.Info("no snapshot of this block: the one before is still being written", "height", height)
		return
	}
	begun := s.now()
	if begun.Before(s.rested) {
		s.logger.Info("no snapshot of this block: the node rests from the last one", "height", height,
			"next_in", s.rested.Sub(begun).Round(time.Second))
		<-s.busy
		return
	}
	held, err := s.take()
	if err != nil {
		s.logger.Error("no snapshot", "height", height, "err", err)
		<-s.busy
		return
	}
	s.writing.Go(func() {
		defer func() {
			ended := s.now()
			s.rested = ended.Add(max(leastRest, ended.Sub(begun)))
			<-s.busy
		}()
		defer held.Close()
		if err := s.write(held); err != nil {
			s.logger.Error("no snapshot", "height", height, "err", err)
		}
	})
}

func (s *snapshots) write(held *app.Snapshot) error {
	w, err := s.dir.Create(held.Height, held.Time)
	if err != nil {
		return err
	}
	if err := held.Write(&paced{s, w, s.now()}, s.cancel); err != nil {
		_ = w.Abort()
		return err
	}
	m, err := w.Finish()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.newest = made{m.Height, m.Time}
	s.mu.Unlock()
	s.logger.Info("snapshot written", "height", m.Height, "chunks", len(m.Chunks))
	return s.dir.Keep(keptSnapshots)
}

// paced writes, and rests from what came before.
type paced struct {
	*snapshots
	to    io.Writer
	begun time.Time
}

func (p *paced) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	p.rest(min(longestRest, partRest*p.now().Sub(p.begun)))
	p.begun = p.now()
	return n, err
}

// retain is the first block that is needed after a height, if so many are to be
// kept: none may go that a node which begins with a snapshot asks for. 0: all are.
// Of older blocks CometBFT itself keeps the headers and commits that evidence
// needs.
func (s *snapshots) retain(height, keep int64) int64 {
	first := height - keep + 1
	if keep == 0 || first < 1 {
		return 0
	}
	heights, err := s.dir.Heights()
	if err != nil {
		return 0
	}
	for _, h := range heights {
		first = min(first, h)
	}
	return first
}

// end waits for what is being written to stop.
func (s *snapshots) end() {
	close(s.cancel)
	s.writing.Wait()
}
