package source

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
)

// Fetch reads documents again that Batches has handed over, given where they
// stood, in the order of Arrival. It hands over each that it finds, however often
// it is asked for; raw may be used until take returns. It returns how many it did
// not find and the first reason for that, if there is another than that they are
// not there any more.
//
// Documents of a plain file cost a read each. Of what is packed, or gives
// documents an identity by envelopes, all is read up to the last one that is
// sought. Of standard input there are those that lie in what was kept of it, see
// Batching.KeepStdin. Fetch may be called from any goroutine, also while Batches
// reads on.
func (r *Reader) Fetch(refs []Ref, take func(at Ref, raw []byte, given event.Identity)) (missing int, err error) {
	sought := slices.Clone(refs)
	slices.SortFunc(sought, func(a, b Ref) int { return cmp.Compare(a.Arrival(), b.Arrival()) })
	note := func(m int, e error) {
		if missing += m; err == nil {
			err = e
		}
	}
	for len(sought) > 0 {
		s := r.feed.source(sought[0].Source)
		if s == nil {
			missing++
			sought = sought[1:]
			continue
		}
		// What belongs to one input is read in one go.
		last := max(s.origin.slots.first+uint32(s.origin.slots.count), sought[0].Source+1)
		n := 1
		for n < len(sought) && sought[n].Source < last {
			n++
		}
		if t := r.feed.text(s, 0); t.plain && !s.wrapped.Load() {
			note(fetchPlain(s.origin, sought[:n], take))
		} else {
			note(r.fetchAgain(s.origin, sought[:n], take))
		}
		sought = sought[n:]
	}
	return missing, err
}

// text returns the text of a source in which an offset lies.
func (f *feed) text(s *source, offset int64) sourceText {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found sourceText
	for _, t := range s.texts {
		if t.base <= offset {
			found = t
		}
	}
	return found
}

// openAgain opens a file that was read, unless it is another one now.
func openAgain(o origin) (*os.File, error) {
	file, err := os.Open(o.path)
	if err != nil {
		return nil, fmt.Errorf("read again: %w", err)
	}
	if info, err := file.Stat(); err != nil || o.info != nil && !os.SameFile(info, o.info) {
		file.Close()
		return nil, fmt.Errorf("read %s again: it is another file now", o.path)
	}
	return file, nil
}

// fetchPlain reads documents where they stand in a file.
func fetchPlain(o origin, refs []Ref, take func(Ref, []byte, event.Identity)) (missing int, err error) {
	file, err := openAgain(o)
	if err != nil {
		return len(refs), err
	}
	defer file.Close()
	var buf []byte
	for _, ref := range refs {
		buf = slices.Grow(buf[:0], int(max(ref.Length, 0)))[:max(ref.Length, 0)]
		n, _ := file.ReadAt(buf, ref.Offset)
		if n < len(buf) || n < 2 || buf[0] != '{' || buf[n-1] != '}' { // the file has been written anew
			missing++
			continue
		}
		take(ref, buf, event.Identity{})
	}
	return missing, nil
}

// fetchAgain reads an input from its beginning for documents of its sources.
func (r *Reader) fetchAgain(o origin, refs []Ref, take func(Ref, []byte, event.Identity)) (missing int, err error) {
	missing = len(refs)
	wanted := map[int]bool{}
	for _, ref := range refs {
		if s := r.feed.source(ref.Source); s != nil {
			wanted[r.feed.text(s, ref.Offset).number] = true
		}
	}
	at := 0 // the first that has not been passed
	found := func(raw []byte, given event.Identity, here Ref) error {
		if !json.Valid(raw) {
			return errNoDocument
		}
		for at < len(refs) && refs[at].Arrival() < here.Arrival() {
			at++
		}
		for ; at < len(refs) && refs[at].Arrival() == here.Arrival(); at++ {
			missing--
			take(refs[at], raw, given)
		}
		return nil
	}
	err = r.readAgain(o, wanted, func(b *Batch) bool {
		from, to := b.reach()
		for at < len(refs) && refs[at].Arrival() < from.Arrival() {
			at++
		}
		if at < len(refs) && refs[at].Arrival() < to.Arrival() {
			b.Each(found, func(*Problem) {})
		}
		return at < len(refs)
	})
	return missing, err
}

var errNoDocument = &event.DecodeError{Err: event.ErrNotObject}

// readAgain reads texts of an input once more, for as long as more returns true.
// The batch is its only until it returns.
func (r *Reader) readAgain(o origin, texts map[int]bool, more func(*Batch) bool) error {
	c := r.child(context.Background(), func(b *Batch) bool {
		defer b.Release()
		return more(b)
	})
	c.run.again, c.run.blocks = true, &blocks{pool: newPool(r.feed.blocks.size, math.MaxInt)}
	c.run.want = func(n int) bool { return texts[n] }
	if o.path == "-" {
		c.stdin = r.feed.kept.reader()
	} else if o.info != nil {
		file, err := openAgain(o)
		if err != nil {
			return err
		}
		defer file.Close()
	} else {
		return nil // a pipe
	}
	c.run.input(o)
	return nil
}

// reach returns where the batch begins, and a place behind it.
func (b *Batch) reach() (from, to Ref) {
	from, to = Ref{Source: b.Source, Offset: math.MaxInt64}, Ref{Source: b.Source}
	for i := range b.parts {
		p := &b.parts[i]
		begin, end := b.base+int64(p.from), b.base+int64(p.to)
		if p.problem != nil {
			continue
		}
		if p.raw != nil {
			begin, end = p.at.offset, p.at.offset+int64(len(p.raw))
		}
		from.Offset, to.Offset = min(from.Offset, begin), max(to.Offset, end)
	}
	if from.Offset > to.Offset {
		from.Offset = to.Offset
	}
	return from, to
}

// Place returns the place of a document that Batches has handed over. It may read
// a part of the input again, or all of it up to there. The line is 0 if it can
// not be found out any more.
func (r *Reader) Place(at Ref) Place {
	s := r.feed.source(at.Source)
	if s == nil {
		return Place{}
	}
	t := r.feed.text(s, at.Offset)
	place := Place{Name: t.name}
	if t.plain && !s.wrapped.Load() {
		mark, ok := s.marks.before(at.Offset)
		if !ok {
			mark = lineMark{line: 1}
		}
		place.Line = lineInFile(s.origin, mark, at.Offset)
		return place
	}
	_ = r.readAgain(s.origin, map[int]bool{t.number: true}, func(b *Batch) bool {
		if from, to := b.reach(); b.Source == at.Source && from.Offset <= at.Offset && at.Offset < to.Offset {
			place = b.Place(at)
			return false
		}
		return true
	})
	return place
}

// lineInFile counts lines from a mark on; it returns 0 if it can not.
func lineInFile(o origin, mark lineMark, offset int64) int {
	file, err := openAgain(o)
	if err != nil {
		return 0
	}
	defer file.Close()
	buf, line := make([]byte, 64<<10), mark.line
	for pos := mark.offset; pos < offset; {
		n, _ := file.ReadAt(buf[:min(int64(len(buf)), offset-pos)], pos)
		if n == 0 {
			return 0
		}
		line += countLines(buf[:n])
		pos += int64(n)
	}
	return line
}
