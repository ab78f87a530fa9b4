package fault

import (
	"io"
	"io/fs"
	"slices"

	"github.com/tripline-sec/tripline/internal/disk"
)

// file is an open file. It goes on when its name is gone.
type file struct {
	fs       *FS
	node     *node
	name     string
	writable bool
	closed   bool
}

func (f *file) check() error {
	switch {
	case f.closed:
		return fs.ErrClosed
	case f.fs.stopped:
		return ErrStopped
	}
	return nil
}

// ReadAt implements [disk.File].
func (f *file) ReadAt(p []byte, offset int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check(); err != nil {
		return 0, failed("read", f.name, err)
	}
	if offset >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[offset:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// step is a change of the file under the lock; the caller unlocks.
func (f *file) step(op Op) (apply bool, err error) {
	apply, err = f.fs.begin(op, f.name)
	switch {
	case f.closed:
		return false, fs.ErrClosed
	case !f.writable && op != Sync:
		return false, fs.ErrPermission
	}
	return apply, err
}

// WriteAt implements [disk.File].
func (f *file) WriteAt(p []byte, offset int64) (int, error) {
	apply, err := f.step(Write)
	defer f.fs.mu.Unlock()
	written := len(p)
	if err != nil && !apply {
		written = 0
		if f.writable && !f.closed && !f.fs.readOnly && !f.fs.stopped {
			written = len(p) / 2
		}
	}
	if room := f.fs.capacity - f.fs.used; f.fs.capacity >= 0 && err == nil {
		if grow := offset + int64(len(p)) - int64(len(f.node.data)); grow > room {
			err = errFull
			written = max(0, len(p)-int(grow-max(0, room)))
		}
	}
	if written > 0 {
		f.apply(write{offset: offset, data: slices.Clone(p[:written])})
	}
	if err != nil {
		return written, failed("write", f.name, err)
	}
	return written, nil
}

func (f *file) apply(w write) {
	before := len(f.node.data)
	f.node.data = w.apply(f.node.data)
	f.node.writes = append(f.node.writes, w)
	f.fs.used += int64(len(f.node.data) - before)
}

// Truncate implements [disk.File].
func (f *file) Truncate(size int64) error {
	apply, err := f.step(Truncate)
	defer f.fs.mu.Unlock()
	if apply && f.writable && !f.closed {
		f.apply(write{offset: size})
	}
	if err != nil {
		return failed("truncate", f.name, err)
	}
	return nil
}

// Sync implements [disk.File].
func (f *file) Sync() error {
	apply, err := f.step(Sync)
	defer f.fs.mu.Unlock()
	switch {
	case err == nil:
		f.node.settle(durable)
		return nil
	case !apply && !f.fs.stopped:
		f.node.settle(doubted) // no later sync will write them
	}
	return failed("sync", f.name, err)
}

// Size implements [disk.File].
func (f *file) Size() (int64, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check(); err != nil {
		return 0, failed("stat", f.name, err)
	}
	return int64(len(f.node.data)), nil
}

// Close implements [disk.File]. It is no step: it promises nothing.
func (f *file) Close() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.closed {
		return failed("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	f.node.locks = slices.DeleteFunc(f.node.locks, func(l heldLock) bool { return l.by == f })
	return nil
}

// heldLock is a lock on a range of bytes.
type heldLock struct {
	by         *file
	start, end int64
	kind       disk.LockKind
}

// LockRange implements [disk.File].
func (f *file) LockRange(start, length int64, kind disk.LockKind) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.check(); err != nil {
		return failed("lock", f.name, err)
	}
	end := start + length
	var kept []heldLock
	for _, l := range f.node.locks {
		meets := l.start < end && start < l.end
		switch {
		case !meets:
			kept = append(kept, l)
		case l.by != f:
			if kind == disk.Exclusive || kind == disk.Shared && l.kind == disk.Exclusive {
				return failed("lock", f.name, disk.ErrLocked)
			}
			kept = append(kept, l)
		default: // ours: what is outside the range stays
			if l.start < start {
				kept = append(kept, heldLock{f, l.start, start, l.kind})
			}
			if end < l.end {
				kept = append(kept, heldLock{f, end, l.end, l.kind})
			}
		}
	}
	if kind != disk.Unlocked {
		kept = append(kept, heldLock{f, start, end, kind})
	}
	f.node.locks = kept
	return nil
}
