package source

import (
	"bytes"
	"errors"
	"io"
	"math"
)

// mostItems is how many documents and problems that were read with care one batch
// may have: each costs some memory of its own.
const mostItems = 4096

// leastRoom is the room in a block for which it is worth reading on from a live
// stream.
const leastRoom = 4096

// mostEnds is of how many lines of a block it is remembered where they end.
const mostEnds = 4096

// batchText is a text being read into batches, in two lanes. Lines that look like
// one document each are passed on as they are, many at a time; whether they are
// is found out by who takes the batch (Batch.Each). Everything else is read by
// jsonText, document by document.
//
// A stretch of lines ends only where none of them can have a hold on what
// follows: before a line that begins with an object, since no document goes on
// with one behind a closing brace, or behind a line that is a whole object. What
// that leaves are lines that hold several things, the last without its end, and
// joined finds those, save at the border of two blocks of lines: there it is not
// asked, for its cost, and such a thing ends at the border.
type batchText struct {
	*jsonText
	source *source
	block  *block
	batch  *Batch
	live   bool // somebody may be waiting for what is here before more comes

	careful  int64 // up to here in the text, lines are not taken for documents
	between  bool  // nothing before pos has a hold on what follows
	plain    bool  // read from a plain file
	searched int64 // up to here there is no newline in the line that is not complete
}

// batchText reads JSON text to its end, into batches.
func (r *Reader) batchText(in input) {
	if r.run.want != nil && !r.run.want(r.run.texts) {
		r.run.texts++
		return
	}
	t := &batchText{live: in.live && in.layers == 0, plain: in.at != nil && in.layers == 0}
	t.jsonText = &jsonText{Reader: r, name: in.name, window: &window{line: 1, r: &counter{r: in.r, n: &r.stats.Unpacked}, full: !t.live}}
	t.room = t.makeRoom
	t.run.begin(t, in)
	defer t.run.end(t)
	if from := t.run.from; from != nil {
		t.base, t.line = from.offset, from.line
	} else {
		t.skipBOM()
	}
	for t.lines(); !t.stopped && t.skip(); t.lines() {
		for t.unit(); !t.stopped && t.skip() && !(t.clean() && t.base+int64(t.pos) >= t.careful); t.unit() {
		}
	}
	if t.stopped {
		return
	}
	t.overdue()
	if t.cut() {
		t.problem(Place{Name: t.name, Line: t.line}, unpackClass(t.err), "read: "+plain(t.err))
	}
	t.flush()
}

// lines passes on lines for as long as they look like documents.
func (t *batchText) lines() {
	t.between = true
	defer func() { t.between = false }()
	for !t.stopped {
		l := lineup{from: t.pos, pos: t.pos, line: t.line, last: -1}
		if !t.scan(&l) { // a line that needs care
			t.settle(&l)
			return
		}
		switch {
		case t.err != nil:
			t.lastLines(&l)
			return
		case len(t.rest()) > t.opts.MaxDocument && l.last < 0:
			return // a line that is too long, and begins here
		case !t.live && l.pos < len(t.buf) && t.buf[l.pos] == '{':
			t.emit(&l, l.pos, l.line, anObject)
		case !t.settle(&l):
			return
		}
		if !t.more() && len(t.rest()) == 0 {
			return
		}
	}
}

// lineup is a run of lines that look like documents.
type lineup struct {
	from     int // the first
	pos      int // what follows them
	line     int // its number
	last     int // where the last one begins that is not blank; -1 if there is none
	lastLine int
	ends     []int32 // where the newlines of the first lines are
}

