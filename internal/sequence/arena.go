package sequence

import "unsafe"

const chunkSize = 256

// arena holds things of one type by number, from 1; 0 is none. What it gives out
// stays where it is, and what is given back is given out again first.
type arena[T any] struct {
	chunks []*[chunkSize]T
	used   int32 // the highest number ever given out
	free   []int32
}

// take returns the number of a thing, as it was when it was given back.
func (a *arena[T]) take() int32 {
	if n := len(a.free); n > 0 {
		i := a.free[n-1]
		a.free = a.free[:n-1]
		return i
	}
	a.used++
	if int(a.used)/chunkSize >= len(a.chunks) {
		a.chunks = append(a.chunks, new([chunkSize]T))
	}
	return a.used
}

func (a *arena[T]) give(i int32) { a.free = append(a.free, i) }

// takeFor is take where what it costs is a query's.
func (a *arena[T]) takeFor(p *plan) int32 {
	p.bytes += a.size()
	return a.take()
}

func (a *arena[T]) giveFor(p *plan, i int32) {
	p.bytes -= a.size()
	a.give(i)
}

// size is that of one.
func (a *arena[T]) size() int64 {
	var one T
	return int64(unsafe.Sizeof(one)) //nolint:gosec // a small size
}

func (a *arena[T]) at(i int32) *T { return &a.chunks[i/chunkSize][i%chunkSize] }

// live is how many are out.
func (a *arena[T]) live() int { return int(a.used) - len(a.free) }

// bytes is what those cost that are out.
func (a *arena[T]) bytes() int64 { return int64(a.live()) * a.size() }

// queue is first in, first out.
type queue[T any] struct {
	ring       []T // its length is a power of two
	head, size int
}

func (q *queue[T]) push(v T) {
	if q.size == len(q.ring) {
		longer := make([]T, max(8, 2*len(q.ring)))
		for i := range q.size {
			longer[i] = q.ring[(q.head+i)&(len(q.ring)-1)]
		}
		q.ring, q.head = longer, 0
	}
	q.ring[(q.head+q.size)&(len(q.ring)-1)] = v
	q.size++
}

func (q *queue[T]) front() *T { return &q.ring[q.head] }

func (q *queue[T]) pop() T {
	v := q.ring[q.head]
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.size--
	return v
}

// timer is an entry of a heap: what to look at, and from when on. Generation
// tells an entry that no longer counts from one that does.
type timer struct {
	at         int64
	id         int32
	generation uint32
}

// heap is a binary heap of timers, the earliest first, and of equal ones that of
// the lowest id.
type heap []timer

func (t timer) before(u timer) bool { return t.at < u.at || t.at == u.at && t.id < u.id }

func (h *heap) push(t timer) {
	*h = append(*h, t)
	s := *h
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if !s[i].before(s[parent]) {
			break
		}
		s[i], s[parent] = s[parent], s[i]
		i = parent
	}
}

func (h *heap) pop() timer {
	s := *h
	first, last := s[0], len(s)-1
	s[0] = s[last]
	*h = s[:last]
	h.sink()
	return first
}

// sink restores the order after the first entry was made later.
func (h *heap) sink() {
	s := *h
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(s) {
			return
		}
		if child+1 < len(s) && s[child+1].before(s[child]) {
			child++
		}
		if !s[child].before(s[i]) {
			return
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
}
