// Package fault is a file system in memory that fails where a test tells it to,
// and shows what a power cut would have left on the disk.
//
// It is as harsh as [disk.FS] allows: a write is durable only after a Sync of
// the file that came back nil, a name only after a SyncDir of its folder. What
// was pending when the power went may be there, torn or absent, each write and
// each name on its own ([FS.Crash]). What was pending when a Sync failed stays so
// for good: it can be read, later Syncs succeed and do not write it, as on Linux.
//
// Each operation that changes something is a step: create, write, truncate, sync,
// rename, remove, make a folder, sync a folder. Steps are counted from 1 and the
// same program over the same FS takes the same ones, so that a test can run once,
// ask [FS.Steps], and then fail or stop at each.
//
// An FS and its files may be used from several goroutines. Everything is kept for
// as long as the FS lives: what is pending costs twice.
package fault

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
)

// ErrStopped is the error of every operation after the power went.
var ErrStopped = errors.New("the power is off")

// Op is what a step does.
type Op uint8

// The operations that are steps.
const (
	Create Op = iota
	Write
	Truncate
	Sync
	Rename
	Remove
	Mkdir
	SyncDir
)

var opNames = [...]string{"create", "write", "truncate", "sync", "rename", "remove", "mkdir", "syncdir"}

func (op Op) String() string { return opNames[op] }

// Step is one operation that changes something.
type Step struct {
	Number int
	Op     Op
	Name   string // of a rename, the new one
}

// FS is the file system. Make one with [New].
type FS struct {
	mu       sync.Mutex
	root     *node
	locked   map[string]bool // the locks of data folders
	steps    int
	failures map[int]error
	stopAt   int // 0: never
	stopped  bool
	readOnly bool
	capacity int64 // less than 0: no limit
	used     int64
	slow     time.Duration
	watch    func(Step) error
}

var _ disk.FS = (*FS)(nil)

// New makes an empty file system: a root, no files.
func New() *FS {
	return &FS{root: newFolder(), locked: map[string]bool{}, failures: map[int]error{}, capacity: -1}
}

// Steps says how many steps were taken.
func (f *FS) Steps() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.steps
}

// FailAt makes one step fail, and none after it. A write that fails has written
// the first half; of other operations nothing happens.
func (f *FS) FailAt(step int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures[step] = err
}

// StopAt is where the power goes: the step may still reach the disk, as what is
// pending may, but neither it nor anything after it comes back with success.
// What has stopped is of use to Crash alone.
func (f *FS) StopAt(step int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopAt = step
}

// Stop is StopAt the next step, and reads fail at once.
func (f *FS) Stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
}

// Limit sets how many bytes the files may hold from now on; less than 0 is no
// limit. A write beyond it writes what fits and fails with a full disk, as do a
// new file and a new folder when there is no byte left.
func (f *FS) Limit(bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.capacity = bytes
}

// Used says how many bytes the files hold.
func (f *FS) Used() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.used
}

// SetReadOnly makes every step fail as on a file system mounted read only, or
// ends that.
func (f *FS) SetReadOnly(readOnly bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.readOnly = readOnly
}

// SetSlow makes each step take this long. In a test bubble (testing/synctest)
// that costs no time.
func (f *FS) SetSlow(each time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = each
}

// Watch calls a function before each step, outside all locks; it may wait. An
// error of it is the step's.
func (f *FS) Watch(watch func(Step) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watch = watch
}

// begin counts a step and says how it ends: with apply, it happens although it
// may be told to have failed.
func (f *FS) begin(op Op, name string) (apply bool, err error) {
	f.mu.Lock()
	f.steps++
	step, slow, watch := Step{f.steps, op, name}, f.slow, f.watch
	f.mu.Unlock()
	if slow > 0 {
		time.Sleep(slow)
	}
	if watch != nil {
		err = watch(step)
	}
	f.mu.Lock() // the caller unlocks
	switch {
	case f.stopped:
		return false, ErrStopped
	case f.stopAt > 0 && step.Number >= f.stopAt:
		f.stopped = true
		return true, ErrStopped
	case err != nil:
		return false, err
	case f.readOnly:
		return false, errReadOnly
	}
	if err := f.failures[step.Number]; err != nil {
		return false, err
	}
	return true, nil
}

func failed(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

func clean(name string) string { return filepath.ToSlash(filepath.Clean(name)) }
