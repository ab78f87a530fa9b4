package engine

// parts chooses what of a document is read for a class of events beyond what is
// read of all: what its alive filters ask and join by, and what the caller wants;
// and, of samples, everything. What filters behind closed gates ask is read too: that
// all of it is read of each event is what makes the census true, which fields such
// events never have.
func (j *Judge) parts(c *class) {
	p := j.p
	read := make([]bool, len(p.paths))
	for _, slot := range p.extraSlots {
		read[slot] = true
	}
	for _, f := range c.whole.fields {
		read[f.slot] = true
	}
	for _, f := range p.filters {
		if c.live[f.number>>6]>>(f.number&63)&1 != 0 {
			j.slotsOf(c, f, read)
		}
	}
	for _, slot := range p.firstSlots {
		read[slot] = false
	}
	var slots []int
	for slot, is := range read {
		if is {
			slots = append(slots, slot)
		}
	}
	c.part, c.sample = p.schema.Part(slots), p.restPart
	c.silent = c.dead && len(slots) == 0
}

// slotsOf adds the slots that a live filter may ask for.
func (j *Judge) slotsOf(c *class, f *filter, to []bool) {
	for _, s := range c.codeOf(f) {
		if s.atom < 0 {
			continue
		}
		switch a := j.p.atoms[s.atom]; {
		case a.field != nil:
			to[a.field.slot] = true
		case a.script != nil:
			for _, m := range a.script.mentions {
				to[m.field.slot] = true
			}
		}
	}
	if f.keys != nil {
		for _, k := range f.keys.fields {
			to[k.field.slot] = true
		}
	}
}

// readOn reads of the event at hand what its class needs, and now and then all.
func (j *Judge) readOn(c *class) {
	part := c.part
	switch {
	case c.count < fullyRead || c.count%readFully == 0:
		part = c.sample
	case c.silent:
		return
	}
	if j.whole = part == c.sample; j.scanner.More(j.row, part) {
		j.whole = true
		clear(j.entries) // they were of values that have been read anew
	}
	j.makeEntries()
}

// How many events of a class are read whole, so that it is known which fields
// they have: the first ones, and one in how many after them.
const (
	fullyRead = 64
	readFully = 128
)
