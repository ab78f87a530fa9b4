package order

import (
	"cmp"
	"slices"
)

// ties arranges the events of one timestamp: the places that an agent's events
// hold among them are filled by these in order of event.sequence. Events that
// hold no such place, as where a tiebreaker is named, go through unless they
// must wait for others before them. So does what is known to be all of its time
// and in order; the rest is moved, and waits.
type ties struct {
	give func(*chunk, *record)

	waiting chunk // all of one time, in total order
	held    int   // how many of them have a body
	docs    int   // and how many a document

	order []int // of arrange
	moved []record
}

const (
	// mostWaiting is for how many events there is room still when others have waited.
	mostWaiting = 1 << 12
	// fewTies is how many events of one time are compared each with each.
	fewTies = 8
)

// take takes the next events in total order.
func (t *ties) take(s *stretch) {
	c, rs, at := s.chunk, s.chunk.records[:s.to], s.from
	if len(t.waiting.records) > 0 {
		for at < len(rs) && rs[at].sameTime(&t.waiting.records[0]) {
			t.wait(c, &rs[at])
			at++
		}
		if at == len(rs) {
			return
		}
		t.flush()
	}
	to := len(rs)
	if !s.whole { // then what comes may be of the last time, too
		for to > at && rs[to-1].sameTime(&rs[len(rs)-1]) {
			to--
		}
	}
	t.through(c, at, to)
	for i := range rs[to:] {
		if r := &rs[to+i]; len(t.waiting.records) > 0 || r.agent != 0 {
			t.wait(c, r)
		} else if r.extra != 0 {
			t.give(c, r)
		}
	}
}

// through takes events whose times are complete. What has no body is not given,
// and where it stands among those of its time matters only to several that are.
func (t *ties) through(c *chunk, from, to int) {
	rs := c.records[:to]
	if len(c.bodies) == 0 {
		return
	}
	for i := from; i < len(rs); {
		r := &rs[i]
		if r.extra == 0 {
			i++
			continue
		}
		first, next := i, i+1
		for first > from && rs[first-1].sameTime(r) {
			first--
		}
		for next < len(rs) && rs[next].sameTime(r) {
			next++
		}
		if next-first == 1 {
			t.give(c, r)
		} else {
			t.together(c, rs[first:next])
		}
		i = next
	}
}

// together takes all events of one time.
func (t *ties) together(c *chunk, rs []record) {
	docs := 0
	for i := range rs {
		if c.doc(&rs[i]) != nil {
			docs++
		}
	}
	if docs > 1 && !arranged(rs) {
		for i := range rs {
			t.wait(c, &rs[i])
		}
		t.flush()
		return
	}
	for i := range rs {
		if rs[i].extra != 0 {
			t.give(c, &rs[i])
		}
	}
}

// arranged reports whether the places of events of one time are filled as they
// should be, if it takes little to know.
func arranged(rs []record) bool {
	if len(rs) > fewTies {
		return false
	}
	for i := range rs {
		for k := range rs[:i] {
			if r, s := &rs[k], &rs[i]; r.agent == s.agent && r.agent != 0 && ((r.extra|s.extra)&oddSequence != 0 || r.seq > s.seq) {
				return false
			}
		}
	}
	return true
}

// wait takes an event of the time of those that wait.
func (t *ties) wait(c *chunk, r *record) {
	if r.extra != 0 {
		t.held++
		if c.doc(r) != nil {
			t.docs++
		}
	}
	t.waiting.move(c, r)
}

// flush gives what waits.
func (t *ties) flush() {
	if t.docs > 1 && !arranged(t.waiting.records) {
		t.arrange()
	}
	if t.held > 0 {
		for i := range t.waiting.records {
			if r := &t.waiting.records[i]; r.extra != 0 {
				t.give(&t.waiting, r)
			}
		}
	}
	t.clear()
}

func (t *ties) clear() {
	if t.held == 0 {
		t.waiting.records = t.waiting.records[:0] // there are no bodies
	} else {
		t.waiting.reset()
	}
	t.held, t.docs = 0, 0
	if cap(t.waiting.records) > mostWaiting || cap(t.waiting.keys) > mostWaiting {
		t.waiting, t.order, t.moved = chunk{}, nil, nil
	}
}

// arrange orders each agent's events among the places they hold.
func (t *ties) arrange() {
	rs := t.waiting.records
	t.order = t.order[:0]
	for i := range rs {
		if rs[i].agent != 0 {
			t.order = append(t.order, i)
		}
	}
	slices.SortFunc(t.order, func(i, j int) int { return cmp.Or(cmp.Compare(rs[i].agent, rs[j].agent), cmp.Compare(i, j)) })
	for from := 0; from < len(t.order); {
		to := from + 1
		for to < len(t.order) && rs[t.order[to]].agent == rs[t.order[from]].agent {
			to++
		}
		t.fill(t.order[from:to])
		from = to
	}
}

// fill orders the events of one agent, whose places are given.
func (t *ties) fill(places []int) {
	rs := t.waiting.records
	t.moved = t.moved[:0]
	for _, i := range places {
		t.moved = append(t.moved, rs[i])
	}
	slices.SortStableFunc(t.moved, func(a, b record) int { return a.compareSequence(&b, &t.waiting) })
	for n, i := range places {
		rs[i] = t.moved[n]
	}
}
