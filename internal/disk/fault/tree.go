package fault

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
)

// node is a file or a folder.
type node struct {
	folder bool

	// Of a folder: the names as they are seen, as they are on the disk, and the
	// changes between the two in order.
	names, synced map[string]*node
	pending       []change

	// Of a file: the same three. Writes that a failed sync has left in doubt, and
	// those behind them, stay in the list.
	data, safe []byte
	writes     []write
	locks      []heldLock
}

// change is one change of a folder: names that get a node or, nil, lose theirs.
type change struct {
	names []string
	nodes []*node
}

func (c change) apply(names map[string]*node) {
	for i, name := range c.names {
		if c.nodes[i] == nil {
			delete(names, name)
		} else {
			names[name] = c.nodes[i]
		}
	}
}

// write is one change of a file: bytes at an offset or, data nil, a size.
type write struct {
	offset int64
	data   []byte
	state  writeState
}

type writeState uint8

const (
	pending writeState = iota // not synced
	doubted                   // a sync of it failed: on the disk or not, whatever comes
	durable                   // synced, behind one that is doubted
)

func (w write) apply(content []byte) []byte {
	end := w.offset + int64(len(w.data))
	if w.data == nil && end < int64(len(content)) {
		return content[:end]
	}
	if grow := end - int64(len(content)); grow > 0 {
		old := len(content)
		content = slices.Grow(content, int(grow))[:end]
		clear(content[old:]) // what was cut off before may stand there
	}
	copy(content[w.offset:], w.data)
	return content
}

func newFolder() *node {
	return &node{folder: true, names: map[string]*node{}, synced: map[string]*node{}}
}

func (n *node) change(c change) {
	c.apply(n.names)
	n.pending = append(n.pending, c)
}

// settle gives pending writes the state that a sync left them in, and takes in what
// is durable from the start.
func (n *node) settle(state writeState) {
	kept := n.writes[:0]
	for _, w := range n.writes {
		if w.state == pending {
			w.state = state
		}
		if w.state == durable && len(kept) == 0 {
			n.safe = w.apply(n.safe)
			continue
		}
		kept = append(kept, w)
	}
	n.writes = kept
}

// walk finds a node and the folder it stands in. The folder is nil if it is not
// there, the node if the name is not.
func (f *FS) walk(name string) (folder, found *node, base string) {
	name = strings.TrimPrefix(clean(name), "/")
	if name == "." || name == "" {
		return f.root, f.root, "."
	}
	folder = f.root
	parts := strings.Split(name, "/")
	for _, part := range parts[:len(parts)-1] {
		folder = folder.names[part]
		if folder == nil || !folder.folder {
			return nil, nil, ""
		}
	}
	base = parts[len(parts)-1]
	return folder, folder.names[base], base
}

