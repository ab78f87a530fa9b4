//go:build unix

package disk

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if closed := dir.Close(); err == nil {
		err = closed
	}
	return err
}

func lockFile(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}

// lockRange uses locks of the open file, not of the process, as the promise of
// File needs: those of the process would end with any close of the same file.
func lockRange(file *os.File, start, length int64, kind LockKind) error {
	lock := unix.Flock_t{Start: start, Len: length}
	switch kind {
	case Shared:
		lock.Type = unix.F_RDLCK
	case Exclusive:
		lock.Type = unix.F_WRLCK
	default:
		lock.Type = unix.F_UNLCK
	}
	for {
		err := unix.FcntlFlock(file.Fd(), setOpenFileLock, &lock)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
			return ErrLocked
		case err != nil:
			return fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		return nil
	}
}

// IsFull says that an error comes from a disk (or a quota) without room.
func IsFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// IsReadOnly says that an error comes from a file system that takes no writes.
func IsReadOnly(err error) bool {
	return errors.Is(err, unix.EROFS)
}
