// Package disk is the only way to files for what must survive a crash: the
// event store, the state, the spools of sinks.
//
// It owns a small interface, the real file system behind it and the locks.
// Package fault implements the same interface in memory, knows what was synced,
// fails where it is told to and shows what a power cut would have left.
//
// Three promises that callers build on, and no more than these:
//
//   - what a file held when [File.Sync] returned nil is there after a crash;
//     of what was written since, any part may be there or not, in any order;
//   - names (created, renamed, removed) are there after a crash once
//     [FS.SyncDir] of their folder returned nil; a Sync of the file is not enough;
//   - a rename is whole or not there at all.
//
// After a Sync that failed nobody knows what reached the disk, and a later Sync
// that succeeds says nothing about it: give the file up and write another.
//
// Files are made with mode 0600 and folders with 0700. Files and folders may be
// used from several goroutines; a File belongs to its opener, who closes it.
package disk

import (
	"errors"
	"io"
	"io/fs"
)

// FS is a file system. Names are those of the operating system.
type FS interface {
	// OpenFile opens a file with flags of package os: O_RDONLY or O_RDWR, with
	// O_CREATE, O_EXCL and O_TRUNC. Appending is done by offset (see [Writer]).
	OpenFile(name string, flag int) (File, error)
	// Rename gives a file another name, in place of one that has it.
	Rename(from, to string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// Stat and ReadDir are as in package os; a missing name is [fs.ErrNotExist].
	Stat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	// MkdirAll makes a folder and those above it. Sync the folder that each new
	// one stands in: [MkdirSync] does.
	MkdirAll(name string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(name string) error
	// Lock takes the lock of a data folder, for its one writer, until the
	// Closer is closed or the process ends. The file that carries it is made if
	// it is missing, and stays. Taken by another: [ErrLocked].
	Lock(name string) (io.Closer, error)
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Truncate sets the size; what is added reads as zeros.
	Truncate(size int64) error
	// Sync returns when the content is durable.
	Sync() error
	Size() (int64, error)
	// LockRange takes, changes or gives up this open file's lock on a range of
	// bytes, at once: if others' locks forbid it, the answer is [ErrLocked].
	// Locks hold between open files, in one process too, and end with Close.
	LockRange(start, length int64, kind LockKind) error
}

// LockKind is what LockRange asks for.
type LockKind uint8

// The kinds of lock.
const (
	Unlocked LockKind = iota
	Shared
	Exclusive
)

// ErrLocked says that another holds the lock.
var ErrLocked = errors.New("locked by another")
