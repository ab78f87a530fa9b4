//go:build !unix

package cli

import "os"

// reloadSignal is nil: there is no such signal.
var reloadSignal os.Signal
