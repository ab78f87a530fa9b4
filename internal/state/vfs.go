package state

import (
	"errors"
	"fmt"
	"io"
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

	cause atomic.Pointer[error] // the last error of the disk
}

// explained adds what the disk said to an error of SQLite's that does not tell.
func (f *folder) explained(err error) error {
	if !errors.Is(err, sqlite3.FULL) && !errors.Is(err, sqlite3.READONLY) {
		return err
	}
	if cause := f.cause.Load(); cause != nil && !errors.Is(err, *cause) {
		return fmt.Errorf("%w: %w", err, *cause)
	}
	return err
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

// renew writes what the log holds once more, and syncs it. After a sync that failed,
// what was written can be read as if it were on the disk, and syncing it again does
// nothing. SQLite, started anew, would build on it: a power cut later on would lose
// what was committed since, or mix old pages with new ones. Who has the state open
// knows what it has synced, so this is left alone when anybody has.
func (f *folder) renew() (err error) {
	there, err := disk.Exists(f.fs, f.at(File+"-wal"))
	if err != nil || !there {
		return err
	}
	base, err := f.fs.OpenFile(f.at(File), os.O_RDWR)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, base.Close()) }()
	if err := base.LockRange(sharedFirst, sharedSize, disk.Exclusive); err != nil {
		if errors.Is(err, disk.ErrLocked) {
			return nil
		}
		return err
	}
	log, err := f.fs.OpenFile(f.at(File+"-wal"), os.O_RDWR)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	some := make([]byte, 1<<18)
	for at := int64(0); ; {
		n, err := log.ReadAt(some, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 0 {
			break
		}
		if _, err := log.WriteAt(some[:n], at); err != nil {
			return err
		}
		at += int64(n)
	}
	if err := log.Sync(); err != nil {
		return err
	}
	return f.fs.SyncDir(f.path)
}

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
	if flags&vfs.OPEN_CREATE != 0 {
		mode |= os.O_CREATE
	}
	if flags&vfs.OPEN_EXCLUSIVE != 0 {
		mode |= os.O_EXCL
	}
	opened, err := f.fs.OpenFile(f.at(name), mode)
	if err != nil {
		return nil, flags, f.coded(err, sqlite3.CANTOPEN)
	}
	file := &file{folder: f, File: opened, nameUnsynced: flags&vfs.OPEN_CREATE != 0, readOnly: flags&vfs.OPEN_READWRITE == 0}
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
	return f.coded(err, sqlite3.IOERR)
}

// Access implements [vfs.VFS].
func (f *folder) Access(name string, _ vfs.AccessFlag) (bool, error) {
	there, err := disk.Exists(f.fs, f.at(name))
	return there, f.coded(err, sqlite3.IOERR)
}

// coded gives an error of the disk the code by which SQLite knows its kind, and keeps
// it: of a full disk SQLite does not tell the cause.
func (f *folder) coded(err error, otherwise sqlite3.ErrorCode) error {
	if err == nil {
		return nil
	}
	f.cause.Store(&err)
	switch {
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
	nameUnsynced bool // it may have been made just now, so that a crash could take its name away
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
	return n, f.folder.coded(err, sqlite3.IOERR)
}

// Truncate implements [vfs.File].
func (f *file) Truncate(size int64) error {
	return f.folder.coded(f.File.Truncate(size), sqlite3.IOERR)
}

// Size implements [vfs.File].
func (f *file) Size() (int64, error) {
	size, err := f.File.Size()
	return size, f.folder.coded(err, sqlite3.IOERR)
}

// Sync implements [vfs.File]. What was made since is made durable with its name.
func (f *file) Sync(vfs.SyncFlag) error {
	err := f.File.Sync()
	if err == nil && f.nameUnsynced {
		if err = f.folder.fs.SyncDir(f.folder.path); err == nil {
			f.nameUnsynced = false
		}
	}
	return f.folder.coded(err, sqlite3.IOERR)
}

// Close implements [vfs.File].
func (f *file) Close() error {
	if f.shared != nil {
		_ = f.shared.Close() // memory; nothing in it needs to last
	}
	return f.folder.coded(f.File.Close(), sqlite3.IOERR)
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
