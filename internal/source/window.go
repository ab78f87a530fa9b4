package source

import (
	"bytes"
	"errors"
	"io"
)

const (
	bom    = "\xEF\xBB\xBF"
	blanks = " \t\r\n"
)

// window is the part of a text that is being looked at: it grows while a
// document has not ended and moves on once it has.
type window struct {
	r    io.Reader
	buf  []byte
	base int64 // where in the text buf begins
	pos  int   // the first byte not yet dealt with
	line int   // its line, from 1
	err  error
	// room takes the place of reading on in a buffer that is moved and grown.
	room func()
	full bool // with room: reading on fills the buffer
}

func newWindow(r io.Reader) *window {
	return &window{r: r, line: 1, buf: make([]byte, 0, 64<<10)}
}

// rest returns what has been read and not dealt with.
func (w *window) rest() []byte { return w.buf[w.pos:] }

// more reads on. It reports false when the text has ended, w.err says how.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	if w.room == nil {
		w.move()
		return w.read()
	}
	if w.room(); w.err != nil {
		return false
	}
	some := w.read()
	for w.full && w.err == nil && len(w.buf) < cap(w.buf) {
		w.read()
	}
	return some
}

// move makes room in the buffer.
func (w *window) move() {
	if w.pos > 0 && w.pos >= len(w.buf)/2 { // half or more is done with: the copy pays
		w.buf = w.buf[:copy(w.buf, w.rest())]
		w.base += int64(w.pos)
		w.pos = 0
	}
	if len(w.buf) == cap(w.buf) {
		grown := make([]byte, len(w.buf), 2*cap(w.buf))
		copy(grown, w.buf)
		w.buf = grown
	}
}

// read reads once and reports whether it got something.
func (w *window) read() bool {
	for range 100 { // as bufio: a reader that returns nothing for ever is at fault
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		w.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// advance goes n bytes on.
func (w *window) advance(n int) {
	w.line += bytes.Count(w.buf[w.pos:w.pos+n], []byte{'\n'})
	w.pos += n
}

// skip passes over white space and reports whether anything follows.
func (w *window) skip() bool {
	for {
		rest := w.rest()
		n := 0
		for n < len(rest) && isBlank(rest[n]) {
			n++
		}
		w.advance(n)
		if n < len(rest) {
			return true
		}
		if !w.more() {
			return false
		}
	}
}

// skipBOM passes over a byte order mark.
func (w *window) skipBOM() {
	for len(w.rest()) < len(bom) && bytes.HasPrefix([]byte(bom), w.rest()) && w.more() {
	}
	if bytes.HasPrefix(w.rest(), []byte(bom)) {
		w.advance(len(bom))
	}
}

// lineEnd returns the length of the line, without its newline, or of its part
// that is longer than limit.
func (w *window) lineEnd(limit int) (n int, whole bool) {
	from := 0
	for {
		rest := w.rest()
		if i := bytes.IndexByte(rest[from:], '\n'); i >= 0 {
			return from + i, from+i <= limit
		}
		from = len(rest)
		if from > limit {
			return from, false
		}
		if !w.more() {
			return from, true
		}
	}
}

// dropLine goes to the beginning of the next line, keeping nothing of this one.
func (w *window) dropLine() {
	for {
		rest := w.rest()
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			w.advance(i + 1)
			return
		}
		w.advance(len(rest))
		if !w.more() {
			return
		}
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// cut reports whether the text ended because reading failed.
func (w *window) cut() bool { return w.err != nil && !errors.Is(w.err, io.EOF) }
