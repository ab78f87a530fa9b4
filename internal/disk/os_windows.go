package disk

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// Windows makes names durable with the file.
func syncDir(string) error { return nil }

// The lock is on a byte far behind the text in the file, which stays readable.
const lockByte = 1 << 30

func lockFile(file *os.File) error {
	return lockRange(file, lockByte, 1, Exclusive)
}

// lockRange: Windows has no change of a lock in place, so what this file holds
// on the range is given up first.
func lockRange(file *os.File, start, length int64, kind LockKind) error {
	at := windows.Overlapped{Offset: uint32(start), OffsetHigh: uint32(start >> 32)}
	low, high := uint32(length), uint32(length>>32)
	err := windows.UnlockFileEx(windows.Handle(file.Fd()), 0, low, high, &at)
	if err != nil && !errors.Is(err, windows.ERROR_NOT_LOCKED) {
		return fmt.Errorf("unlock %s: %w", file.Name(), err)
	}
	if kind == Unlocked {
		return nil
	}
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if kind == Exclusive {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err = windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, low, high, &at)
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrLocked
	case err != nil:
		return fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return nil
}

// IsFull says that an error comes from a disk (or a quota) without room.
func IsFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, syscall.ENOSPC)
}

// IsReadOnly says that an error comes from a file system that takes no writes.
func IsReadOnly(err error) bool {
	return errors.Is(err, windows.ERROR_WRITE_PROTECT) || errors.Is(err, syscall.EROFS)
}
