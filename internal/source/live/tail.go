package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/tripline-sec/tripline/internal/source"
)

// chunkBytes is how much is read at once.
const chunkBytes = 256 << 10

// tail is a file that is followed. It is known by what it is and not by its name,
// which rotation changes.
type tail struct {
	path   string
	origin string   // its name when it was first followed: those that rotation gives begin with it
	file   *os.File // nil: closed, because nothing happens in it
	info   fs.FileInfo

	offset  int64 // read and taken up to here, behind a newline
	line    int   // lines before it
	known   known // what stood before it
	scanned int64 // bytes behind it that hold no newline

	size    int64     // when it was last looked at
	changed time.Time // its own time then
	named   bool      // it is one of those that are to be followed; else what is left of it is read
	quiet   time.Time // it is not named, and since then nothing was added
	broken  bool      // that it can not be read was told
}

// batch is what is read before it is handed over.
type batch struct {
	docs  []Doc
	size  int
	moves []move
}

// move is how far a file has been read in a batch.
type move struct {
	*tail
	offset  int64
	line    int
	scanned int64
}

func (b *batch) full(o *Options) bool { return len(b.docs) >= o.BatchDocs || b.size >= o.BatchBytes }

// apply moves the files' positions: what was read is safe.
func (b *batch) apply() {
	for _, m := range b.moves {
		if m.offset > m.tail.offset {
			if k, ok := knownOf(m.file, m.offset); ok {
				m.known = k
			} else {
				m.known = known{} // it has just been cut: that is seen when it is looked at next
			}
		}
		m.tail.offset, m.tail.line, m.tail.scanned = m.offset, m.line, m.scanned
	}
}

// look asks how large a file is, and whether it is still the one that was read.
func (t *tail) look() (replaced bool, err error) {
	info, err := t.file.Stat()
	if err != nil {
		return false, err
	}
	same := info.Size() == t.size && info.ModTime().Equal(t.changed)
	t.size, t.changed = info.Size(), info.ModTime()
	if same || t.offset == 0 {
		return false, nil
	}
	return t.size < t.offset || !t.known.fits(t.file, t.offset), nil
}

// behind is how much of it is not read.
func (t *tail) behind() int64 { return max(t.size-t.offset, 0) }

// collect reads lines into a batch, as far as there is room.
func (f *Follow) collect(t *tail, b *batch) error {
	m := move{t, t.offset, t.line, t.scanned}
	defer func() { b.moves = append(b.moves, m) }()
	for !b.full(&f.opts.Options) && m.offset+m.scanned < t.size {
		if m.scanned > 0 {
			end, err := newline(t.file, m.offset+m.scanned, t.size)
			if err != nil {
				return err
			}
			if end < 0 {
				m.scanned = t.size - m.offset
				return nil
			}
			if err := f.longLine(t, &m, end, b); err != nil {
				return err
			}
			continue
		}
		chunk := make([]byte, min(t.size-m.offset, chunkBytes))
		n, err := t.file.ReadAt(chunk, m.offset)
		if n == 0 {
			if errors.Is(err, io.EOF) {
				return nil // it was cut since it was looked at
			}
			return err
		}
		chunk = chunk[:n]
		if bytes.IndexByte(chunk, '\n') < 0 {
			m.scanned = int64(n)
			continue
		}
		for !b.full(&f.opts.Options) {
			end := bytes.IndexByte(chunk, '\n')
			if end < 0 {
				break
			}
			f.take(t, chunk[:end], m.line+1, b)
			chunk = chunk[end+1:]
			m.offset += int64(end) + 1
			m.line++
		}
	}
	return nil
}

// longLine takes a line that ends at end and was not within one chunk.
func (f *Follow) longLine(t *tail, m *move, end int64, b *batch) error {
	if length := end - m.offset; length > int64(f.opts.MaxDocument) {
		f.counts.problem(&f.opts.Options, tooLong(source.Place{Name: t.path, Line: m.line + 1}, f.opts.MaxDocument))
	} else {
		line := make([]byte, length)
		if _, err := t.file.ReadAt(line, m.offset); err != nil {
			return err
		}
		f.take(t, line, m.line+1, b)
	}
	m.offset, m.scanned = end+1, 0
	m.line++
	return nil
}

// take reads a line.
func (f *Follow) take(t *tail, line []byte, number int, b *batch) {
	doc, problem := f.lines.read(line, source.Place{Name: t.path, Line: number}, f.opts.MaxDocument)
	switch {
	case problem != nil:
		f.counts.problem(&f.opts.Options, problem)
	case doc != nil:
		doc.Source = "follow:" + t.path
		b.docs = append(b.docs, *doc)
		b.size += len(doc.Raw)
	}
}

// last takes a line without an end, when nothing more will come: if it is a whole
// document it counts, else it was cut off.
func (f *Follow) last(t *tail, b *batch) error {
	rest := t.size - t.offset
	if t.file == nil || rest <= 0 {
		return nil
	}
	m := move{t, t.size, t.line + 1, 0}
	defer func() { b.moves = append(b.moves, m) }()
	place := source.Place{Name: t.path, Line: t.line + 1}
	if rest > int64(f.opts.MaxDocument) {
		f.counts.problem(&f.opts.Options, tooLong(place, f.opts.MaxDocument))
		return nil
	}
	line := make([]byte, rest)
	if _, err := t.file.ReadAt(line, t.offset); err != nil {
		return err
	}
	doc, problem := f.lines.read(line, place, f.opts.MaxDocument)
	switch {
	case problem != nil:
		f.counts.problem(&f.opts.Options, &source.Problem{Place: place, Class: source.Truncated, Reason: "the file ends within a document: " + problem.Reason})
	case doc != nil:
		doc.Source = "follow:" + t.path
		b.docs = append(b.docs, *doc)
	}
	return nil
}

// newline returns where the first newline stands in a stretch of a file; -1: there is
// none.
func newline(file io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, min(chunkBytes, to-from))
	for from < to {
		n, err := file.ReadAt(buf[:min(int64(len(buf)), to-from)], from)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			return from + int64(i), nil
		}
		if n == 0 {
			if errors.Is(err, io.EOF) {
				return -1, nil
			}
			return -1, err
		}
		from += int64(n)
	}
	return -1, nil
}

// close gives the file up.
func (t *tail) close() {
	if t.file != nil {
		_ = t.file.Close() // it was only read
		t.file = nil
	}
}

// unreadable tells, once, that a file can not be read.
func (f *Follow) unreadable(t *tail, err error) {
	if t.broken {
		return
	}
	t.broken = true
	f.cannotRead(t.path, err)
}

// tellOnce tells it of what is no tail yet.
func (f *Follow) tellOnce(path string, err error) {
	if !f.told[path] {
		f.told[path] = true
		f.cannotRead(path, err)
	}
}

func (f *Follow) cannotRead(path string, err error) {
	var e *fs.PathError
	reason := fmt.Sprint(err)
	if errors.As(err, &e) {
		reason = fmt.Sprintf("%s: %v", e.Op, e.Err)
	}
	f.counts.problem(&f.opts.Options, &source.Problem{Place: source.Place{Name: path}, Class: source.Unreadable, Reason: reason})
}

// position is what is kept of it.
func (t *tail) position() position {
	p := position{Path: t.path, Origin: t.origin, Offset: t.offset, Line: t.line, Head: markOf(t.known.head), Last: markOf(t.known.last)}
	p.Device, p.Inode = idOf(t.info)
	return p
}
