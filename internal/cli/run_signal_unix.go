//go:build unix

package cli

import (
	"os"
	"syscall"
)

// reloadSignal asks a daemon to read its rules again.
var reloadSignal os.Signal = syscall.SIGHUP
