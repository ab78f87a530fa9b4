// Package watch tells when files are saved: those that were named, and those in
// folders that were named, new ones included.
//
// It watches folders and not files, because an editor that saves by writing a
// new file and renaming it would otherwise be watched once. A save is several
// events; they are taken together until it has been quiet for a moment. Cost: one
// watch of the operating system a folder; hidden files and folders, and what
// editors leave beside a file, are passed over.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Quiet is how long nothing may happen before a save counts as done.
const Quiet = 50 * time.Millisecond

// patience is how long a folder in which something happens all the time may put
// off the news, in Quiets.
const patience = 10

// Watcher watches files and folders. It is not safe for concurrent use; Close
// ends it.
type Watcher struct {
	system *fsnotify.Watcher
	quiet  time.Duration

	files   map[string]string // path as watched, to the name it was given
	folders map[string]string
}

// New watches what is named, from now on. What is not there is watched for in
// its folder; it may turn out to be a folder itself.
func New(paths []string) (*Watcher, error) {
	system, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	w := &Watcher{system: system, quiet: Quiet, files: map[string]string{}, folders: map[string]string{}}
	for _, path := range paths {
		if err := w.add(path); err != nil {
			return nil, errors.Join(err, system.Close())
		}
	}
	return w, nil
}

// Close ends the watching.
func (w *Watcher) Close() error { return w.system.Close() }

// add watches one named path, and where it leads if it is a link.
func (w *Watcher) add(given string) error {
	path, err := filepath.Abs(given)
	if err != nil {
		return fmt.Errorf("watch %s: %w", given, err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		w.folders[path] = given
		if err := w.tree(path); err != nil {
			return err
		}
		// Should it be removed and made again, its own folder tells. One that
		// may not be watched is no reason to fail.
		_ = w.system.Add(filepath.Dir(path))
		return nil
	}
	w.files[path] = given
	if target, err := filepath.EvalSymlinks(path); err == nil && target != path {
		w.files[target] = given
		if err := w.folder(filepath.Dir(target)); err != nil {
			return err
		}
	}
	return w.folder(filepath.Dir(path))
}

func (w *Watcher) folder(path string) error {
	if err := w.system.Add(path); err != nil {
		return fmt.Errorf("watch folder %s: %w", path, err)
	}
	return nil
}

// tree watches a folder and those below it, but the hidden ones.
func (w *Watcher) tree(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			return fmt.Errorf("watch folder: %w", err)
		case err != nil:
			return nil //nolint:nilerr // gone since, or not ours to read: the reader of the folder says so
		case !d.IsDir():
			return nil
		case path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		}
		return w.folder(path)
	})
}

// Next waits until something was saved and returns the paths that changed,
// sorted, named the way they were given. When the system has lost track of
// events it returns all that was named. An error is the context's, or that of
// the system.
func (w *Watcher) Next(ctx context.Context) ([]string, error) {
	changed := map[string]bool{}
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	var deadline <-chan time.Time
	done := func() ([]string, error) { return slices.Sorted(maps.Keys(changed)), nil }
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-quiet.C:
			return done()
		case <-deadline:
			return done()
		case e, ok := <-w.system.Events:
			if !ok {
				return nil, errors.New("watch files: the watch has ended")
			}
			if !w.note(e, changed) {
				continue
			}
		case err, ok := <-w.system.Errors:
			if !ok {
				return nil, errors.New("watch files: the watch has ended")
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return nil, fmt.Errorf("watch files: %w", err)
			}
			for _, named := range []map[string]string{w.files, w.folders} {
				for _, given := range named {
					changed[given] = true
				}
			}
		}
		quiet.Reset(w.quiet)
		if deadline == nil {
			deadline = time.After(patience * w.quiet)
		}
	}
}

// note takes in what the system says and reports whether it is news.
func (w *Watcher) note(e fsnotify.Event, changed map[string]bool) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	name, ours := w.given(e.Name)
	if !ours {
		return false
	}
	if e.Has(fsnotify.Create) {
		if info, err := os.Stat(e.Name); err == nil && info.IsDir() {
			// What is in it already made no event of its own. A folder that is
			// gone again is told as such.
			if given, named := w.files[e.Name]; named {
				w.folders[e.Name] = given // it was not there before
			}
			_ = w.tree(e.Name)
		}
	}
	changed[name] = true
	return true
}

// given returns the name of a path as the user would write it, and whether it
// is watched at all.
func (w *Watcher) given(path string) (string, bool) {
	if name, ok := w.files[path]; ok {
		return name, true
	}
	for root, given := range w.folders {
		below, err := filepath.Rel(root, path)
		if err != nil || below == ".." || strings.HasPrefix(below, ".."+string(filepath.Separator)) {
			continue
		}
		if below == "." {
			return given, true
		}
		if passedOver(below) {
			return "", false
		}
		return filepath.Join(given, below), true
	}
	return "", false
}

// passedOver reports whether a path below a folder is hidden or an editor's:
// backups (name~), and the file by which vim tries whether it may write (4913).
func passedOver(below string) bool {
	for part := range strings.SplitSeq(below, string(filepath.Separator)) {
		if strings.HasPrefix(part, ".") {
			return true
		}
	}
	base := filepath.Base(below)
	return strings.HasSuffix(base, "~") || strings.HasPrefix(base, "#") || base == "4913"
}
