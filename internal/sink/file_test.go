package sink

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/disk/fault"
)

func lines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(data), "\n") {
		t.Fatalf("%s ends in the middle of a line", path)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func put1(t *testing.T, f *File, ids ...string) {
	t.Helper()
	for _, id := range ids {
		outcomes, err := f.Deliver(t.Context(), []Item{{ID: id, Doc: []byte(fmt.Sprintf(`{"id":%q}`, id))}})
		if err != nil || verdicts(outcomes) != "taken" {
			t.Fatalf("%v, %v", outcomes, err)
		}
	}
}

// It appends, shell and blocks, a line each.
func TestFileAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "alerts.ndjson")
	f := NewFile(disk.OS{}, FileOptions{Path: path})
	if _, err := f.Deliver(t.Context(), samples(2)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	put1(t, NewFile(disk.OS{}, FileOptions{Path: path}), "more")
	got := lines(t, path)
	if len(got) != 7 || got[0] != string(sample(1).Doc) || got[1] != string(sample(1).Blocks[0]) || got[6] != `{"id":"more"}` {
		t.Errorf("%d lines", len(got))
	}
}

// A file that was moved, removed or emptied under its eyes is made again.
func TestFileReopens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.ndjson")
	f := NewFile(disk.OS{}, FileOptions{Path: path})
	put1(t, f, "a")
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	put1(t, f, "b", "c")
	if old, now := lines(t, path+".old"), lines(t, path); len(old) != 1 || len(now) != 2 {
		t.Errorf("%q, %q", old, now)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	put1(t, f, "d")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put1(t, f, "e")
	if now := lines(t, path); len(now) != 1 || now[0] != `{"id":"e"}` {
		t.Errorf("%q", now)
	}
}

// It moves on before it grows beyond what was asked, and keeps as many as were asked.
func TestFileRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.ndjson")
	f := NewFile(disk.OS{}, FileOptions{Path: path, MaxSize: 30, Keep: 2})
	put1(t, f, "1", "2", "3", "4", "5", "6", "7", "8")
	for name, want := range map[string]string{"": `{"id":"7"} {"id":"8"}`, ".1": `{"id":"5"} {"id":"6"}`, ".2": `{"id":"3"} {"id":"4"}`} {
		if got := strings.Join(lines(t, path+name), " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if _, err := os.Stat(path + ".3"); !os.IsNotExist(err) {
		t.Errorf("a file too many: %v", err)
	}
	// What is longer than a file may be is written all the same.
	put1(t, f, strings.Repeat("x", 100))
	if got := lines(t, path); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// The last line, as a crash or another program has left it.
func TestFileMendsLastLine(t *testing.T) {
	for was, want := range map[string]string{
		"":                        `{"id":"n"}`,
		"{\"a\":1}\n":             `{"a":1} {"id":"n"}`,
		"{\"a\":1}":               `{"a":1} {"id":"n"}`,
		"{\"a\":1}\n{\"b\":":      `{"a":1} {"id":"n"}`,
		"{\"b":                    `{"id":"n"}`,
		"{\"a\":1}\n\x00\x00\x00": `{"a":1} {"id":"n"}`,
		"{\"a\":1}\n\"" + strings.Repeat("x", 200_000): `{"a":1} {"id":"n"}`,
	} {
		path := write(t, was)
		put1(t, NewFile(disk.OS{}, FileOptions{Path: path}), "n")
		if got := strings.Join(lines(t, path), " "); got != want {
			t.Errorf("%.40q: %.200s", was, got)
		}
	}
}

func TestFileIsNone(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, os.DevNull} {
		outcomes, err := NewFile(disk.OS{}, FileOptions{Path: path}).Deliver(t.Context(), samples(1))
		if err == nil || verdicts(outcomes) != "" {
			t.Errorf("%s: %v, %v", path, outcomes, err)
		}
	}
}

// Wherever the power goes, what the sink said it had is in the files, whole.
func TestFileCrash(t *testing.T) {
	const path = "/var/log/alerts.ndjson"
	run := func(fsys disk.FS, box *Memory) bool {
		f := NewFile(fsys, FileOptions{Path: path, MaxSize: 120, Keep: 100})
		for {
			position, _, _ := box.Position(t.Context(), "f")
			next, _ := box.Next(t.Context(), position, 2)
			if len(next) == 0 {
				return true
			}
			outcomes, err := f.Deliver(t.Context(), next)
			if err != nil {
				return false
			}
			if verdicts(outcomes) != strings.TrimSpace(strings.Repeat("taken ", len(next))) {
				t.Fatal(outcomes)
			}
			_ = box.Done(t.Context(), "f", next[len(next)-1].Seq)
		}
	}
	fill := func() *Memory {
		box := NewMemory()
		for i := range 12 {
			box.Add(Item{ID: fmt.Sprint(i), Doc: []byte(fmt.Sprintf(`{"id":"%02d","pad":"xxxxxxxxxxxx"}`, i))})
		}
		return box
	}
	whole := fault.New()
	if !run(whole, fill()) {
		t.Fatal("it fails on a good disk")
	}
	for step := 1; step <= whole.Steps(); step++ {
		for seed := range uint64(2) {
			fsys, box := fault.New(), fill()
			fsys.StopAt(step)
			if run(fsys, box) {
				continue // the last step may have been enough
			}
			after := fsys.Crash(rand.New(rand.NewPCG(seed, uint64(step)))) //nolint:gosec // a test
			if !run(after, box) {
				t.Fatalf("step %d: it does not recover", step)
			}
			entries, err := after.ReadDir("/var/log")
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]int{}
			for _, entry := range entries {
				data, err := disk.ReadFile(after, "/var/log/"+entry.Name())
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(string(data)) {
					if !json.Valid([]byte(line)) || !strings.HasSuffix(line, "\n") {
						t.Fatalf("step %d, seed %d: line %q in %s", step, seed, line, entry.Name())
					}
					found[line]++
				}
			}
			twice := 0
			for _, n := range found {
				twice += n - 1
			}
			if len(found) != 12 || twice > 2 {
				t.Fatalf("step %d, seed %d: %d alerts, %d twice", step, seed, len(found), twice)
			}
		}
	}
	// A full disk, and then room again.
	fsys, box := fault.New(), fill()
	fsys.Limit(250)
	if run(fsys, box) {
		t.Fatal("it all fits")
	}
	fsys.Limit(-1)
	if !run(fsys, box) {
		t.Fatal("it does not recover from a full disk")
	}
}
