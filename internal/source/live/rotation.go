package live

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rest is what was not read of a file that is not there any more under its name: it
// is looked for in the files that rotation made of it.
type rest struct {
	position
	fits  func(file io.ReaderAt, offset int64) bool
	tries int
}

// waiting is a new file that may be a copy in the making of one that is followed.
type waiting struct {
	size  int64
	tries int
}

const (
	mostTries = 10 // how often a rest is looked for
	mostStill = 3  // how often a copy in the making is waited for that does not grow
)

// copied sets the position of a file that is a copy of one that is, or was, followed:
// what they have in common was read. It reports whether the copying is still going
// on.
func (f *Follow) copied(t *tail) (unfinished bool) {
	size := t.info.Size()
	for i := range f.rests {
		if r := &f.rests[i]; r.Offset > 0 && r.fits(t.file, r.Offset) {
			t.offset, t.line = r.Offset, r.Line
			f.rests = slices.Delete(f.rests, i, i+1)
			return false
		}
	}
	for _, one := range f.tails {
		switch {
		case one.offset == 0:
		case size >= one.offset:
			if one.known.fits(t.file, one.offset) && one.offset > t.offset {
				t.offset, t.line = one.offset, one.line
			}
		case size > 0 && f.begins(t.file, size, one.known.head):
			unfinished = true
		}
	}
	if unfinished {
		w := f.waits[t.path]
		if w == nil {
			w = &waiting{}
			f.waits[t.path] = w
		}
		if w.tries++; w.size != size {
			w.size, w.tries = size, 0
		}
		unfinished = w.tries < mostStill
	}
	if !unfinished {
		delete(f.waits, t.path)
	}
	return unfinished && t.offset == 0
}

// begins reports whether a file begins as another does.
func (f *Follow) begins(file io.ReaderAt, size int64, head []byte) bool {
	head = head[:min(int64(len(head)), size)]
	now := make([]byte, len(head))
	_, err := file.ReadAt(now, 0)
	return err == nil && bytes.Equal(now, head)
}

// keepRests makes what was stored of files that are not there under their names
// something to look for.
func (f *Follow) keepRests() {
	for _, p := range f.stored {
		f.rests = append(f.rests, rest{position: p, fits: func(file io.ReaderAt, _ int64) bool { return p.fits(file) }})
	}
	f.stored = nil
}

// findRests looks for what was not read of files that were cut, replaced or moved
// away while nobody looked.
func (f *Follow) findRests() {
	var open []rest
	for _, r := range f.rests {
		if f.findRest(&r) {
			f.dirty = true
			continue
		}
		if r.tries++; r.tries < mostTries {
			open = append(open, r)
			continue
		}
		f.dirty = true
		f.opts.Log.Warn("file is gone or was emptied; what was added to it since it was last read may be lost", "file", r.Path, "read", r.Offset)
	}
	f.rests = open
}

// siblings calls do for the files whose names begin as a path does, in its folder,
// until it returns true.
func siblings(of string, do func(path string, info fs.FileInfo) bool) bool {
	entries, err := os.ReadDir(filepath.Dir(of))
	if err != nil {
		return false
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), filepath.Base(of)) {
			continue
		}
		path := filepath.Join(filepath.Dir(of), entry.Name())
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && do(path, info) {
			return true
		}
	}
	return false
}

// between finds the files that were made after one that was moved away, and moved
// away themselves before anybody saw them: rotation may be quicker than we are, or
// may have gone on while nobody looked.
func (f *Follow) between(path string, file *os.File) {
	if file == nil {
		return
	}
	info, err := file.Stat()
	if err != nil {
		return
	}
	siblings(path, func(name string, other fs.FileInfo) bool {
		if name != path && !other.ModTime().Before(info.ModTime()) && f.find(other) == nil && f.holdsJSON(name) {
			f.begin(name, path, other)
		}
		return false
	})
}

func (f *Follow) findRest(r *rest) bool {
	return siblings(r.Origin, func(path string, info fs.FileInfo) bool {
		device, inode := idOf(info)
		same := inode != 0 && device == r.Device && inode == r.Inode
		if r.Offset == 0 && !same {
			return false // nothing tells it from others
		}
		file, err := os.Open(path)
		if err != nil {
			return false
		}
		if !r.fits(file, r.Offset) {
			_ = file.Close() // it was only read
			return false
		}
		t := f.find(info)
		if t != nil && t.offset > 0 { // it is read already
			_ = file.Close() // it was only read
			return true
		}
		if t == nil {
			t = &tail{path: path, origin: r.Origin, info: info, size: info.Size()}
			f.tails = append(f.tails, t)
		}
		t.close()
		t.file, t.offset, t.line, t.scanned = file, r.Offset, r.Line, 0
		t.known, _ = knownOf(file, r.Offset)
		f.between(r.Origin, file)
		return true
	})
}
