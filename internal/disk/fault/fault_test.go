package fault_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/disk/fault"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T) *fault.FS {
	t.Helper()
	fsys := fault.New()
	check(t, disk.MkdirSync(fsys, "/d"))
	return fsys
}

func create(t *testing.T, fsys *fault.FS, name string) disk.File {
	t.Helper()
	file, err := disk.Create(fsys, name)
	check(t, err)
	return file
}

func put(t *testing.T, file disk.File, text string, offset int64) {
	t.Helper()
	_, err := file.WriteAt([]byte(text), offset)
	check(t, err)
}

// left is what a file holds after a crash, or "-" if it is not there.
func left(t *testing.T, fsys *fault.FS, chance *rand.Rand, name string) string {
	t.Helper()
	after := fsys.Crash(chance)
	if there, err := disk.Exists(after, name); err != nil || !there {
		return "-"
	}
	data, err := disk.ReadFile(after, name)
	check(t, err)
	return string(data)
}

func TestUnsyncedIsLost(t *testing.T) {
	fsys := folder(t)
	file := create(t, fsys, "/d/a")
	put(t, file, "old", 0)
	check(t, file.Sync())
	if got := left(t, fsys, nil, "/d/a"); got != "-" {
		t.Fatalf("a name without a sync of its folder is there: %q", got)
	}
	check(t, fsys.SyncDir("/d"))
	put(t, file, "new", 0)
	put(t, file, "more", 3)
	if got := left(t, fsys, nil, "/d/a"); got != "old" {
		t.Fatalf("left: %q", got)
	}
	check(t, file.Sync())
	if got := left(t, fsys, nil, "/d/a"); got != "newmore" {
		t.Fatalf("left: %q", got)
	}
	check(t, fsys.Rename("/d/a", "/d/b"))
	if a, b := left(t, fsys, nil, "/d/a"), left(t, fsys, nil, "/d/b"); a != "newmore" || b != "-" {
		t.Fatalf("left: %q %q", a, b)
	}
	check(t, fsys.SyncDir("/d"))
	if a, b := left(t, fsys, nil, "/d/a"), left(t, fsys, nil, "/d/b"); a != "-" || b != "newmore" {
		t.Fatalf("left: %q %q", a, b)
	}
}

// TestChanceOfPending: each way that a disk may keep what is pending happens,
// and no other.
func TestChanceOfPending(t *testing.T) {
	fsys := folder(t)
	file := create(t, fsys, "/d/a")
	put(t, file, "----", 0)
	check(t, file.Sync())
	check(t, fsys.SyncDir("/d"))
	put(t, file, "AB", 0)
	put(t, file, "CD", 4)
	seen := map[string]bool{}
	for seed := range uint64(300) {
		seen[left(t, fsys, rand.New(rand.NewPCG(seed, 0)), "/d/a")] = true
	}
	var want []string
	for _, first := range []string{"--", "A-", "AB"} {
		for _, second := range []string{"", "C", "CD"} {
			want = append(want, first+"--"+second)
		}
	}
	for _, w := range want {
		if !seen[w] {
			t.Errorf("never left: %q", w)
		}
		delete(seen, w)
	}
	if len(seen) > 0 {
		t.Errorf("left, and must not be: %v", seen)
	}
}

func TestChanceOfNames(t *testing.T) {
	fsys := folder(t)
	for _, name := range []string{"/d/old", "/d/next"} {
		file := create(t, fsys, name)
		put(t, file, name, 0)
		check(t, file.Sync())
	}
	check(t, fsys.SyncDir("/d"))
	check(t, fsys.Rename("/d/next", "/d/old"))
	seen := map[string]bool{}
	for seed := range uint64(50) {
		chance := func() *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
		seen[left(t, fsys, chance(), "/d/old")+" "+left(t, fsys, chance(), "/d/next")] = true
	}
	if len(seen) != 2 || !seen["/d/old /d/next"] || !seen["/d/next -"] {
		t.Fatalf("a rename is whole or not there: %v", seen)
	}
}

func TestFailedSyncLeavesInDoubt(t *testing.T) {
	fsys := folder(t)
	file := create(t, fsys, "/d/a")
	check(t, fsys.SyncDir("/d"))
	put(t, file, "lost", 0)
	broken := errors.New("broken")
	fsys.FailAt(fsys.Steps()+1, broken)
	if err := file.Sync(); !errors.Is(err, broken) {
		t.Fatalf("sync: %v", err)
	}
	put(t, file, "kept", 4)
	check(t, file.Sync())
	if got := left(t, fsys, nil, "/d/a"); got != "\x00\x00\x00\x00kept" {
		t.Fatalf("left: %q", got)
	}
	put(t, file, "X", 1)
	check(t, file.Sync())
	seen := map[string]bool{}
	for seed := range uint64(100) {
		seen[left(t, fsys, rand.New(rand.NewPCG(seed, 0)), "/d/a")] = true
	}
	if len(seen) != 4 || !seen["lXstkept"] || !seen["\x00X\x00\x00kept"] || !seen["lX\x00\x00kept"] || !seen["lXs\x00kept"] {
		t.Fatalf("left: %v", seen)
	}
}

