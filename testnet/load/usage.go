package load

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sample is what a network has used so far.
type sample struct {
	height  int64
	writes  uint64          // leaves the first node wrote to its tree
	nodeCPU []time.Duration // of each process; nil: not measured
	ownCPU  time.Duration
	disk    int64 // bytes in the nodes' folders; 0: not measured
}

func (b *bench) sample(ctx context.Context) (s sample, err error) {
	if s.writes, s.height, err = b.writes(ctx); err != nil {
		return s, err
	}
	s.ownCPU, _ = cpuTime(os.Getpid())
	for _, pid := range b.cfg.PIDs {
		if used, ok := cpuTime(pid); ok {
			s.nodeCPU = append(s.nodeCPU, used)
		}
	}
	for _, home := range b.cfg.Homes {
		s.disk += folderSize(home)
	}
	return s, nil
}

// countWrites asks the first node.
func (b *bench) countWrites(ctx context.Context) (uint64, int64, error) {
	totals, at, err := b.nodes.all[0].Summary(ctx)
	if err != nil {
		return 0, 0, err
	}
	return totals.Writes, at.Height, nil
}

// took enters what a run has used. The writes of a node that was started again
// meanwhile are not known.
func (r *Report) took(before, after sample) {
	r.from, r.to = before.height, after.height
	r.OwnCPU, r.Disk = after.ownCPU-before.ownCPU, after.disk-before.disk
	if after.writes >= before.writes {
		r.Writes = after.writes - before.writes
	}
	if len(before.nodeCPU) == len(after.nodeCPU) {
		for i := range after.nodeCPU {
			r.NodeCPU = append(r.NodeCPU, after.nodeCPU[i]-before.nodeCPU[i])
		}
	}
}

// cpuTime is the processor time that a process has used so far, from Linux's
// /proc in its unit of 10 ms; false where there is none.
func cpuTime(pid int) (total time.Duration, ok bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	// The second field, in brackets, may hold anything; utime and stime are the
	// 12th and 13th after it.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	for _, f := range fields[11:13] {
		ticks, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return 0, false
		}
		total += time.Duration(ticks) * 10 * time.Millisecond
	}
	return total, true
}

// memory is what a process holds in memory now, in bytes, from Linux's /proc; 0
// where there is none.
func memory(pid int) int64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "VmRSS:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// folderSize is how many bytes the files in a node's folder have, but for the log
// of its consensus, of which a node keeps 50 MB at most. One that goes while it is
// counted counts nothing.
func folderSize(dir string) (bytes int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "cs.wal" {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return nil
	})
	return bytes
}
