package order

import (
	"cmp"
	"slices"
)

// ties arranges the events of one timestamp: the places that an agent's events
// hold among them are filled by these in order of event.sequence. Events that
// hold no such place, as where a tiebreaker is named, go through unless they
// must wait for others before them.
type ties struct {
	give func(*kept)

	waiting []place // all of one time, in total order
	held    int     // how many of them are not mere records
	hits    int     // and how many have a document

	order []int // of arrange
	moved []place
}

// mostWaiting is how many places are kept for the next time.
const mostWaiting = 1 << 16

type place struct {
	record
	kept *kept
}

// take takes the next event in total order.
func (t *ties) take(h *head) {
	if len(t.waiting) > 0 && !t.waiting[0].sameTime(&h.record) {
		if t.held > 0 {
			t.flush()
		}
		t.waiting = t.waiting[:0]
	}
	if len(t.waiting) == 0 && h.agent == 0 {
		t.give(h.kept)
		return
	}
	t.waiting = append(t.waiting, place{h.record, h.kept})
	if h.kept != nil {
		t.held++
		if h.kept.event.Doc != nil {
			t.hits++
		}
	}
}

// flush gives what waits.
func (t *ties) flush() {
	if t.hits > 1 {
		t.arrange()
	}
	for i := range t.waiting {
		t.give(t.waiting[i].kept)
	}
	t.clear()
}

func (t *ties) clear() {
	clear(t.waiting)
	t.waiting, t.held, t.hits = t.waiting[:0], 0, 0
	if cap(t.waiting) > mostWaiting {
		t.waiting, t.order, t.moved = nil, nil, nil
	}
}

// arrange orders each agent's events among the places they hold.
func (t *ties) arrange() {
	t.order = t.order[:0]
	for i := range t.waiting {
		if t.waiting[i].agent != 0 {
			t.order = append(t.order, i)
		}
	}
	agent := func(i int) uint64 { return t.waiting[i].agent }
	slices.SortFunc(t.order, func(i, j int) int { return cmp.Or(cmp.Compare(agent(i), agent(j)), cmp.Compare(i, j)) })
	for from := 0; from < len(t.order); {
		to := from + 1
		for to < len(t.order) && agent(t.order[to]) == agent(t.order[from]) {
			to++
		}
		t.fill(t.order[from:to])
		from = to
	}
}

// fill orders the events of one agent, whose places are given.
func (t *ties) fill(places []int) {
	t.moved = t.moved[:0]
	for _, i := range places {
		t.moved = append(t.moved, t.waiting[i])
	}
	slices.SortStableFunc(t.moved, func(a, b place) int { return a.compareSequence(&b.record, a.kept, b.kept) })
	for n, i := range places {
		t.waiting[i] = t.moved[n]
	}
	clear(t.moved)
}
