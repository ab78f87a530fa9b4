//go:build unix

package state

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk"
)

// What the superuser opens stays the daemon's.
func TestTheSuperuserTakesNothingAway(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only the superuser can give files away")
	}
	dir := t.TempDir()
	daemon, err := Open(ctx, disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Close(); err != nil {
		t.Fatal(err)
	}
	const uid, gid = 4711, 4712
	if err := os.Chown(filepath.Join(dir, File), uid, gid); err != nil {
		t.Fatal(err)
	}
	command, err := OpenExisting(ctx, disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer command.Close() //nolint:errcheck // only looked at
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 3 {
		t.Fatalf("in the folder: %v, %v", entries, err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != uid || owner.Gid != gid {
			t.Errorf("%s belongs to %d:%d", e.Name(), owner.Uid, owner.Gid)
		}
	}
}
