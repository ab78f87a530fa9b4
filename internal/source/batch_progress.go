package source

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Progress returns how many bytes of the inputs have been read, as they are
// stored, and how many there are; total is -1 while that is not known, which with
// standard input is always. It may be called from any goroutine.
func (r *Reader) Progress() (read, total int64) { return r.feed.read.Load(), r.feed.total.Load() }

// measure sums up the sizes of the files.
func (f *feed) measure(paths []string) {
	var total int64
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case path == "-" || err == nil && !info.IsDir() && !info.Mode().IsRegular():
			return
		case err != nil:
		case info.IsDir():
			_ = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
				if err != nil || name == path {
					return nil
				}
				if entry.Name()[0] == '.' && entry.IsDir() {
					return fs.SkipDir
				}
				if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && entry.Name()[0] != '.' {
					total += info.Size()
				}
				return nil
			})
		default:
			total += info.Size()
		}
	}
	f.total.Store(total)
}
