//go:build unix

package fault

import "syscall"

const (
	errFull     = syscall.ENOSPC
	errReadOnly = syscall.EROFS
)
