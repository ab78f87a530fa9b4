//go:build unix

package state

import (
	"os"
	"syscall"
)

// giveBack lets the files that SQLite makes beside the state belong to whom the state
// belongs to. Else the superuser's look at it, ended at the wrong moment, would leave a
// log that the daemon can not open.
func (f *folder) giveBack() {
	if !f.real || os.Geteuid() != 0 {
		return
	}
	info, err := os.Stat(f.at(File))
	if err != nil {
		return
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		_ = os.Lchown(f.at(File+suffix), int(owner.Uid), int(owner.Gid)) // it may not be there
	}
}
