//go:build unix

package cli

import (
	"errors"
	"os/signal"
	"syscall"
)

// endInOrder makes a reader that goes away an error of writing, where it would
// kill the process.
func endInOrder() { signal.Ignore(syscall.SIGPIPE) }

// readerGone reports whether an error of writing says that nobody reads.
func readerGone(err error) bool { return errors.Is(err, syscall.EPIPE) }
