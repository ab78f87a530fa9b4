package state

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/disk/fault"
)

var update = flag.Bool("update", false, "write the fixture of this version if it is not there")

// A state of each version that was ever written opens, and what is in it is there.
func TestVersions(t *testing.T) {
	const fixture = "testdata/version-1.db.gz"
	if _, err := os.Stat(fixture); errors.Is(err, fs.ErrNotExist) && *update {
		writeFixture(t, fixture)
	}
	packed, err := os.Open(fixture)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close() //nolint:errcheck // only read
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, File), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := opened(t, disk.OS{}, dir)
	all := listed(t, s, Filter{})
	if len(all) != 2 || all[0].Host != "b" || all[1].Counted != 1 || all[1].Status != Closed || all[1].Tags[0] != "fixture" {
		t.Fatalf("the fixture has %+v", all)
	}
	if docs := documents(t, s, &all[1]); len(docs) != 3 || docs[0]["kibana.alert.workflow_reason"] != "duplicate" {
		t.Errorf("its documents: %v", docs)
	}
	if waiting, err := s.Waiting(ctx); err != nil || len(waiting) != 1 || waiting[0].Carried != 1 {
		t.Errorf("waiting %v, %v", waiting, err)
	}
	done := commit(t, s, &Commit{Now: minute(99), Caps: []Cap{{shell().UUID(), minute(99), 9}}})
	if done.Released != 1 {
		t.Errorf("released %+v", done.Counts)
	}
	var version int
	if err := s.read.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil || version != Version {
		t.Errorf("it is of version %d now, want %d; %v", version, Version, err)
	}
}

// writeFixture makes what TestVersions looks for.
func writeFixture(t *testing.T, path string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(ctx, disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	r := shell(suppressing(hour))
	commit(t, s, &Commit{
		Now: minute(9), Caps: []Cap{{r.UUID(), minute(5), 2}},
		Candidates: []*Candidate{
			candidate(t, s, r, "a1", "a", minute(0), "run"), candidate(t, s, r, "a2", "a", minute(1), "run"),
			candidate(t, s, r, "b1", "b", minute(2), "run"), candidate(t, s, r, "c1", "c", minute(3), "run"),
		},
		Positions: map[string]uint64{StreamPosition: 4},
	})
	seqs := []int64{1}
	if _, err := s.SetStatus(ctx, seqs, Closed, "duplicate", By{"ann", minute(10)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Tag(ctx, seqs, []string{"fixture"}, nil, By{"ann", minute(10)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenExisting(ctx, disk.OS{}, dir); !errors.Is(err, ErrNone) {
		t.Errorf("no state: %v", err)
	}
	s := opened(t, disk.OS{}, dir)
	if _, err := s.write.Exec("PRAGMA user_version = 2"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := OpenExisting(ctx, disk.OS{}, dir); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "has version 2, and this Tripline reads up to 1") {
			t.Errorf("a newer state: %v", err)
		}
	}
	if _, err := s.write.Exec("PRAGMA user_version = 1; PRAGMA application_id = 7"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, disk.OS{}, dir); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("another program's: %v", err)
	}
	if _, err := s.write.Exec("PRAGMA user_version = 0; PRAGMA application_id = 0"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, disk.OS{}, dir); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("tables that nobody says are ours: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, File), []byte(strings.Repeat("no database at all. ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, disk.OS{}, other); err == nil {
		t.Error("a file of text opens")
	}
	if data, err := os.ReadFile(filepath.Join(other, File)); err != nil || !strings.HasPrefix(string(data), "no database") {
		t.Error("the file of text was changed")
	}
}

// Two who open one state see what the other committed, and wait for each other.
func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	daemon, command := opened(t, disk.OS{}, dir), (*State)(nil)
	r := shell()
	commit(t, daemon, &Commit{Now: minute(0), Candidates: []*Candidate{candidate(t, daemon, r, "one", "a", minute(0), "run")}})
	command, err := OpenExisting(ctx, disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer command.Close() //nolint:errcheck // only read
	if only(t, command).Host != "a" {
		t.Fatal("the command does not see the daemon's alert")
	}
	// A reader in the middle of an answer keeps nobody from writing.
	answer, err := command.read.QueryContext(ctx, `SELECT seq FROM alerts`)
	if err != nil || !answer.Next() {
		t.Fatalf("no answer: %v", err)
	}
	const each = 50
	var wait sync.WaitGroup
	for _, s := range []*State{daemon, command} {
		wait.Go(func() {
			for i := range each {
				if s == command {
					if err := s.AddNote(ctx, []int64{1}, "note", By{"ann", minute(i)}); err != nil {
						t.Errorf("note %d: %v", i, err)
					}
				} else if _, err := s.Commit(ctx, &Commit{Now: minute(i), Positions: map[string]uint64{StreamPosition: uint64(i)}}); err != nil {
					t.Errorf("commit %d: %v", i, err)
				}
			}
		})
	}
	wait.Wait()
	if err := answer.Close(); err != nil {
		t.Fatal(err)
	}
	if notes, err := daemon.Notes(ctx, 1); err != nil || len(notes) != each {
		t.Errorf("the daemon sees %d notes, want %d; %v", len(notes), each, err)
	}
	if at, err := command.Arrival(ctx, StreamPosition); err != nil || at != each-1 {
		t.Errorf("the command sees the position %d; %v", at, err)
	}
}

// Without other processes there is one connection, and who opens the state has it.
func TestOneConnectionInMemory(t *testing.T) {
	fsys := fault.New()
	for range 2 {
		s, err := Open(ctx, fsys, "/data")
		if err != nil {
			t.Fatal(err)
		}
		if s.read != s.write {
			t.Error("there are two")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Every page of a list is found by an index, without sorting.
func TestListsGoByIndex(t *testing.T) {
	s := inMemory(t)
	for what, f := range map[string]Filter{
		"all": {}, "one status": {Status: []Status{StatusOpen}}, "two": {Status: []Status{StatusOpen, Acknowledged}},
		"rule": {Rule: shell().UUID()}, "host": {Host: "h"}, "severity and time": {Severity: "high", Since: minute(0)},
	} {
		where, args := f.where()
		plan, err := rows(ctx, s.read, func(scan func(...any) error) (string, error) {
			var a, b, c int
			var text string
			err := scan(&a, &b, &c, &text)
			return text, err
		}, "EXPLAIN QUERY PLAN SELECT "+alertColumns+" FROM alerts WHERE "+where+" AND (at, seq) < (?, ?) ORDER BY at DESC, seq DESC LIMIT 10", append(args, 1, 1)...)
		if err != nil {
			t.Fatal(err)
		}
		text := plan[0]
		if !strings.Contains(text, "USING INDEX alerts_by_") || strings.Contains(strings.Join(plan, "\n"), "FOR ORDER BY") && !strings.Contains(strings.Join(plan, "\n"), "tags") {
			t.Errorf("%s: %q", what, plan)
		}
	}
}
