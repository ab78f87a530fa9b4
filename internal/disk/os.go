package disk

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// OS is the file system of the machine.
type OS struct{}

var _ FS = OS{}

// OpenFile implements [FS].
func (OS) OpenFile(name string, flag int) (File, error) {
	file, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{file}, nil
}

// Rename implements [FS].
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements [FS].
func (OS) Remove(name string) error { return os.Remove(name) }

// Stat implements [FS].
func (OS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// ReadDir implements [FS].
func (OS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// MkdirAll implements [FS].
func (OS) MkdirAll(name string) error { return os.MkdirAll(name, 0o700) }

// SyncDir implements [FS].
func (OS) SyncDir(name string) error { return syncDir(name) }

// Lock implements [FS]. The file holds the number of the process that has the
// lock, for the message of the next one.
func (OS) Lock(name string) (io.Closer, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(file); err != nil {
		holder := make([]byte, 32)
		n, _ := file.ReadAt(holder, 0)
		_ = file.Close()
		return nil, fmt.Errorf("lock %s (process %s): %w", name, strings.TrimSpace(string(holder[:n])), err)
	}
	// The lock stands without the number, so on a full disk it is left out.
	if file.Truncate(0) == nil {
		_, _ = fmt.Fprintln(file, os.Getpid())
	}
	return file, nil
}

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f osFile) LockRange(start, length int64, kind LockKind) error {
	return lockRange(f.File, start, length, kind)
}