func TestRestart(t *testing.T) {
	fsys := folder(t)
	file := create(t, fsys, "/d/a")
	put(t, file, "seen", 0)
	fsys.StopAt(fsys.Steps() + 1)
	if err := fsys.SyncDir("/d"); !errors.Is(err, fault.ErrStopped) {
		t.Fatal(err)
	}
	fsys.Restart()
	if data, err := disk.ReadFile(fsys, "/d/a"); err != nil || string(data) != "seen" {
		t.Fatalf("%q, %v", data, err)
	}
	if got := left(t, fsys, nil, "/d/a"); got != "-" {
		t.Fatalf("left after a power cut: %q", got)
	}
}

func TestFullDisk(t *testing.T) {
	fsys := folder(t)
	file := create(t, fsys, "/d/a")
	fsys.Limit(6)
	put(t, file, "1234", 0)
	n, err := file.WriteAt([]byte("5678"), 4)
	if n != 2 || !disk.IsFull(err) {
		t.Fatalf("write beyond the limit: %d, %v", n, err)
	}
	if _, err := disk.Create(fsys, "/d/b"); !disk.IsFull(err) {
		t.Fatalf("create on a full disk: %v", err)
	}
	put(t, file, "over", 0) // needs no room
	check(t, file.Truncate(0))
	put(t, file, "12", 0)
	check(t, file.Close())
	check(t, fsys.Remove("/d/a"))
	if used := fsys.Used(); used != 0 {
		t.Fatalf("%d bytes used by nothing", used)
	}
}

func TestReadOnly(t *testing.T) {
	fsys := folder(t)
	file := create(t, fsys, "/d/a")
	put(t, file, "x", 0)
	fsys.SetReadOnly(true)
	_, err := file.WriteAt([]byte("y"), 0)
	for _, err := range []error{
		err, file.Sync(), file.Truncate(0), fsys.Rename("/d/a", "/d/b"), fsys.Remove("/d/a"),
		fsys.MkdirAll("/d/e"), fsys.SyncDir("/d"),
	} {
		if !disk.IsReadOnly(err) {
			t.Errorf("on a read-only disk: %v", err)
		}
	}
	if _, err := fsys.OpenFile("/d/a", os.O_RDWR); !disk.IsReadOnly(err) {
		t.Errorf("open for writing: %v", err)
	}
	if data, err := disk.ReadFile(fsys, "/d/a"); err != nil || string(data) != "x" {
		t.Errorf("read: %q %v", data, err)
	}
	fsys.SetReadOnly(false)
	put(t, file, "y", 0)
}

func TestStopAtEachStep(t *testing.T) {
	// A manifest replaced twice holds one of its contents at any step.
	program := func(fsys *fault.FS) (acknowledged string, err error) {
		acknowledged = "-"
		if err := disk.MkdirSync(fsys, "/d"); err != nil {
			return acknowledged, err
		}
		for i := range 3 {
			text := fmt.Sprint("version ", i)
			if err := disk.Replace(fsys, "/d/m", []byte(text)); err != nil {
				return acknowledged, err
			}
			acknowledged = text
		}
		return acknowledged, nil
	}
	whole := fault.New()
	_, err := program(whole)
	check(t, err)
	for step := 1; step <= whole.Steps(); step++ {
		fsys := fault.New()
		fsys.StopAt(step)
		acknowledged, err := program(fsys)
		if !errors.Is(err, fault.ErrStopped) {
			t.Fatalf("step %d: %v", step, err)
		}
		if _, err := fsys.Stat("/d"); !errors.Is(err, fault.ErrStopped) {
			t.Fatalf("step %d: reading goes on: %v", step, err)
		}
		all := []string{"-", "version 0", "version 1", "version 2"}
		oldest := slices.Index(all, acknowledged)
		for seed := range uint64(20) {
			got := left(t, fsys, rand.New(rand.NewPCG(seed, 1)), "/d/m")
			if i := slices.Index(all, got); i < oldest || i > oldest+1 {
				t.Fatalf("step %d, seed %d: left %q after %q was acknowledged", step, seed, got, acknowledged)
			}
		}
	}
}

func TestWatch(t *testing.T) {
	fsys := folder(t)
	var ops []string
	refused := errors.New("refused")
	fsys.Watch(func(s fault.Step) error {
		ops = append(ops, fmt.Sprint(s.Op, " ", s.Name))
		if s.Op == fault.Remove {
			return refused
		}
		return nil
	})
	check(t, disk.Replace(fsys, "/d/m", []byte("x")))
	if err := fsys.Remove("/d/m"); !errors.Is(err, refused) {
		t.Fatalf("remove: %v", err)
	}
	want := []string{"create /d/m.tmp", "write /d/m.tmp", "sync /d/m.tmp", "rename /d/m", "syncdir /d", "remove /d/m"}
	if !slices.Equal(ops, want) {
		t.Fatalf("steps: %q", ops)
	}
}
