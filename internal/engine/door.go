package engine

import (
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
)

// The bounds of what is kept of the door. What is beyond them is judged all the
// same, only by every filter.
const (
	mostClasses    = 4096
	mostDoorValues = 1 << 16
	mostIndices    = 1 << 16
	mostWorkedOut  = 256 // classes for which filters are shortened
	doorWidth      = 8   // slots, the index not counted
)

// doorPaths are the fields that decide first which filters can matter: all
// events have them, they take few values, and nearly every condition asks them.
var doorPaths = []string{"event.type", "event.action", "host.os.type", "data_stream.dataset", "event.module"}

// doorKey is an index and the values of the door's fields, by their numbers.
type doorKey [doorWidth + 1]uint32

// class is all that follows from an index and the values of the door's fields.
type class struct {
	live    []uint64      // by filter: whether it may hold for such an event
	code    [][]step      // by filter: what is left to ask of a live one; nil where that is not worked out
	dead    bool          // no filter is live
	whole   *asked        // with all gates open
	gated   *asked        // with those of the judge; nil before it is needed
	part    *event.Schema // what is read of such events beside what is read of all
	silent  bool          // and nothing more of such an event is read
	sample  *event.Schema // the rest too: read of some events, for the census
	index   string
	row     []doorValues // what the door's fields hold, for the census
	count   int64
	present []uint64 // by slot: whether any event of the class had a value
}

// doorValues are the values of one field of the door, as text.
type doorValues struct {
	path   string
	values []string
}

// door finds the class of an event. It belongs to a Judge.
type door struct {
	numbers   []map[string]uint32 // by slot: of the values seen
	texts     [][]string          // by slot and number: what numbers has them by
	near      []nearNumbers       // by slot: those seen lately
	lately    [nearClasses]nearClass
	names     []string     // of the indices, by number
	nearIndex [16]struct { // the indices seen lately
		name   string
		number uint32
	}
	indices map[string]uint32
	classes map[doorKey]*class
	open    map[string]*class // by index: of events beyond the bounds
	scratch []byte
}

// nearNumbers are numbers of single values by a sketch of them: events take few.
type nearNumbers [64]struct {
	text   string
	kind   event.ScalarKind
	number uint32 // 0 = free
}

// nearClass is a class by a hash of its key.
type nearClass struct {
	key   doorKey
	class *class
}

const nearClasses = 256

// hash is any that spreads small numbers.
func (k *doorKey) hash() uint32 {
	h := uint32(0)
	for _, n := range k {
		h = (h ^ n) * 0x9e3779b1
	}
	return h >> 24
}

func (j *Judge) newDoor() *door {
	d := &door{indices: map[string]uint32{}, names: []string{""}, classes: map[doorKey]*class{}, open: map[string]*class{}}
	d.numbers = make([]map[string]uint32, len(j.p.doorSlots))
	d.texts, d.near = make([][]string, len(j.p.doorSlots)), make([]nearNumbers, len(j.p.doorSlots))
	for i := range d.numbers {
		d.numbers[i], d.texts[i] = map[string]uint32{}, []string{""}
	}
	return d
}

// classOf returns the class of the event at hand.
func (j *Judge) classOf() *class {
	d := j.door
	var key doorKey
	for i, slot := range j.p.doorSlots {
		n, ok := d.number(i, j.row, slot)
		if !ok {
			return j.openClass()
		}
		key[i] = n
	}
	var n uint32
	if near := &d.nearIndex[sketchOf(j.index)%16]; near.number != 0 && near.name == j.index {
		n = near.number
	} else {
		if n = d.indices[j.index]; n == 0 {
			if len(d.indices) == mostIndices {
				return j.openClass()
			}
			n = uint32(len(d.indices)) + 1 //nolint:gosec // bounded
			name := strings.Clone(j.index)
			d.indices[name] = n
			d.names = append(d.names, name)
		}
		near.name, near.number = d.names[n], n
	}
	key[doorWidth] = n
	near := &d.lately[key.hash()]
	if near.class != nil && near.key == key {
		return near.class
	}
	c := d.classes[key]
	if c == nil {
		if len(d.classes) == mostClasses {
			return j.openClass()
		}
		c = j.newClass(true)
		d.classes[key] = c
	}
	near.key, near.class = key, c
	return c
}

// number returns the number of what a slot holds: 0 for nothing.
func (d *door) number(i int, row *event.Row, slot int) (uint32, bool) {
	at := row.Head(slot)
	if at < 0 {
		return 0, true
	}
	if s := row.At(at); s.Next < 0 {
		near := &d.near[i][sketchOf(s.Text)%64]
		if near.number != 0 && near.kind == s.Kind && near.text == s.Text {
			return near.number, true
		}
		n, ok := d.lookUp(i, row, at)
		if ok {
			text := d.texts[i][n]
			near.text, near.kind, near.number = text[1:len(text)-1], s.Kind, n
		}
		return n, ok
	}
	return d.lookUp(i, row, at)
}

