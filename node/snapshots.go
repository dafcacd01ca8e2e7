package node

import (
	"path/filepath"
	"sync"

	"hongbao/app"
	"hongbao/app/snapshot"

	"github.com/cometbft/cometbft/libs/log"
)

// keptSnapshots are two, so that a peer that began to fetch one can end while the
// next is made.
const keptSnapshots = 2

func snapshotDir(home string) snapshot.Dir {
	return snapshot.Dir(filepath.Join(home, "data", "snapshots"))
}

// snapshots makes a snapshot of every so many blocks, beside the blocks: one at a
// time, and none while the one before is not written.
type snapshots struct {
	every  int64 // blocks; 0: none
	dir    snapshot.Dir
	take   func() (*app.Snapshot, error)
	logger log.Logger

	cancel  chan struct{} // closed when the node ends
	writing sync.WaitGroup
	busy    chan struct{} // holds one while a snapshot is written
}

func newSnapshots(every int64, dir snapshot.Dir, take func() (*app.Snapshot, error), logger log.Logger) *snapshots {
	return &snapshots{every: every, dir: dir, take: take, logger: logger, cancel: make(chan struct{}),
		busy: make(chan struct{}, 1)}
}

// told begins a snapshot of the block that was just committed, if it is its turn.
// The state is held here, where no block can be committed over it.
func (s *snapshots) told(height int64) {
	if s.every == 0 || height%s.every != 0 {
		return
	}
	select {
	case s.busy <- struct{}{}:
	default:
		s.logger.Info("no snapshot of this block: the one before is still being written", "height", height)
		return
	}
	held, err := s.take()
	if err != nil {
		s.logger.Error("no snapshot", "height", height, "err", err)
		<-s.busy
		return
	}
	s.writing.Go(func() {
		defer func() { <-s.busy }()
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
	if err := held.Write(w, s.cancel); err != nil {
		_ = w.Abort()
		return err
	}
	m, err := w.Finish()
	if err != nil {
		return err
	}
	s.logger.Info("snapshot written", "height", m.Height, "chunks", len(m.Chunks))
	return s.dir.Keep(keptSnapshots)
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
