package fault

import "golang.org/x/sys/windows"

const (
	errFull     = windows.ERROR_DISK_FULL
	errReadOnly = windows.ERROR_WRITE_PROTECT
)
