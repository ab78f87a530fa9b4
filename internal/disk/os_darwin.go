package disk

// F_OFD_SETLK of <sys/fcntl.h>, which package unix does not name for macOS.
const setOpenFileLock = 90
