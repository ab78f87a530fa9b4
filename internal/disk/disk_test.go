package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/disk/fault"
)

// each runs a test over the machine's file system and over the one in memory, as
// the second is of use only where it does what the first does.
func each(t *testing.T, test func(t *testing.T, fsys disk.FS, dir string)) {
	t.Helper()
	t.Run("os", func(t *testing.T) { test(t, disk.OS{}, t.TempDir()) })
	t.Run("fault", func(t *testing.T) {
		fsys := fault.New()
		if err := fsys.MkdirAll("/data"); err != nil {
			t.Fatal(err)
		}
		test(t, fsys, "/data")
	})
}

func TestFiles(t *testing.T) {
	each(t, func(t *testing.T, fsys disk.FS, dir string) {
		t.Helper()
		name := filepath.Join(dir, "a")
		if _, err := disk.Open(fsys, name); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("open of what is missing: %v", err)
		}
		file, err := disk.Create(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := disk.Create(fsys, name); !errors.Is(err, fs.ErrExist) {
			t.Fatalf("create of what is there: %v", err)
		}
		w := disk.Writer{File: file}
		for _, text := range []string{"one ", "two ", "three"} {
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		mustHold := func(want string) {
			t.Helper()
			got, err := disk.ReadFile(fsys, name)
			if err != nil || string(got) != want {
				t.Fatalf("content is %q (%v), want %q", got, err, want)
			}
		}
		mustHold("one two three")
		check(t, file.Truncate(5))
		mustHold("one t")
		check(t, file.Truncate(7))
		mustHold("one t\x00\x00")
		if _, err := file.WriteAt([]byte("end"), 9); err != nil {
			t.Fatal(err)
		}
		mustHold("one t\x00\x00\x00\x00end")
		check(t, file.Sync())
		check(t, file.Close())
		if _, err := file.WriteAt([]byte("x"), 0); !errors.Is(err, fs.ErrClosed) {
			t.Fatalf("write after close: %v", err)
		}
		file, err = fsys.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
		check(t, err)
		check(t, file.Close())
		mustHold("")
	})
}

func TestNames(t *testing.T) {
	each(t, func(t *testing.T, fsys disk.FS, dir string) {
		t.Helper()
		check(t, disk.MkdirSync(fsys, filepath.Join(dir, "x", "y")))
		check(t, disk.MkdirSync(fsys, filepath.Join(dir, "x", "y")))
		name := filepath.Join(dir, "x", "manifest")
		check(t, disk.Replace(fsys, name, []byte("1")))
		check(t, disk.Replace(fsys, name, []byte("22")))
		if got, err := disk.ReadFile(fsys, name); err != nil || string(got) != "22" {
			t.Fatalf("replaced file holds %q (%v)", got, err)
		}
		if info, err := fsys.Stat(name); err != nil || info.Size() != 2 || info.IsDir() {
			t.Fatalf("stat: %v %v", info, err)
		}
		var names []string
		entries, err := fsys.ReadDir(filepath.Join(dir, "x"))
		check(t, err)
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		if got := strings.Join(names, " "); got != "manifest y" {
			t.Fatalf("folder holds %q", got)
		}
		if fsys.Remove(filepath.Join(dir, "x")) == nil {
			t.Fatal("a folder that is not empty was removed")
		}
		check(t, fsys.Remove(name))
		check(t, fsys.Remove(filepath.Join(dir, "x", "y")))
		check(t, fsys.Remove(filepath.Join(dir, "x")))
		if there, err := disk.Exists(fsys, filepath.Join(dir, "x")); err != nil || there {
			t.Fatalf("removed folder is there: %v %v", there, err)
		}
		if disk.MkdirSync(fsys, dir) != nil {
			t.Fatal("a folder that is there is no error")
		}
	})
}

func TestLock(t *testing.T) {
	each(t, func(t *testing.T, fsys disk.FS, dir string) {
		t.Helper()
		name := filepath.Join(dir, "lock")
		first, err := fsys.Lock(name)
		check(t, err)
		if _, err := fsys.Lock(name); !errors.Is(err, disk.ErrLocked) {
			t.Fatalf("second lock: %v", err)
		}
		check(t, first.Close())
		again, err := fsys.Lock(name)
		check(t, err)
		check(t, again.Close())
	})
}

func TestLockRange(t *testing.T) {
	each(t, func(t *testing.T, fsys disk.FS, dir string) {
		t.Helper()
		name := filepath.Join(dir, "db")
		open := func() disk.File {
			file, err := fsys.OpenFile(name, os.O_RDWR|os.O_CREATE)
			check(t, err)
			return file
		}
		a, b := open(), open()
		taken := func(err error) {
			t.Helper()
			if !errors.Is(err, disk.ErrLocked) {
				t.Fatalf("lock of what is taken: %v", err)
			}
		}
		check(t, a.LockRange(100, 10, disk.Shared))
		check(t, b.LockRange(100, 10, disk.Shared))
		taken(a.LockRange(100, 10, disk.Exclusive))
		check(t, b.LockRange(100, 5, disk.Unlocked))
		check(t, a.LockRange(100, 5, disk.Exclusive))
		taken(b.LockRange(104, 1, disk.Shared))
		check(t, b.LockRange(200, 1, disk.Exclusive))
		taken(a.LockRange(200, 1, disk.Shared))

		// A third open of the same file, closed, must not end the locks of the first.
		check(t, open().Close())
		taken(b.LockRange(104, 1, disk.Shared))

		check(t, a.Close())
		check(t, b.LockRange(100, 10, disk.Exclusive))
		check(t, b.Close())
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
