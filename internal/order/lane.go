package order

import "slices"

// lane is a queue of chunks of which each begins where the one before ends, or
// later. Input that comes nearly in order makes a lane or two; files that are
// each in order make one for each.
type lane struct {
	chunks []*chunk
	at     int // the record of the first chunk that comes next
	used   func(*chunk)
}

// end is the last record, and its chunk.
func (l *lane) end() (*record, *chunk) {
	c := l.chunks[len(l.chunks)-1]
	return &c.records[len(c.records)-1], c
}

// seal sorts the open chunk and puts it at the end of the lane that ends before
// it at the least distance.
func (o *Orderer) seal() {
	c := o.open
	if len(c.records) == 0 {
		return
	}
	c.sort()
	o.expect(c)
	o.open = &chunk{}
	first := &c.records[0]
	var best *lane
	for _, l := range o.lanes {
		end, in := l.end()
		if end.compare(first, in, c) > 0 {
			continue
		}
		if best != nil {
			if least, of := best.end(); least.compare(end, of, in) >= 0 {
				continue
			}
		}
		best = l
	}
	if best == nil {
		best = &lane{used: o.used}
		o.lanes = append(o.lanes, best)
	}
	best.chunks = append(best.chunks, c)
}

// next shows the chunk that comes next, and from where on.
func (l *lane) next() (*chunk, int, error) {
	if len(l.chunks) == 0 {
		return nil, 0, nil
	}
	return l.chunks[0], l.at, nil
}

// pass goes behind the next n events, which have been given.
func (l *lane) pass(n int) {
	c := l.chunks[0]
	if l.at += n; l.at == len(c.records) {
		l.chunks[0] = nil
		l.chunks, l.at = l.chunks[1:], 0
		l.used(c)
	}
}

// lanesLeft forgets the lanes that are used up.
func (o *Orderer) lanesLeft() {
	o.lanes = slices.DeleteFunc(o.lanes, func(l *lane) bool { return len(l.chunks) == 0 })
}
