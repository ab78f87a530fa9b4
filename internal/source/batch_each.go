package source

import (
	"bytes"
	"io"

	"github.com/tripline-sec/tripline/internal/event"
)

// Each hands over the documents and the problems of the batch, in order. A
// document is raw, without white space around it, and what an envelope says of
// it; raw may be used until the batch is released. Each touches nothing that is
// shared.
//
// take must accept exactly what event.Decode accepts and return an error
// otherwise, without having done anything: Each then finds out what is wrong, or
// that there is a document over several lines, as All would. It returns what
// the batch adds to the counts of the reading, so it is called once. Their sum
// over all batches is what All counts.
func (b *Batch) Each(take func(raw []byte, given event.Identity, at Ref) error, problem func(*Problem)) Stats {
	e := each{Batch: b, take: take, problem: problem}
	for i := range b.parts {
		switch p := &b.parts[i]; {
		case p.problem != nil: // counted when it was read
			problem(p.problem)
		case p.raw != nil:
			e.document(p.raw, p.at, p.given)
		default:
			e.lines(p)
		}
	}
	stats := b.read.clone()
	stats.Documents += e.documents
	if e.reader != nil {
		stats.Add(e.reader.stats)
	}
	return stats
}

// each is a batch being handed over.
type each struct {
	*Batch
	take      func(raw []byte, given event.Identity, at Ref) error
	problem   func(*Problem)
	documents int     // taken
	reader    *Reader // what the slow machinery hangs on, see slow; nil before it is needed
	text      *jsonText

	// refused is the line that was not taken last: asking again is of no use.
	refused []byte
	why     error
	index   string // of the last wrapper
}

// slow returns what reads with care.
func (e *each) slow() *Reader {
	if e.reader == nil {
		e.reader = &Reader{opts: Options{MaxDocument: e.limit}, raw: e.document, stats: Stats{Problems: map[Class]int{}}}
		e.reader.yield = func(item Item) bool {
			e.problem(item.Problem)
			return true
		}
	}
	return e.reader
}

// lines hands over lines.
func (e *each) lines(p *part) {
	text, ends := e.block.buf[:p.to], p.ends
	for pos, line := p.from, p.line; pos < p.to; {
		n := 0
		if len(ends) > 0 {
			n, ends = int(ends[0])-pos, ends[1:]
		} else if n = bytes.IndexByte(text[pos:], '\n'); n < 0 {
			n = p.to - pos
		}
		raw := trimRight(text[pos : pos+n])
		switch {
		case len(raw) == 0:
		case mayWrap(raw) && holdsSource(raw):
			if e.wrappedLine(raw, pos) {
				break
			}
			pos, line = e.slowly(p, pos, line)
			ends = nil // it may have passed over some
			continue
		default:
			at := Ref{Source: e.Source, Offset: e.base + int64(pos), Length: int32(len(raw))}
			if err := e.take(raw, event.Identity{}, at); err != nil {
				e.refused, e.why = raw, err
				pos, line = e.slowly(p, pos, line)
				ends = nil // it may have passed over some
				continue
			}
			e.documents++
		}
		pos += n + 1
		line++
	}
}

// slowly reads from pos on as All would, until lines can be taken for documents
// again, and returns where that is.
func (e *each) slowly(p *part, pos, line int) (int, int) {
	to := p.to
	if p.bound == anObject {
		to++ // its bracket may be what is wrong
	}
	err := p.end
	if err == nil {
		err = io.EOF
	}
	if e.text == nil {
		e.text = &jsonText{Reader: e.slow(), name: e.name}
	}
	t := e.text
	t.window = &window{buf: e.block.buf[:to:to], base: e.base, pos: pos, line: line, err: err}
	t.alone = 0
	for t.unit(); t.skip() && t.pos < p.to; t.unit() {
		if t.clean() {
			return t.pos, t.line
		}
	}
	t.overdue()
	return p.to, 0
}

// document hands over one document, or tells why it is none.
func (e *each) document(raw []byte, at spot, given event.Identity) {
	err := e.why
	if len(raw) != len(e.refused) || &raw[0] != &e.refused[0] {
		err = e.take(raw, given, Ref{Source: e.Source, Offset: at.offset, Length: int32(len(raw))})
	}
	if err == nil {
		e.documents++
		e.noteIdentity(given)
		return
	}
	if _, told := event.Decode(raw, event.Identity{ID: "-"}, 0); told != nil {
		err = told // in the words of All
	}
	e.slow().problem(at.Place, classOf(err), refusal(raw, at, err))
}

// noteIdentity notes that envelopes of this source tell something, see Fetch.
func (e *each) noteIdentity(given event.Identity) {
	if e.wrapped != nil && given != (event.Identity{}) && !e.wrapped.Load() {
		e.wrapped.Store(true)
	}
}

// clean reports whether a line begins here that nothing before it has a hold on.
func (t *jsonText) clean() bool {
	return t.due == nil && t.line >= t.alone && t.pos > 0 && t.buf[t.pos-1] == '\n' && t.rest()[0] == '{'
}

func countLines(text []byte) int { return bytes.Count(text, []byte{'\n'}) }
