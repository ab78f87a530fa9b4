package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/tripline-sec/tripline/internal/disk"
)

// folder gives SQLite the files of one folder through disk.FS, so that what is
// tested about faults and power cuts of a disk holds for the state too. Names are
// those of files in the folder.
type folder struct {
	fs   disk.FS
	path string
	// real says that other processes can open the files too. Then the index of the
	// write-ahead log is shared memory; it need not survive anything and does not go
	// through disk.FS. Otherwise there is one connection, which keeps it to itself.
	real bool
}

// folders numbers the names under which SQLite knows them.
var folders atomic.Uint64

// register makes the folder known to SQLite under the name it returns, until that
// is unregistered.
func (f *folder) register() (name string) {
	name = "tripline-" + strconv.FormatUint(folders.Add(1), 10)
	vfs.Register(name, f)
	return name
}

func (f *folder) at(name string) string { return filepath.Join(f.path, name) }

// FullPathname implements [vfs.VFS].
func (f *folder) FullPathname(name string) (string, error) { return name, nil }

// Open implements [vfs.VFS].
func (f *folder) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == "" || flags&(vfs.OPEN_TEMP_DB|vfs.OPEN_TEMP_JOURNAL|vfs.OPEN_TRANSIENT_DB|vfs.OPEN_SUBJOURNAL) != 0 {
		return &vfsutil.SliceFile{}, flags | vfs.OPEN_MEMORY, nil
	}
	mode := os.O_RDONLY
	if flags&vfs.OPEN_READWRITE != 0 {
		mode = os.O_RDWR
	}
	created := false
	if flags&vfs.OPEN_CREATE != 0 {
		mode |= os.O_CREATE
		there, err := disk.Exists(f.fs, f.at(name))
		if err != nil {
			return nil, flags, coded(err, sqlite3.CANTOPEN)
		}
		created = !there
	}
	if flags&vfs.OPEN_EXCLUSIVE != 0 {
		mode |= os.O_EXCL
	}
	opened, err := f.fs.OpenFile(f.at(name), mode)
	if err != nil {
		return nil, flags, coded(err, sqlite3.CANTOPEN)
	}
	file := &file{folder: f, File: opened, nameUnsynced: created, readOnly: flags&vfs.OPEN_READWRITE == 0}
	if f.real {
		file.shared = vfs.NewSharedMemory(f.at(name)+"-shm", flags)
	}
	return file, flags, nil
}

// Delete implements [vfs.VFS].
func (f *folder) Delete(name string, syncDir bool) error {
	err := f.fs.Remove(f.at(name))
	if errors.Is(err, fs.ErrNotExist) {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if err == nil && syncDir {
		err = f.fs.SyncDir(f.path)
	}
	return coded(err, sqlite3.IOERR)
}

// Access implements [vfs.VFS].
func (f *folder) Access(name string, _ vfs.AccessFlag) (bool, error) {
	there, err := disk.Exists(f.fs, f.at(name))
	return there, coded(err, sqlite3.IOERR)
}

// coded gives an error of the disk the code by which SQLite knows its kind.
func coded(err error, otherwise sqlite3.ErrorCode) error {
	switch {
	case err == nil:
		return nil
	case disk.IsFull(err):
		return vfs.SystemError(err, sqlite3.FULL)
	case disk.IsReadOnly(err), errors.Is(err, fs.ErrPermission) && otherwise != sqlite3.CANTOPEN:
		return vfs.SystemError(err, sqlite3.READONLY)
	}
	return vfs.SystemError(err, otherwise)
}

// file is one of SQLite's files.
type file struct {
	disk.File
	folder       *folder
	shared       vfs.SharedMemory
	lock         vfs.LockLevel
	readOnly     bool
	nameUnsynced bool // it was made just now, and a crash could take its name away
}

var (
	_ vfs.FileLockState    = (*file)(nil)
	_ vfs.FileSharedMemory = (*file)(nil)
)

// SharedMemory implements [vfs.FileSharedMemory].
func (f *file) SharedMemory() vfs.SharedMemory { return f.shared }

// WriteAt implements [vfs.File].
func (f *file) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(p, offset)
	return n, coded(err, sqlite3.IOERR)
}

// Truncate implements [vfs.File].
func (f *file) Truncate(size int64) error { return coded(f.File.Truncate(size), sqlite3.IOERR) }

// Size implements [vfs.File].
func (f *file) Size() (int64, error) {
	size, err := f.File.Size()
	return size, coded(err, sqlite3.IOERR)
}

// Sync implements [vfs.File]. What was made since is made durable with its name.
func (f *file) Sync(vfs.SyncFlag) error {
	err := f.File.Sync()
	if err == nil && f.nameUnsynced {
		if err = f.folder.fs.SyncDir(f.folder.path); err == nil {
			f.nameUnsynced = false
		}
	}
	return coded(err, sqlite3.IOERR)
}

// Close implements [vfs.File].
func (f *file) Close() error {
	if f.shared != nil {
		_ = f.shared.Close() // memory; nothing in it needs to last
	}
	return coded(f.File.Close(), sqlite3.IOERR)
}

// SectorSize implements [vfs.File].
func (f *file) SectorSize() int { return 4096 }

// DeviceCharacteristics implements [vfs.File]. A write that is torn leaves what
// stands beside it alone: disks promise that, and so does disk.FS.
func (f *file) DeviceCharacteristics() vfs.DeviceCharacteristic {
	c := vfs.IOCAP_POWERSAFE_OVERWRITE | vfs.IOCAP_SUBPAGE_READ
	if runtime.GOOS == "windows" {
		c |= vfs.IOCAP_UNDELETABLE_WHEN_OPEN
	}
	return c
}
