package node

import (
	"context"
	"fmt"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
)

// A node reads all that it holds once after each start, a part at a time: 5 MB a
// second, some hundredths of a core. A part is read at once, and LevelDB keeps old
// files for so long.
const (
	scrubPart  = 256 << 10
	scrubPause = 50 * time.Millisecond
)

// Scrubbed says in the log that all was read.
const Scrubbed = "all databases were read"

// scrub reads every database whole, as LevelDB checks what it reads: what was damaged
// in a file that no one asks for would else be found when it is too late to get it
// from a peer. The error names the file.
func (d databases) scrub(ctx context.Context, c *cfg.Config, logger log.Logger) error {
	begin, total := time.Now(), int64(0)
	for _, name := range databaseNames {
		if d[name] == nil {
			continue // a test's own
		}
		bytes, err := readThrough(ctx, d[name])
		if ctx.Err() != nil {
			return nil // the node stops
		}
		if err != nil {
			return errorf(CodeDataDamaged, c.RootDir, "%s: %w", c.DBDir(), err)
		}
		total += bytes
	}
	logger.Info(Scrubbed, "bytes", total, "seconds", int64(time.Since(begin).Seconds()))
	return nil
}

// readThrough reads a database from its first key to its last.
func readThrough(ctx context.Context, db dbm.DB) (total int64, err error) {
	var from []byte
	for {
		bytes, next, err := readPart(db, from)
		total += int64(bytes)
		if err != nil || next == nil {
			return total, err
		}
		from = next
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(scrubPause):
		}
	}
}

// readPart reads what begins at a key, and returns where to go on; nil at the end.
func readPart(db dbm.DB, from []byte) (bytes int, next []byte, err error) {
	it, err := db.Iterator(from, nil)
	if err != nil {
		return 0, nil, err
	}
	for ; it.Valid() && bytes < scrubPart; it.Next() {
		bytes += len(it.Key()) + len(it.Value())
	}
	if it.Valid() {
		next = append([]byte(nil), it.Key()...)
	}
	if err := it.Error(); err != nil {
		return bytes, nil, fmt.Errorf("damage that no one had read: %w", err)
	}
	return bytes, next, it.Close()
}
