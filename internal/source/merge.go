package source

import (
	"container/heap"
	"context"
	"iter"
	"math"
	"os"
)

// merge reads inputs interleaved by time: what is delivered next is always the
// batch that begins with the earliest time. So files that are in order of time
// each, but overlap, come out in order but for what overlaps within a batch.
//
// Each input is opened once for the time of its first document and closed again
// until that time is reached. Of those that were reached, MostOpen are open; if
// more overlap, plain files take turns and packed ones wait. What has no time
// goes first: it could hold up nothing but itself.
func (r *Reader) merge(ctx context.Context, emit func(*Batch) bool) {
	m := merging{Reader: r, ctx: ctx, emit: emit, most: r.opts.Batching.MostOpen}
	if m.most <= 0 {
		m.most = DefaultMostOpen
	}
	defer m.stop()
	c := r.child(ctx, m.deliver)
	c.run.list(m.add)
	for !c.stopped && !m.stopped && m.step() {
	}
}

// merging is a merge at work.
type merging struct {
	*Reader
	ctx  context.Context
	emit func(*Batch) bool
	most int

	open    lanes // by the time of the batch at hand
	waiting lanes // by the time at which they go on
	listed  int
}

// lane is one input of a merge.
type lane struct {
	origin origin
	order  int   // in which it was listed
	time   int64 // of the next batch
	stays  bool  // a stream: it can not be opened again
	resume *resumption

	// If it is open:
	batch *Batch // the next one
	next  func() (*Batch, bool)
	halt  func()
	run   *batcher
}

// start opens a lane, perhaps for nothing but its beginning, and takes its first
// batch. It reports whether there is one.
func (m *merging) start(l *lane, peek bool) bool {
	seq := func(yield func(*Batch) bool) {
		c := m.child(m.ctx, yield)
		l.run, c.run.peek = c.run, peek
		if l.resume != nil {
			c.run.resume(l.origin, *l.resume)
		} else {
			c.run.input(l.origin)
		}
		l.origin.slots, l.origin.info = c.run.slots, c.run.origin.info
		c.run.rest()
	}
	l.next, l.halt = iter.Pull(seq)
	return l.advance()
}

// advance takes the next batch of an open lane.
func (l *lane) advance() bool {
	var more bool
	if l.batch, more = l.next(); !more {
		return false
	}
	l.origin.slots, l.origin.info = l.run.slots, l.run.origin.info
	if t, ok := l.batch.time(l.run.opts.Batching.Peek); ok {
		l.time = t
	}
	return true
}

// close closes a lane; the batch at hand is lost.
func (l *lane) close() {
	if l.batch != nil {
		l.batch.Release()
		l.batch = nil
	}
	l.halt()
}

// add takes an input that was listed, and looks when it begins.
func (m *merging) add(o origin) {
	l := &lane{origin: o, order: m.listed, time: math.MinInt64}
	m.listed++
	if l.stays = o.path == "-"; !l.stays {
		info, err := os.Stat(o.path)
		l.stays = err == nil && !info.Mode().IsRegular()
	}
	begun := m.start(l, !l.stays)
	switch {
	case !l.stays:
		l.close()
		heap.Push(&m.waiting, l)
	case begun:
		heap.Push(&m.open, l)
	}
}

// step delivers one batch. It reports whether there was one.
func (m *merging) step() bool {
	if len(m.waiting) > 0 && (len(m.open) == 0 || before(m.waiting[0], m.open[0])) && m.makeRoom() {
		l := heap.Pop(&m.waiting).(*lane)
		if m.start(l, false) {
			heap.Push(&m.open, l)
		}
		return true
	}
	if len(m.open) == 0 {
		return false
	}
	l := m.open[0]
	b := l.batch
	l.batch = nil
	resume := b.resume
	if !m.deliver(b) {
		return false
	}
	if !l.advance() {
		heap.Remove(&m.open, 0)
		return true
	}
	l.note(resume)
	heap.Fix(&m.open, 0)
	return true
}

func (m *merging) deliver(b *Batch) bool {
	m.stopped = m.stopped || !m.emit(b)
	return !m.stopped
}

// makeRoom reports whether one more input may be open, closing the one whose turn
// is the latest if it can go on from where it is.
func (m *merging) makeRoom() bool {
	if len(m.open) < m.most {
		return true
	}
	latest := -1
	for i, l := range m.open {
		if l.resume != nil && (latest < 0 || before(m.open[latest], l)) {
			latest = i
		}
	}
	if latest < 0 || !before(m.waiting[0], m.open[latest]) {
		return false
	}
	l := heap.Remove(&m.open, latest).(*lane)
	l.close()
	heap.Push(&m.waiting, l)
	return true
}

func (m *merging) stop() {
	for _, l := range m.open {
		l.close()
	}
}

// time returns the time of the first document that has one, of the first few.
func (b *Batch) time(peek func([]byte) (int64, bool)) (ns int64, ok bool) {
	if len(b.parts) > 0 {
		if raw := b.firstLine(&b.parts[0]); raw != nil { // as good as always
			if ns, ok = peek(raw); ok {
				return ns, ok
			}
		}
	}
	return b.searchTime(peek)
}

// searchTime is time where the first line does not tell it.
func (b *Batch) searchTime(peek func([]byte) (int64, bool)) (ns int64, ok bool) {
	const few = 8
	look := func(raw []byte) {
		if !ok {
			ns, ok = peek(raw)
		}
	}
	for i := 0; i < min(len(b.parts), few) && !ok; i++ {
		b.firstOf(&b.parts[i], few, look)
	}
	return ns, ok
}

// firstLine returns the first line of a part if that is a document by itself, as
// far as a glance tells; nil if not.
func (b *Batch) firstLine(p *part) []byte {
	if len(p.ends) == 0 {
		return nil
	}
	raw := trimRight(b.block.buf[p.from:min(int(p.ends[0]), p.to)])
	if len(raw) == 0 || mayWrap(raw) {
		return nil
	}
	return raw
}

// lanes is a heap.
type lanes []*lane

func before(a, b *lane) bool { return a.time < b.time || a.time == b.time && a.order < b.order }

func (l lanes) Len() int           { return len(l) }
func (l lanes) Less(i, j int) bool { return before(l[i], l[j]) }
func (l lanes) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *lanes) Push(x any)        { *l = append(*l, x.(*lane)) }
func (l *lanes) Pop() any {
	old := *l
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*l = old[:len(old)-1]
	return last
}
