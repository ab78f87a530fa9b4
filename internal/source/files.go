package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// readPath reads what the user named: a file, a folder, or standard input.
func (r *Reader) readPath(path string) {
	if path == "-" {
		if r.stdin == nil {
			r.problem(Place{Name: "-"}, Unreadable, "no standard input")
			return
		}
		r.readStdin()
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		r.problem(Place{Name: path}, Unreadable, plain(err))
	case info.IsDir():
		r.readFolder(path)
	default:
		r.readFile(path, false)
	}
}

// readFolder reads a folder's files in the order of their names, and those of
// its folders in their place. Hidden entries are left out, and so are links to
// folders, which could lead in a circle.
func (r *Reader) readFolder(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.problem(Place{Name: dir}, Unreadable, plain(err))
	}
	for _, entry := range entries {
		if r.stopped {
			return
		}
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		if entry.IsDir() {
			r.readFolder(path)
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			r.problem(Place{Name: path}, Unreadable, plain(err))
		case info.Mode().IsRegular():
			r.readFile(path, true)
		case info.Mode()&fs.ModeSymlink == 0 && !info.IsDir():
			r.stats.SkippedFiles++ // a pipe, socket or device: reading could wait for ever
		}
	}
}

// readFile reads one file. One that was found, not named, is left out if it holds
// no JSON.
func (r *Reader) readFile(path string, found bool) {
	if r.run != nil {
		r.run.visit(origin{path: path, found: found})
		return
	}
	r.readFresh(path, found)
}

func (r *Reader) readStdin() {
	if r.run != nil {
		r.run.visit(origin{path: "-"})
		return
	}
	r.readStream("-", r.stdin)
}

func (r *Reader) readFresh(path string, found bool) {
	file, err := os.Open(path)
	if err != nil {
		r.problem(Place{Name: path}, Unreadable, plain(err))
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		r.problem(Place{Name: path}, Unreadable, plain(err))
		return
	}
	in := input{name: path, r: &counter{r: file, n: &r.stats.Bytes}, found: found, live: !info.Mode().IsRegular()}
	if info.Mode().IsRegular() {
		in.at, in.size, in.base = file, info.Size(), r.stats.Bytes
	}
	if r.run != nil {
		r.run.open(&in, info)
	}
	r.unpack(in)
}

// readStream reads a stream of unknown content.
func (r *Reader) readStream(name string, stream io.Reader) {
	r.unpack(input{name: name, r: &counter{r: stream, n: &r.stats.Bytes}, live: true})
}

// plain returns an error of the file system without the operation and the path:
// the place tells that.
func plain(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("%s: %v", path.Op, path.Err)
	}
	return err.Error()
}

// counterAt counts the bytes that pass.
type counterAt struct {
	r io.ReaderAt
	n *int64
}

func (c *counterAt) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.r.ReadAt(p, offset)
	*c.n += int64(n)
	return n, err
}

// counter counts the bytes that pass.
type counter struct {
	r io.Reader
	n *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}
