package engine

import "math/bits"

// Gates are the sequences of a program whose first event has been seen, by query.
// Before that nothing else of a sequence can come to anything: its later
// conditions, until's and those of missing events need not be asked. That is
// for who can judge events again: those at hand when a sequence begins, and those
// before them that turn out to be later in the order of time.
type Gates []uint64

// NewGates returns gates of which all are closed; nil if no query of the program
// has one.
func (p *Program) NewGates() Gates {
	for i := range p.queries {
		if p.queries[i].gated {
			return make(Gates, (len(p.queries)+63)/64)
		}
	}
	return nil
}

// Has reports whether a gate is open.
func (g Gates) Has(query int32) bool { return g[query>>6]>>(query&63)&1 != 0 }

// Open opens a gate.
func (g Gates) Open(query int32) { g[query>>6] |= 1 << (query & 63) }

// Covers reports whether all gates of another are open in this one too.
func (g Gates) Covers(o Gates) bool {
	for i, word := range o {
		if word&^g[i] != 0 {
			return false
		}
	}
	return true
}

// Add opens the gates that are open in another, and reports whether any was closed.
func (g Gates) Add(o Gates) bool {
	changed := !g.Covers(o)
	for i, word := range o {
		g[i] |= word
	}
	return changed
}

// Gate makes the judge leave unasked what stands behind a closed gate. All are
// closed now. Verdict.Begun is set from here on.
func (j *Judge) Gate() { j.gates = j.p.NewGates() }

// Open opens gates, and reports whether any was closed.
func (j *Judge) Open(g Gates) bool {
	if !j.gates.Add(g) {
		return false
	}
	j.gatesAt++
	return true
}

// Gates returns which gates are open; nil without Gate. It belongs to the judge.
func (j *Judge) Gates() Gates { return j.gates }

// Again says whether the events that follow have been judged before: they are not
// counted once more.
func (j *Judge) Again(again bool) { j.again = again }

// asked is which of the filters that may hold for a class of events are asked.
type asked struct {
	alive   []uint64 // by filter
	fields  []*field // those with a witness of an alive filter
	always  []int32  // alive filters that have to be asked
	accepts []int32  // alive filters that accept all such events

	waiting []int32 // queries with filters behind closed gates,
	gatesAt int     // as of this change of the judge's gates
}

// mostExtra is how many values more than fields with a value an event may have to
// be gated: so few can not make more join keys than are allowed, which would be
// told.
const mostExtra = 13

// askedOf returns what is asked of the event at hand. What would have to be told of
// an event is told whether a gate is open or not: of one that has no place in time,
// or may have too many join keys, everything is asked.
func (j *Judge) askedOf(c *class) *asked {
	if j.gates == nil || !j.placed() || j.extra() > mostExtra {
		return c.whole
	}
	if g := c.gated; g == nil || g.gatesAt != j.gatesAt && j.opened(g) {
		c.gated = j.newAsked(c, j.gates)
	}
	c.gated.gatesAt = j.gatesAt
	return c.gated
}

// placed reports whether the event at hand has a place in all orders.
func (j *Judge) placed() bool {
	for i := range j.verdict.Events {
		if e := &j.verdict.Events[i]; !e.HasTime || e.Tied {
			return false
		}
	}
	return true
}

// extra is how many values more than fields with a value the event at hand has.
func (j *Judge) extra() int {
	n := j.row.Count()
	for _, word := range j.row.Present() {
		n -= bits.OnesCount64(word)
	}
	return n
}

// opened reports whether a gate has been opened behind which there are filters.
func (j *Judge) opened(a *asked) bool {
	for _, query := range a.waiting {
		if j.gates.Has(query) {
			return true
		}
	}
	return false
}

// newAsked sorts the filters that may hold for a class by how they are asked, but
// for those behind closed gates.
func (j *Judge) newAsked(c *class, gates Gates) *asked {
	a := &asked{alive: make([]uint64, len(c.live))}
	witnesses := make([]bool, len(j.p.fields))
	for at, word := range c.live {
		for ; word != 0; word &= word - 1 {
			f := j.p.filters[at<<6+bits.TrailingZeros64(word)]
			if gates != nil && f.later && !gates.Has(f.query) {
				if n := len(a.waiting); n == 0 || a.waiting[n-1] != f.query {
					a.waiting = append(a.waiting, f.query)
				}
				continue
			}
			a.alive[at] |= word & -word
			if !f.always {
				for _, w := range f.witness {
					witnesses[w.field.number] = true
				}
				continue
			}
			if code := c.codeOf(f); code[0].atom < 0 && code[0].yes == accept {
				a.accepts = append(a.accepts, f.number)
			} else {
				a.always = append(a.always, f.number)
			}
		}
	}
	for i, f := range j.p.fields {
		if witnesses[i] {
			a.fields = append(a.fields, f)
		}
	}
	return a
}
