package live

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// mostOpen is how many files are held open.
const mostOpen = 512

// discover looks for files, and at which names those that are followed have.
func (f *Follow) discover() {
	f.rescan = false
	seen := map[*tail]bool{}
	for _, path := range f.paths() {
		info, err := os.Stat(path)
		if err != nil {
			continue // not there yet, or gone since
		}
		if !info.Mode().IsRegular() {
			f.tellOnce(path, errors.New("not a regular file"))
			continue
		}
		t := f.find(info)
		if t == nil {
			if t = f.begin(path, path, info); t == nil {
				continue
			}
		}
		if !seen[t] && t.path != path { // of several names the first is told
			t.path, f.dirty = path, true
		}
		seen[t] = true
		t.named, t.quiet = true, time.Time{}
		if t.file == nil && (info.Size() != t.size || !info.ModTime().Equal(t.changed)) {
			f.open(t)
		}
	}
	for _, t := range slices.Clone(f.tails) {
		if seen[t] {
			continue
		}
		if t.named {
			t.named = false
			f.between(t.origin, t.file)
		}
		if t.file == nil {
			f.open(t) // what was added after it was closed
		}
	}
	f.keepRests()
	f.findRests()
	f.limitOpen()
	f.fresh = false
}

// find returns the tail of a file.
func (f *Follow) find(info fs.FileInfo) *tail {
	for _, t := range f.tails {
		if os.SameFile(t.info, info) {
			return t
		}
	}
	return nil
}

// begin follows a new file: from where it was left, or where the one was read that it
// is a copy of; else from its start. nil: not, or not yet.
func (f *Follow) begin(path, origin string, info fs.FileInfo) *tail {
	file, err := os.Open(path)
	if err != nil {
		f.tellOnce(path, err)
		return nil
	}
	t := &tail{path: path, origin: origin, file: file, info: info}
	if now, err := file.Stat(); err == nil {
		t.info = now // the name may stand for another one since
	}
	t.size = t.info.Size()
	switch {
	case f.resume(t):
	case f.copied(t):
		_ = file.Close() // it was only read
		return nil
	case f.fresh && f.opts.FromEnd:
		t.offset = lineStart(file, t.info.Size())
	}
	delete(f.told, path)
	if t.offset > 0 {
		t.known, _ = knownOf(file, t.offset)
	}
	f.tails = append(f.tails, t)
	f.dirty = true
	return t
}

// resume finds the stored position of a file: by its number, or by its name, since
// numbers of devices change; its content must fit in both cases.
func (f *Follow) resume(t *tail) bool {
	device, inode := idOf(t.info)
	for _, same := range []func(p *position) bool{
		func(p *position) bool { return inode != 0 && p.Device == device && p.Inode == inode },
		func(p *position) bool { return p.Path == t.path },
	} {
		for i := range f.stored {
			if p := &f.stored[i]; same(p) && p.fits(t.file) {
				t.offset, t.line, t.origin = p.Offset, p.Line, p.Origin
				f.stored = slices.Delete(f.stored, i, i+1)
				return true
			}
		}
	}
	return false
}

// lineStart returns where the last line begins that has no end yet.
func lineStart(file io.ReaderAt, size int64) int64 {
	buf := make([]byte, 64<<10)
	for to := size; to > 0; {
		part := buf[:min(int64(len(buf)), to)]
		if _, err := file.ReadAt(part, to-int64(len(part))); err != nil && !errors.Is(err, io.EOF) {
			return 0
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return to - int64(len(part)) + int64(i) + 1
		}
		to -= int64(len(part))
	}
	return 0
}

// open opens a file again that was closed. If another stands under its name, it is
// looked for as what rotation made of it.
func (f *Follow) open(t *tail) {
	file, err := os.Open(t.path)
	if err == nil {
		var info fs.FileInfo
		if info, err = file.Stat(); err == nil && os.SameFile(info, t.info) {
			t.file, t.size, t.broken = file, info.Size(), false
			return
		}
		_ = file.Close() // it was only read
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.unreadable(t, err)
		return
	}
	f.rests = append(f.rests, rest{position: t.position(), fits: t.known.fits})
	f.drop(t)
}

// limitOpen closes files in which nothing happens if many are open.
func (f *Follow) limitOpen() {
	open := 0
	for _, t := range slices.Backward(f.tails) {
		if t.file == nil {
			continue
		}
		if open++; open > mostOpen && t.named && t.behind() == 0 && t.scanned == 0 {
			t.close()
		}
	}
}

// paths returns the files that are to be followed, and has their folders watched.
func (f *Follow) paths() []string {
	found := map[string]bool{}
	for _, path := range f.opts.Paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			f.walk(path, found)
			continue
		}
		matches, err := filepath.Glob(path)
		if err != nil || len(matches) == 0 {
			matches = []string{path} // a name may hold what a pattern would mean
		}
		for _, match := range matches {
			if info, err := os.Stat(match); err == nil && info.IsDir() {
				f.walk(match, found)
				continue
			}
			found[match] = true
			f.watch(filepath.Dir(match))
		}
		if folders, err := filepath.Glob(filepath.Dir(path)); err == nil {
			for _, folder := range folders {
				f.watch(folder)
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// walk finds the files of a folder.
func (f *Follow) walk(root string, found map[string]bool) {
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if !errors.Is(err, fs.ErrNotExist) {
				f.tellOnce(path, err)
			}
			return nil
		case path != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			f.watch(path)
			return nil
		}
		if f.holdsJSON(path) {
			found[path] = true
		}
		return nil
	})
}

// holdsJSON reports whether a file of a folder is followed: one that is, or one that
// begins with an object. An empty one is waited for.
func (f *Follow) holdsJSON(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	_, inode := idOf(info)
	if was, ok := f.left[path]; ok && was == inode {
		return false
	}
	if info.Size() == 0 || f.find(info) != nil {
		return f.find(info) != nil
	}
	file, err := os.Open(path)
	if err != nil {
		return true // it is told of where it is read
	}
	defer file.Close()
	begin := make([]byte, 64)
	n, err := file.ReadAt(begin, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return true
	}
	text := trim(begin[:n])
	if len(text) == 0 {
		return false
	}
	if text[0] != '{' {
		f.left[path] = inode
		f.opts.Log.Info("file does not begin with a JSON object and is not followed", "file", path)
		return false
	}
	return true
}

// watch has the system tell of changes in a folder.
func (f *Follow) watch(folder string) {
	if f.notifier == nil || f.watched[folder] {
		return
	}
	err := f.notifier.Add(folder)
	if err == nil {
		f.watched[folder] = true
	} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fsnotify.ErrClosed) {
		f.watched[folder] = true // it is looked at now and then
		f.opts.Log.Warn("the system does not tell of changes in a folder; it is looked at now and then", "folder", folder, "error", err)
	}
}
