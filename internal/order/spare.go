package order

// expect makes a new chunk begin with the room that the last one needed, within
// reason: after the first, it pays not to let them grow by and by.
func (o *Orderer) expect(last *chunk) {
	f, most := &o.first, o.chunks
	f.records = most
	f.bodies = min(max(f.bodies, withMargin(len(last.bodies))), most)
	f.hits = min(max(f.hits, withMargin(len(last.hits))), 4*most)
	f.keys = min(max(f.keys, withMargin(len(last.keys))), 4*most)
	f.rare = min(max(f.rare, withMargin(len(last.rare))), most)
}

func withMargin(n int) int { return n + n/8 }

// used takes a chunk whose events are all given or spilled. It is used again while
// events still come, and counts as memory until it is let go of.
func (o *Orderer) used(c *chunk) {
	size := c.bytes()
	o.bytes -= size
	if o.closed {
		return
	}
	c.reset()
	o.spares, o.spare = append(o.spares, c), o.spare+size
}

// reuse makes a spare chunk the open one, if that has no room at all.
func (o *Orderer) reuse() {
	last := len(o.spares) - 1
	if last < 0 || cap(o.open.records) > 0 {
		return
	}
	o.open, o.spares[last] = o.spares[last], nil
	o.spares = o.spares[:last]
	o.bytes, o.spare = o.bytes+o.open.bytes(), o.spare-o.open.bytes()
}

// trim lets go of spare chunks that the budget has no room for, once events take
// so many bytes more.
func (o *Orderer) trim(more int64) {
	for last := len(o.spares) - 1; last >= 0 && o.bytes+o.spare+more > o.opts.Budget; last-- {
		o.spare -= o.spares[last].bytes()
		o.spares[last] = nil
		o.spares = o.spares[:last]
	}
}
