package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// next returns what the watcher tells next. The time limit only ends a test that
// has failed.
func next(t *testing.T, w *Watcher) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	changed, err := w.Next(ctx)
	if err != nil {
		t.Fatalf("nothing was told: %v", err)
	}
	return changed
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func watcher(t *testing.T, paths ...string) *Watcher {
	t.Helper()
	w, err := New(paths)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestSavesAreTold(t *testing.T) {
	for name, save := range map[string]func(t *testing.T, path string){
		"written in place": func(t *testing.T, path string) { t.Helper(); write(t, path, "new") },
		"renamed over, as editors do": func(t *testing.T, path string) {
			t.Helper()
			beside := filepath.Join(filepath.Dir(path), ".swap")
			write(t, beside, "new")
			if err := os.Rename(beside, path); err != nil {
				t.Fatal(err)
			}
		},
		"moved away and written anew": func(t *testing.T, path string) {
			t.Helper()
			if err := os.Rename(path, path+"~"); err != nil {
				t.Fatal(err)
			}
			write(t, path, "new")
		},
		"removed": func(t *testing.T, path string) {
			t.Helper()
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.toml")
			write(t, path, "old")
			byName, byFolder := watcher(t, path), watcher(t, dir)
			for range 2 { // a second save is told like the first
				save(t, path)
				for _, w := range []*Watcher{byName, byFolder} {
					if got := next(t, w); !slices.Equal(got, []string{path}) {
						t.Errorf("told %q, want %q", got, path)
					}
				}
				write(t, path, "old")
				next(t, byName)
				next(t, byFolder)
			}
		})
	}
}

func TestWhatIsNotNamedIsNotTold(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.toml")
	write(t, path, "old")
	w := watcher(t, path)
	write(t, filepath.Join(dir, "other.toml"), "x")
	write(t, path, "new")
	if got := next(t, w); !slices.Equal(got, []string{path}) {
		t.Errorf("told %q, want only %q", got, path)
	}
}

func TestHiddenAndEditorsFilesAreNotTold(t *testing.T) {
	dir := t.TempDir()
	w := watcher(t, dir)
	for _, name := range []string{".a.swp", "a.toml~", "4913", "#a.toml#"} {
		write(t, filepath.Join(dir, name), "x")
	}
	write(t, filepath.Join(dir, "a.toml"), "x")
	if got := next(t, w); !slices.Equal(got, []string{filepath.Join(dir, "a.toml")}) {
		t.Errorf("told %q", got)
	}
}

func TestNewFoldersAreWatched(t *testing.T) {
	dir := t.TempDir()
	w := watcher(t, dir)
	below := filepath.Join(dir, "sub")
	if err := os.Mkdir(below, 0o755); err != nil {
		t.Fatal(err)
	}
	next(t, w)
	write(t, filepath.Join(below, "a.toml"), "x")
	if got := next(t, w); !slices.Equal(got, []string{filepath.Join(below, "a.toml")}) {
		t.Errorf("told %q", got)
	}
}

func TestFileBehindALinkIsWatched(t *testing.T) {
	target, link := filepath.Join(t.TempDir(), "real.toml"), filepath.Join(t.TempDir(), "link.toml")
	write(t, target, "old")
	if err := os.Symlink(target, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	w := watcher(t, link)
	write(t, target, "new")
	if got := next(t, w); !slices.Equal(got, []string{link}) {
		t.Errorf("told %q, want the name that was given, %q", got, link)
	}
}

func TestNamesStayAsTheyWereGiven(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	w := watcher(t, ".")
	write(t, "a.toml", "x")
	if got := next(t, w); !slices.Equal(got, []string{"a.toml"}) {
		t.Errorf("told %q", got)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	w := watcher(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestMissingFolderIsAnError(t *testing.T) {
	if _, err := New([]string{filepath.Join(t.TempDir(), "no", "such.toml")}); err == nil {
		t.Error("no error")
	}
}

// A folder that was named before it was there is watched like any other.
func TestFolderThatComesLaterIsWatched(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "later")
	w := watcher(t, folder)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := next(t, w); !slices.Equal(got, []string{folder}) {
		t.Fatalf("told %q", got)
	}
	file := filepath.Join(folder, "a.toml")
	write(t, file, "new")
	if got := next(t, w); !slices.Equal(got, []string{file}) {
		t.Errorf("told %q", got)
	}
}