// lookUp returns the number of a slot's values, from the first.
func (d *door) lookUp(i int, row *event.Row, at int32) (uint32, bool) {
	d.scratch = d.scratch[:0]
	for ; at >= 0; at = row.At(at).Next {
		s := row.At(at)
		d.scratch = append(d.scratch, byte(s.Kind))
		d.scratch = append(d.scratch, s.Text...)
		d.scratch = append(d.scratch, 0xff) // in no valid text
	}
	n, ok := d.numbers[i][string(d.scratch)]
	if !ok {
		if len(d.numbers[i]) == mostDoorValues || len(d.scratch) > 512 {
			return 0, false
		}
		n = uint32(len(d.numbers[i])) + 1 //nolint:gosec // bounded
		text := string(d.scratch)
		d.numbers[i][text] = n
		d.texts[i] = append(d.texts[i], text)
	}
	return n, true
}

// openClass is that of an event of which nothing is known but the index.
func (j *Judge) openClass() *class {
	c := j.door.open[j.index]
	if c == nil {
		if len(j.door.open) == mostClasses {
			clear(j.door.open)
		}
		c = j.newClass(false)
		j.door.open[strings.Clone(j.index)] = c
	}
	return c
}

// newClass finds out which filters can hold for events that agree with the one at
// hand in the index and, if known, in the door's fields.
func (j *Judge) newClass(known bool) *class {
	c := &class{live: make([]uint64, (len(j.p.filters)+63)/64), index: j.index, present: make([]uint64, len(j.row.Present()))}
	accepts := make([]bool, len(j.p.queries))
	for i, q := range j.p.queries {
		accepts[i] = q.accept == nil || q.accept(j.index)
	}
	c.dead = true
	if known && len(j.door.classes) < mostWorkedOut {
		c.code = make([][]step, len(j.p.filters))
	}
	for _, f := range j.p.filters {
		if !accepts[f.query] || !j.reachable(f, known) {
			continue
		}
		c.dead = false
		c.live[f.number>>6] |= 1 << (f.number & 63)
		if c.code != nil && f.places == nil {
			c.code[f.number] = j.rest(f)
		}
	}
	c.whole = j.newAsked(c, nil)
	j.parts(c)
	for i, slot := range j.p.doorSlots {
		v := doorValues{path: j.p.schema.Path(j.p.doorSlots[i])}
		for at := j.row.Head(slot); at >= 0; at = j.row.At(at).Next {
			v.values = append(v.values, strings.Clone(j.row.At(at).Text))
		}
		c.row = append(c.row, v)
	}
	return c
}

// reachable reports whether a filter may accept, or fail on, an event that agrees
// with the one at hand in the door's fields.
func (j *Judge) reachable(f *filter, known bool) bool {
	seen := make([]bool, len(f.code))
	todo := []int32{0}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch {
		case at == accept:
			return true
		case at < 0 || seen[at]:
			continue
		}
		seen[at] = true
		s := f.code[at]
		if s.atom < 0 {
			todo = append(todo, s.yes)
			continue
		}
		a := j.p.atoms[s.atom]
		if a.fallible {
			return true
		}
		if truth, ok := j.atDoor(s.atom); known && ok {
			todo = append(todo, s.next(truth))
			continue
		}
		todo = append(todo, s.yes, s.no)
	}
	return false
}

// atDoor returns the truth of an atom that the door's fields decide, for the event
// at hand, and whether it is one.
func (j *Judge) atDoor(n int32) (truth, ok bool) {
	a := j.p.atoms[n]
	if a.fallible || a.lazy || a.field == nil || !a.field.door {
		return false, false
	}
	truth, _ = j.ask(n)
	return truth, true
}

func (s step) next(truth bool) int32 {
	if truth {
		return s.yes
	}
	return s.no
}

// rest is a filter's code without what the door's fields decide, as they are in
// the event at hand.
func (j *Judge) rest(f *filter) []step {
	resolve := func(at int32) int32 {
		for at >= 0 {
			s := f.code[at]
			if s.atom < 0 {
				at = s.yes
				continue
			}
			truth, ok := j.atDoor(s.atom)
			if !ok {
				return at
			}
			at = s.next(truth)
		}
		return at
	}
	entry := resolve(0)
	if entry < 0 {
		return []step{{atom: -1, yes: entry, no: entry}}
	}
	// Jumps go forward only, so one pass from the entry finds all that is left.
	place := make([]int32, len(f.code))
	place[entry] = 1
	var out []step
	for at := entry; int(at) < len(f.code); at++ {
		if place[at] == 0 {
			continue
		}
		out = append(out, step{f.code[at].atom, resolve(f.code[at].yes), resolve(f.code[at].no)})
		place[at] = int32(len(out)) //nolint:gosec // bounded by the length of a query
		for _, to := range []int32{out[len(out)-1].yes, out[len(out)-1].no} {
			if to >= 0 {
				place[to] = 1
			}
		}
	}
	for i := range out {
		for _, to := range []*int32{&out[i].yes, &out[i].no} {
			if *to >= 0 {
				*to = place[*to] - 1
			}
		}
	}
	return out
}

// codeOf returns what is left to ask of a filter.
func (c *class) codeOf(f *filter) []step {
	if c.code != nil && c.code[f.number] != nil {
		return c.code[f.number]
	}
	return f.code
}
