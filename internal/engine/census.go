package engine

import "slices"

// Census is which kinds of events there were.
type Census struct {
	Classes  []CensusClass
	Overflow bool // there were more kinds than are told apart
}

// CensusClass is the events of one index that agree in their categories, actions,
// types and systems.
type CensusClass struct {
	Index   string
	Count   int64
	Values  map[string][]string // by field, those of the fields that were told apart
	schema  interface{ Slot(string) int }
	present []uint64
}

// Has reports whether any event of the class has a value of a field, if the
// program reads it.
func (c *CensusClass) Has(path string) bool {
	slot := c.schema.Slot(path)
	return slot >= 0 && c.present[slot>>6]>>(slot&63)&1 != 0
}

// Census returns what kinds of events the judge has seen.
func (j *Judge) Census() Census {
	c := Census{Overflow: len(j.door.open) > 0}
	for _, one := range j.door.classes {
		if one.count == 0 {
			continue
		}
		out := CensusClass{
			Index: one.index, Count: one.count, Values: map[string][]string{},
			schema: j.p.schema, present: slices.Clone(one.present),
		}
		for _, v := range one.row {
			out.Values[v.path] = v.values
		}
		c.Classes = append(c.Classes, out)
	}
	return c
}

// Add adds what another judge has seen.
func (c *Census) Add(o Census) {
	c.Classes = append(c.Classes, o.Classes...)
	c.Overflow = c.Overflow || o.Overflow
}
