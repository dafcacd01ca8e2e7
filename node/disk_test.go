package node

import (
	"strings"
	"testing"
	"time"

	"github.com/cometbft/cometbft/libs/log"
)

// A disk that fills is told of before it is full, and not each second.
func TestALowDiskIsToldOf(t *testing.T) {
	var said syncBuffer
	w := &watch{logger: log.NewTMLogger(&said), told: map[string]time.Time{}, home: t.TempDir()}
	for _, free := range []uint64{0, LowDisk, 40 * LowDisk} { // 0: not known
		if w.tellRoom(free); said.String() != "" {
			t.Errorf("of %d bytes: %s", free, said.String())
		}
	}
	w.tellRoom(LowDisk - 1)
	w.tellRoom(LowDisk / 2)
	if text := said.String(); strings.Count(text, "the disk fills") != 1 || !strings.Contains(text, "4999") {
		t.Errorf("it says %q", text)
	}
	if _, known := diskFree(w.home); known && w.roomLeft() == 0 {
		t.Error("a disk with room has none")
	}
	if (&watch{}).roomLeft() != 0 {
		t.Error("a node without a folder has room")
	}
}
