package stream

import "container/heap"

// disorder holds documents back, each by a random time of its own, and gives them
// in the order that comes of it.
type disorder struct {
	*dice
	most  int64
	queue late
	spare [][]byte
	count int
	now   int64 // the time of the last document
	delay int64 // its delay
	ended bool
}

type lateDoc struct {
	doc []byte
	at  int64 // when it is due
	no  int
}

// buffer returns an empty buffer for a document to be pushed.
func (d *disorder) buffer() []byte {
	if n := len(d.spare); n > 0 {
		b := d.spare[n-1]
		d.spare = d.spare[:n-1]
		return b[:0]
	}
	return nil
}

// push adds a document; they come in the order of time. Those of one time are
// delayed alike, so that they keep their order.
func (d *disorder) push(doc []byte, at int64) {
	if at != d.now || d.count == 0 {
		d.now, d.delay = at, int64(d.unit()*float64(d.most))
	}
	heap.Push(&d.queue, lateDoc{doc, at + d.delay, d.count})
	d.count++
}

// ready reports whether the next document is known: no later one can be due before
// it.
func (d *disorder) ready() bool {
	return d.ended || len(d.queue) > 0 && d.queue[0].at < d.now
}

// pop appends the next document; false when there is none.
func (d *disorder) pop(dst []byte) ([]byte, bool) {
	if len(d.queue) == 0 {
		return dst, false
	}
	next := heap.Pop(&d.queue).(lateDoc)
	d.spare = append(d.spare, next.doc)
	return append(dst, next.doc...), true
}

// late is a heap of documents by when they are due.
type late []lateDoc

func (l late) Len() int      { return len(l) }
func (l late) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l late) Less(i, j int) bool {
	if l[i].at != l[j].at {
		return l[i].at < l[j].at
	}
	return l[i].no < l[j].no
}
func (l *late) Push(x any) { *l = append(*l, x.(lateDoc)) }
func (l *late) Pop() any {
	last := len(*l) - 1
	x := (*l)[last]
	*l = (*l)[:last]
	return x
}
