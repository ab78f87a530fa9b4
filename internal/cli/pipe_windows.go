package cli

import (
	"errors"
	"syscall"
)

// endInOrder has nothing to do: no signal says that a reader has gone.
func endInOrder() {}

// noData is ERROR_NO_DATA: the pipe is being closed.
const noData = syscall.Errno(232)

// readerGone reports whether an error of writing says that nobody reads.
func readerGone(err error) bool {
	return errors.Is(err, syscall.ERROR_BROKEN_PIPE) || errors.Is(err, noData)
}