// scan goes over complete lines. It reports false if it came to one that needs
// care.
func (t *batchText) scan(l *lineup) bool {
	buf, limit := t.buf, t.opts.MaxDocument
	skip := max(int(t.searched-t.base)-l.pos, 0)
	if t.block != nil {
		from := len(t.block.ends)
		defer func() { l.ends = t.block.ends[from:] }()
	}
	for ; ; skip = 0 {
		n := bytes.IndexByte(buf[l.pos+skip:], '\n')
		if n < 0 {
			t.searched = t.base + int64(len(buf))
			return true
		}
		n += skip
		switch line := buf[l.pos : l.pos+n]; {
		case candidate(line, limit):
			l.last, l.lastLine = l.pos, l.line
		case len(trimRight(line)) > 0:
			return false
		}
		if ends := t.block.ends; len(ends) < mostEnds && l.pos+n <= math.MaxInt32 {
			t.block.ends = append(ends, int32(l.pos+n)) //nolint:gosec // see above
		}
		l.pos += n + 1
		l.line++
	}
}

// lastLines passes on lines at whose end the text ends.
func (t *batchText) lastLines(l *lineup) {
	rest := t.buf[l.pos:]
	switch {
	case len(trimRight(rest)) == 0:
	case errors.Is(t.err, io.EOF) && candidate(rest, t.opts.MaxDocument):
		l.last = l.pos
	default:
		t.settle(l)
		return
	}
	if l.last < 0 {
		return
	}
	t.emit(l, len(t.buf), l.line, theEnd)
}

// settle passes on those lines that have no hold on what follows, whatever it is.
// It reports whether that was all.
func (t *batchText) settle(l *lineup) bool {
	if l.last < 0 {
		return true
	}
	to, line := l.pos, l.line
	if !t.wholeLine(t.buf[l.last:l.pos]) {
		to, line = l.last, l.lastLine
	}
	if joined(t.buf[l.from:to]) {
		t.careful = t.base + int64(l.pos)
		return false
	}
	t.emit(l, to, line, anything)
	return to == l.pos
}

// wholeLine reports whether a line is one object and nothing else.
func (t *batchText) wholeLine(line []byte) bool {
	t.split.reset("", false)
	n, state := t.split.feed(line)
	return state == complete && len(trimRight(line[n:])) == 0
}

// emit adds lines to the batch and goes on behind them.
func (t *batchText) emit(l *lineup, to, line int, b bound) {
	p := part{from: l.from, to: to, line: t.line, bound: b, ends: l.ends}
	switch {
	case b == theEnd:
		p.end = t.err
	case to < l.pos: // the line that was last begins with an object
		p.bound = anObject
	}
	if t.pos, t.line = to, line; to > l.from {
		t.add(p)
	}
}

// makeRoom is window.room: what has been read stays where it is, since batches
// may share it. What is not dealt with yet begins the next block.
func (t *batchText) makeRoom() {
	if t.live {
		t.flush()
	}
	if room := cap(t.buf) - len(t.buf); t.stopped || room >= leastRoom || room > 0 && !t.live {
		t.checkStopped()
		return
	}
	t.flush()
	if t.checkStopped(); t.err != nil {
		return
	}
	keep := max(t.pos-1, 0) // with the byte before, which tells whether a line begins here
	size := t.run.blocks.size
	for size/2 < len(t.buf)-keep {
		size *= 2
	}
	next := t.run.getBlock(size)
	if next == nil {
		t.stopped = true
		t.checkStopped()
		return
	}
	n := copy(next.buf, t.buf[keep:])
	t.run.dropBlock(t.block)
	t.block, t.buf = next, next.buf[:n]
	t.base += int64(keep)
	t.pos -= keep
}

// checkStopped ends the text if nobody wants more of it.
func (t *batchText) checkStopped() {
	if t.stopped {
		t.err = errStopped
	}
}

var errStopped = errors.New("stopped")

// add adds a part to the batch that is being made.
func (t *batchText) add(p part) {
	if t.batch == nil {
		t.batch = t.run.newBatch()
		t.batch.name, t.batch.block, t.batch.base = t.name, t.block, t.base
		t.block.refs.Add(1)
	}
	t.batch.parts = append(t.batch.parts, p)
	if len(t.batch.parts) >= mostItems {
		t.flush()
	}
}

// flush delivers the batch.
func (t *batchText) flush() {
	if t.batch != nil {
		b := t.batch
		t.batch = nil
		t.run.deliver(b)
	}
}
