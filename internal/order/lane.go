package order

import "slices"

// lane is a queue of chunks of which each begins where the one before ends, or
// later. Input that comes nearly in order makes a lane or two; files that are
// each in order make one for each.
type lane struct {
	chunks []*chunk
	at     int // the record of the first chunk that comes next

	end   record // the last record of the last chunk,
	endOf *kept  // and its event, if the order goes by that
	freed func(bytes int64)
}

// seal sorts the open chunk and puts it at the end of the lane that ends before
// it at the least distance.
func (o *Orderer) seal() {
	c := o.open
	if len(c.records) == 0 {
		return
	}
	c.sort()
	o.open, o.room = &chunk{}, o.chunks // after the first, it pays to make them whole
	first := &c.records[0]
	var best *lane
	for _, l := range o.lanes {
		if l.end.compare(first, l.endOf, c.event(first)) <= 0 &&
			(best == nil || best.end.compare(&l.end, best.endOf, l.endOf) < 0) {
			best = l
		}
	}
	if best == nil {
		best = &lane{freed: func(bytes int64) { o.hold(-bytes) }}
		o.lanes = append(o.lanes, best)
	}
	best.chunks = append(best.chunks, c)
	best.end, best.endOf = c.records[len(c.records)-1], nil
	if best.end.flags&tiebroken != 0 {
		best.endOf = c.event(&best.end)
	}
}

// peek shows the next event.
func (l *lane) peek(h *head) (bool, error) {
	if len(l.chunks) == 0 {
		return false, nil
	}
	c := l.chunks[0]
	h.record = c.records[l.at]
	h.kept = c.event(&h.record)
	return true, nil
}

// pass goes behind the next event, which is the caller's now.
func (l *lane) pass() {
	c := l.chunks[0]
	if x := c.records[l.at].extra; x != 0 {
		c.kept[x-1] = nil
	}
	if l.at++; l.at == len(c.records) {
		l.freed(c.bytes())
		l.chunks[0] = nil
		l.chunks, l.at = l.chunks[1:], 0
	}
}

// lanesLeft forgets the lanes that are used up.
func (o *Orderer) lanesLeft() {
	o.lanes = slices.DeleteFunc(o.lanes, func(l *lane) bool { return len(l.chunks) == 0 })
}
