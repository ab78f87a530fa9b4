package source_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/source"
)

// reading is what one Reader gave.
type reading struct {
	docs  []*event.Document
	bad   []string
	stats source.Stats
}

func readKept(t *testing.T, kept *source.Kept, path string) reading {
	t.Helper()
	r := source.Open([]string{path}, nil, source.Options{Kept: kept})
	var got reading
	for item := range r.All() {
		if item.Problem != nil {
			got.bad = append(got.bad, item.Problem.Error())
			continue
		}
		got.docs = append(got.docs, item.Document)
	}
	got.stats = r.Stats()
	return got
}

// A second reading gives what a first one would, and reads only what has changed.
func TestKeptFilesAreNotReadAgain(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.ndjson": `{"n":1}` + "\n" + `broken` + "\n" + `{"n":2}` + "\n",
		"b.ndjson": `{"n":3}` + "\n",
		"notes.md": "no JSON\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept := source.NewKept()
	first := readKept(t, kept, dir)
	if !kept.Done() {
		t.Error("a first reading is told to be the same as the one before")
	}
	second := readKept(t, kept, dir)
	if kept.Done() {
		t.Error("a reading of the same files is told to be another")
	}
	if plain := readKept(t, nil, dir); !reflect.DeepEqual(plain.stats, first.stats) || !reflect.DeepEqual(plain.stats, second.stats) ||
		!reflect.DeepEqual(plain.bad, second.bad) {
		t.Errorf("a plain reading gives\n%+v\n%q\nkept ones\n%+v\n%+v\n%q", plain.stats, plain.bad, first.stats, second.stats, second.bad)
	}
	for i := range first.docs {
		if first.docs[i] != second.docs[i] {
			t.Errorf("document %d was decoded again", i)
		}
	}

	// One document more at the front: b's moves, and is not decoded again.
	if err := os.WriteFile(filepath.Join(dir, "a.ndjson"), []byte("{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	third := readKept(t, kept, dir)
	if !kept.Done() {
		t.Error("a changed file is not told")
	}
	plain := readKept(t, nil, dir)
	if !reflect.DeepEqual(plain.stats, third.stats) || len(third.bad) > 0 {
		t.Errorf("stats %+v, want %+v; bad %q", third.stats, plain.stats, third.bad)
	}
	for i, d := range third.docs {
		if d.Text("n") != plain.docs[i].Text("n") || d.Arrival != uint64(i)+1 {
			t.Errorf("document %d is %s with number %d", i, d.Raw, d.Arrival)
		}
	}
	if moved := third.docs[3]; &moved.Raw[0] != &first.docs[2].Raw[0] {
		t.Error("a file that did not change was read again")
	}
}

func TestForgottenAndRemovedFilesAreNotKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.ndjson")
	if err := os.WriteFile(path, []byte(`{"n":1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	kept := source.NewKept()
	readKept(t, kept, dir)
	kept.Done()
	// The same size and time: only Forget can tell.
	if err := os.WriteFile(path, []byte(`{"n":2}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	kept.Forget(path)
	if got := readKept(t, kept, dir); got.docs[0].Text("n") != "2" {
		t.Errorf("the old document was given: %s", got.docs[0].Raw)
	}
	kept.Done()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := readKept(t, kept, dir); len(got.docs) != 0 || !kept.Done() {
		t.Errorf("%d documents of a removed file", len(got.docs))
	}
}
