package node

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/cometbft/cometbft/libs/log"
)

const (
	// walParts is how many full parts of consensus' log stay beside the one that is
	// written, 10 MB each. A start reads what was written since the last block: of a
	// height of many rounds a few MB.
	walParts = 4
	// walPause is how often older parts are deleted: an idle node fills a part in
	// half an hour, a busy one in seconds.
	walPause = time.Minute
)

// walPart is what CometBFT calls a full part: wal.017.
var walPart = regexp.MustCompile(`\.(\d{3,})$`)

// keepWALShort deletes, until ctx ends, what no start reads any more of the log
// at path. CometBFT itself keeps a gigabyte.
func keepWALShort(ctx context.Context, path string, logger log.Logger) {
	for {
		if err := trimWAL(path); err != nil {
			logger.Error("old parts of consensus' log are not deleted", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(walPause):
		}
	}
}

// trimWAL deletes all but the newest full parts of the log at path. It does not
// touch the part that is written, and CometBFT goes by what it finds.
func trimWAL(path string) error {
	dir, base := filepath.Split(path)
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	type part struct {
		name  string
		index int
	}
	var parts []part
	for _, f := range files {
		number := walPart.FindStringSubmatch(f.Name())
		if number == nil || f.Name() != base+number[0] {
			continue
		}
		if index, err := strconv.Atoi(number[1]); err == nil {
			parts = append(parts, part{f.Name(), index})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.index, b.index) })
	for _, p := range parts[:max(0, len(parts)-walParts)] {
		err = errors.Join(err, os.Remove(filepath.Join(dir, p.name)))
	}
	return err
}