// OpenFile implements [disk.FS].
func (f *FS) OpenFile(name string, flag int) (disk.File, error) {
	f.mu.Lock()
	_, found, _ := f.walk(name)
	stopped, readOnly := f.stopped, f.readOnly
	f.mu.Unlock()
	writable := flag&(os.O_RDWR|os.O_WRONLY) != 0
	switch {
	case stopped:
		return nil, failed("open", name, ErrStopped)
	case found != nil && writable && readOnly:
		return nil, failed("open", name, errReadOnly)
	case found == nil && flag&os.O_CREATE == 0:
		return nil, failed("open", name, fs.ErrNotExist)
	case found != nil && flag&(os.O_CREATE|os.O_EXCL) == os.O_CREATE|os.O_EXCL:
		return nil, failed("open", name, fs.ErrExist)
	case found == nil:
		if err := f.create(name); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	_, found, _ = f.walk(name)
	f.mu.Unlock()
	switch {
	case found == nil:
		return nil, failed("open", name, fs.ErrNotExist)
	case found.folder:
		return nil, failed("open", name, errors.New("is a folder"))
	}
	file := &file{fs: f, node: found, name: name, writable: writable}
	if size, err := file.Size(); flag&os.O_TRUNC != 0 && (err != nil || size > 0) {
		if err := file.Truncate(0); err != nil {
			return nil, err
		}
	}
	return file, nil
}

func (f *FS) create(name string) error {
	apply, err := f.begin(Create, name)
	defer f.mu.Unlock()
	folder, found, base := f.walk(name)
	switch {
	case err == nil && folder == nil:
		return failed("create", name, fs.ErrNotExist)
	case err == nil && f.full():
		return failed("create", name, errFull)
	case apply && folder != nil && found == nil:
		folder.change(change{[]string{base}, []*node{{}}})
	}
	if err != nil {
		return failed("create", name, err)
	}
	return nil
}

func (f *FS) full() bool { return f.capacity >= 0 && f.used >= f.capacity }

// Rename implements [disk.FS]. It keeps to one folder, as a change of two could
// come apart on the disk.
func (f *FS) Rename(from, to string) error {
	apply, err := f.begin(Rename, to)
	defer f.mu.Unlock()
	if path.Dir(clean(from)) != path.Dir(clean(to)) {
		return failed("rename", to, errors.New("another folder"))
	}
	folder, found, base := f.walk(from)
	_, over, next := f.walk(to)
	if err == nil && found == nil {
		return failed("rename", from, fs.ErrNotExist)
	}
	if apply && found != nil && found != over {
		if over != nil {
			f.used -= int64(len(over.data))
		}
		folder.change(change{[]string{base, next}, []*node{nil, found}})
	}
	if err != nil {
		return failed("rename", to, err)
	}
	return nil
}

// Remove implements [disk.FS].
func (f *FS) Remove(name string) error {
	apply, err := f.begin(Remove, name)
	defer f.mu.Unlock()
	folder, found, base := f.walk(name)
	switch {
	case err == nil && found == nil:
		return failed("remove", name, fs.ErrNotExist)
	case err == nil && len(found.names) > 0:
		return failed("remove", name, errors.New("folder not empty"))
	case apply && found != nil && len(found.names) == 0:
		f.used -= int64(len(found.data))
		folder.change(change{[]string{base}, []*node{nil}})
	}
	if err != nil {
		return failed("remove", name, err)
	}
	return nil
}

// MkdirAll implements [disk.FS].
func (f *FS) MkdirAll(name string) error {
	name = clean(name)
	f.mu.Lock()
	_, found, _ := f.walk(name)
	f.mu.Unlock()
	if found != nil {
		if !found.folder {
			return failed("mkdir", name, fs.ErrExist)
		}
		return nil
	}
	if parent := path.Dir(name); parent != name {
		if err := f.MkdirAll(parent); err != nil {
			return err
		}
	}
	apply, err := f.begin(Mkdir, name)
	defer f.mu.Unlock()
	folder, found, base := f.walk(name)
	switch {
	case err == nil && f.full():
		return failed("mkdir", name, errFull)
	case apply && folder != nil && found == nil:
		folder.change(change{[]string{base}, []*node{newFolder()}})
	}
	if err != nil {
		return failed("mkdir", name, err)
	}
	return nil
}

// SyncDir implements [disk.FS].
func (f *FS) SyncDir(name string) error {
	apply, err := f.begin(SyncDir, name)
	defer f.mu.Unlock()
	_, found, _ := f.walk(name)
	if err == nil && (found == nil || !found.folder) {
		return failed("sync", name, fs.ErrNotExist)
	}
	if err != nil {
		return failed("sync", name, err)
	}
	if apply {
		for _, c := range found.pending {
			c.apply(found.synced)
		}
		found.pending = nil
	}
	return nil
}

// Stat implements [disk.FS].
func (f *FS) Stat(name string) (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, found, base := f.walk(name)
	switch {
	case f.stopped:
		return nil, failed("stat", name, ErrStopped)
	case found == nil:
		return nil, failed("stat", name, fs.ErrNotExist)
	}
	return info{base, int64(len(found.data)), found.folder}, nil
}

// ReadDir implements [disk.FS].
func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, found, _ := f.walk(name)
	switch {
	case f.stopped:
		return nil, failed("open", name, ErrStopped)
	case found == nil || !found.folder:
		return nil, failed("open", name, fs.ErrNotExist)
	}
	var entries []fs.DirEntry
	for base, n := range found.names {
		entries = append(entries, fs.FileInfoToDirEntry(info{base, int64(len(n.data)), n.folder}))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Lock implements [disk.FS]. It is no step, and a crash ends it.
func (f *FS) Lock(name string) (io.Closer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name = clean(name)
	if f.locked[name] {
		return nil, failed("lock", name, disk.ErrLocked)
	}
	f.locked[name] = true
	return &folderLock{f, name}, nil
}

type folderLock struct {
	fs   *FS
	name string
}

func (l *folderLock) Close() error {
	l.fs.mu.Lock()
	defer l.fs.mu.Unlock()
	delete(l.fs.locked, l.name)
	return nil
}

// info is what Stat tells. There are no times in this file system.
type info struct {
	name   string
	size   int64
	folder bool
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.folder }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.folder {
		return fs.ModeDir | 0o700
	}
	return 0o600
}
