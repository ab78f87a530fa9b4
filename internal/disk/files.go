package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Writer appends to a file, as an [io.Writer].
type Writer struct {
	File   File
	Offset int64 // where the next byte goes
}

// Write appends p.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.File.WriteAt(p, w.Offset)
	w.Offset += int64(n)
	return n, err
}

// Open opens a file for reading.
func Open(fsys FS, name string) (File, error) {
	return fsys.OpenFile(name, os.O_RDONLY)
}

// Create makes a file that must not be there yet.
func Create(fsys FS, name string) (File, error) {
	return fsys.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// Exists says whether a name is there.
func Exists(fsys FS, name string) (bool, error) {
	_, err := fsys.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// ReadFile reads a whole file.
func ReadFile(fsys FS, name string) ([]byte, error) {
	file, err := Open(fsys, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	size, err := file.Size()
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	n, err := file.ReadAt(data, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return data[:n], nil
}

// Replace writes a file so that after a crash it has the old content or the new
// one, whole: into a temporary file (name with TempSuffix), synced, renamed, its
// folder synced. When it returns nil the new content is durable.
func Replace(fsys FS, name string, data []byte) (err error) {
	temp := name + TempSuffix
	file, err := fsys.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = fsys.Remove(temp)
		}
	}()
	if _, err = file.WriteAt(data, 0); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return Publish(fsys, temp, name)
}

// TempSuffix ends the names of files that are not finished. What has it at
// start-up is left over from a crash.
const TempSuffix = ".tmp"

// Publish renames a file that is written and synced and makes the name durable.
func Publish(fsys FS, temp, name string) error {
	if err := fsys.Rename(temp, name); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(name))
}

// MkdirSync makes a folder and those above it, all durable. A folder that is there
// is taken to be so; where that is not sure, for its maker may have been killed
// before the sync, see [SyncDirs].
func MkdirSync(fsys FS, name string) error {
	info, err := fsys.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("make folder %s: %w", name, fs.ErrExist)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	parent := filepath.Dir(name)
	if parent != name {
		if err := MkdirSync(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.MkdirAll(name); err != nil {
		return err
	}
	if err := fsys.SyncDir(parent); err != nil {
		_ = fsys.Remove(name) // or the next try would take it to be durable
		return err
	}
	return nil
}

// SyncDirs makes the name of a folder durable, and those of the folders between it
// and base.
func SyncDirs(fsys FS, base, name string) error {
	for name != base {
		parent := filepath.Dir(name)
		if parent == name {
			return fmt.Errorf("sync folders: %s is not above", base)
		}
		if err := fsys.SyncDir(parent); err != nil {
			return err
		}
		name = parent
	}
	return nil
}
