//go:build unix

package live

import (
	"io/fs"
	"syscall"
)

// idOf returns the numbers by which the system tells files apart.
func idOf(info fs.FileInfo) (device, inode uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev), uint64(s.Ino) //nolint:unconvert,gosec // their types differ between systems
	}
	return 0, 0
}
