package node

import "time"

const (
	// LowDisk is so little room, in bytes, that an operator has to make more: a busy
	// node writes some gigabytes a day, and stops when there is none. The alert in
	// docs/monitoring is about the same.
	LowDisk = 5_000_000_000
	// lowDiskPause is between two lines about it, which goes on for hours.
	lowDiskPause = 10 * time.Minute
)

// roomLeft is how many bytes the node may still write to the disk of its folder; 0: not
// known.
func (w *watch) roomLeft() uint64 {
	if w.home == "" {
		return 0
	}
	free, _ := diskFree(w.home)
	return free
}

// tellRoom says in the log that the disk fills.
func (w *watch) tellRoom(free uint64) {
	if free > 0 && free < LowDisk {
		w.tellOften("disk", lowDiskPause, w.logger.Error,
			"the disk fills: make room, or this node stops when it is full", "free_megabytes", free/1_000_000, "home",
			w.home)
	}
}
