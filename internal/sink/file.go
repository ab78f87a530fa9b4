package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tripline-sec/tripline/internal/disk"
)

// FileOptions are those of a File.
type FileOptions struct {
	Path    string
	MaxSize int64 // it is moved to Path.1 before it grows beyond this; 0 = never
	Keep    int   // how many moved files are kept; 0 = 5
}

// defaultKeep is how many moved files are kept if nothing is said.
const defaultKeep = 5

// File appends alerts to a file as NDJSON, and has them on disk before it says so. A
// file that was moved or removed is made again. A last line that a crash has left
// unfinished is taken away: what it was to hold is delivered again.
type File struct {
	fsys disk.FS
	opts FileOptions
	file disk.File
	info fs.FileInfo
	end  int64
}

// NewFile returns one; nothing is opened before there is something to write.
func NewFile(fsys disk.FS, opts FileOptions) *File {
	if opts.Keep <= 0 {
		opts.Keep = defaultKeep
	}
	return &File{fsys: fsys, opts: opts}
}

// Deliver appends and syncs. What a failed write has left is cut off before the next.
func (f *File) Deliver(_ context.Context, items []Item) ([]Outcome, error) {
	var buf bytes.Buffer
	for _, item := range items {
		for _, doc := range append([][]byte{item.Doc}, item.Blocks...) {
			buf.Write(bytes.TrimSpace(doc))
			buf.WriteByte('\n')
		}
	}
	if err := f.write(buf.Bytes()); err != nil {
		f.give() // after a failed sync nobody knows what is there: it is looked at again
		return nil, fmt.Errorf("append to %s: %w", f.opts.Path, err)
	}
	return all(items, Outcome{Verdict: Taken}), nil
}

func (f *File) write(data []byte) error {
	if err := f.follow(); err != nil {
		return err
	}
	if f.opts.MaxSize > 0 && f.end > 0 && f.end+int64(len(data)) > f.opts.MaxSize {
		if err := f.rotate(); err != nil {
			return err
		}
	}
	n, err := f.file.WriteAt(data, f.end)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		return errors.Join(err, f.file.Truncate(f.end))
	}
	f.end += int64(len(data))
	return nil
}

// follow opens the file, again if its name stands for another one now.
func (f *File) follow() error {
	info, err := f.fsys.Stat(f.opts.Path)
	switch {
	case err == nil && info.IsDir():
		return errors.New("it is a folder")
	case err == nil && !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err == nil && f.file != nil && os.SameFile(info, f.info):
		if info.Size() < f.end { // somebody has emptied it
			f.end = info.Size()
		}
		return nil
	}
	f.give()
	return f.open()
}

func (f *File) open() error {
	folder := filepath.Dir(f.opts.Path)
	if err := disk.MkdirSync(f.fsys, folder); err != nil {
		return err
	}
	file, err := f.fsys.OpenFile(f.opts.Path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	f.file = file
	if f.end, err = file.Size(); err != nil {
		return err
	}
	if err := f.mend(); err != nil {
		return err
	}
	if f.info, err = f.fsys.Stat(f.opts.Path); err != nil {
		return err
	}
	return f.fsys.SyncDir(folder) // the name may be new, to us or since a crash
}

// mend sees to the last line: one that lacks its newline gets it if it is a whole
// document, and goes if it is not.
func (f *File) mend() error {
	const step = 64 << 10
	var tail []byte
	for from := f.end; from > 0; {
		size := min(step, from)
		from -= size
		part := make([]byte, size)
		if _, err := f.file.ReadAt(part, from); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			tail = append(part[i+1:], tail...)
			break
		}
		tail = append(part, tail...)
	}
	switch {
	case len(tail) == 0:
		return nil
	case json.Valid(tail):
		if _, err := f.file.WriteAt([]byte{'\n'}, f.end); err != nil {
			return err
		}
		f.end++
		return nil
	}
	f.end -= int64(len(tail))
	return f.file.Truncate(f.end)
}

// rotate moves the file to .1, that to .2 and so on, and begins a new one. Each move
// is on disk before the next: after a crash one might stand without the other, and
// then a file would have been lost beneath the one before it.
func (f *File) rotate() error {
	f.give()
	from := func(n int) string {
		if n == 0 {
			return f.opts.Path
		}
		return f.opts.Path + "." + strconv.Itoa(n)
	}
	for n := f.opts.Keep - 1; n >= 0; n-- {
		err := f.fsys.Rename(from(n), from(n+1))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = f.fsys.SyncDir(filepath.Dir(f.opts.Path))
		}
		if err != nil {
			return fmt.Errorf("rotate: %w", err)
		}
	}
	return f.open()
}

// give closes the file, to be opened again.
func (f *File) give() {
	if f.file != nil {
		_ = f.file.Close() // what was promised is synced
	}
	f.file, f.info, f.end = nil, nil, 0
}

// Close closes the file.
func (f *File) Close() error {
	f.give()
	return nil
}
