//go:build linux || darwin || freebsd || dragonfly

package node

import "golang.org/x/sys/unix"

// diskFree is how many bytes this user may still write to the disk of a path.
func diskFree(path string) (free uint64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}
