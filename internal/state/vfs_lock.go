package state

import (
	"errors"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/tripline-sec/tripline/internal/disk"
)

// The bytes on which SQLite's locks stand, the same for everything that opens its
// files, so that sqlite3 and other tools may be used on the state of a daemon that
// runs. They are beyond what a page holds.
const (
	pendingByte  = 0x40000000
	reservedByte = pendingByte + 1
	sharedFirst  = pendingByte + 2
	sharedSize   = 510
)

// LockState implements [vfs.FileLockState].
func (f *file) LockState() vfs.LockLevel { return f.lock }

// Lock implements [vfs.File]: SQLite's protocol of readers, one writer to be, and
// one writer that keeps readers out.
func (f *file) Lock(level vfs.LockLevel) error {
	if f.lock >= level {
		return nil
	}
	if f.readOnly && level > vfs.LOCK_SHARED {
		return sqlite3.IOERR_LOCK
	}
	switch level {
	case vfs.LOCK_SHARED:
		// Who waits for readers to go holds the pending byte, and gets no new ones.
		if err := f.take(pendingByte, 1, disk.Shared); err != nil {
			return err
		}
		err := f.take(sharedFirst, sharedSize, disk.Shared)
		if freed := f.take(pendingByte, 1, disk.Unlocked); err == nil {
			err = freed
		}
		if err != nil {
			return err
		}
	case vfs.LOCK_RESERVED:
		if err := f.take(reservedByte, 1, disk.Exclusive); err != nil {
			return err
		}
	default:
		if f.lock < vfs.LOCK_PENDING {
			if err := f.take(pendingByte, 1, disk.Exclusive); err != nil {
				return err
			}
			f.lock = vfs.LOCK_PENDING
		}
		if err := f.take(sharedFirst, sharedSize, disk.Exclusive); err != nil {
			_ = f.take(sharedFirst, sharedSize, disk.Shared) // Windows gave it up to try
			return err
		}
	}
	f.lock = level
	return nil
}

// Unlock implements [vfs.File].
func (f *file) Unlock(level vfs.LockLevel) error {
	if f.lock <= level {
		return nil
	}
	var err error
	switch {
	case level == vfs.LOCK_NONE:
		err = f.take(sharedFirst, sharedSize, disk.Unlocked)
	case f.lock == vfs.LOCK_EXCLUSIVE:
		err = f.take(sharedFirst, sharedSize, disk.Shared)
	}
	f.lock = level
	// One by one: Windows gives up only what was taken as one.
	return errors.Join(err, f.take(reservedByte, 1, disk.Unlocked), f.take(pendingByte, 1, disk.Unlocked))
}

// CheckReservedLock implements [vfs.File].
func (f *file) CheckReservedLock() (bool, error) {
	if f.lock >= vfs.LOCK_RESERVED {
		return true, nil
	}
	err := f.take(reservedByte, 1, disk.Shared)
	if errors.Is(err, sqlite3.BUSY) {
		return true, nil
	}
	if err == nil {
		err = f.take(reservedByte, 1, disk.Unlocked)
	}
	return false, err
}

func (f *file) take(start, length int64, kind disk.LockKind) error {
	err := f.LockRange(start, length, kind)
	if errors.Is(err, disk.ErrLocked) {
		return sqlite3.BUSY
	}
	return f.folder.coded(err, sqlite3.IOERR)
}
