package inspect

import (
	"slices"
)

// Class is what was counted elsewhere of events that are alike: those of one
// index that have the same values in all fields of categories and of valueFields.
type Class struct {
	Index string
	Count int // of events; 0 says nothing
	// Values are the texts of the values, by field, of the fields by which the
	// class is one: each value once, in any order; none where the field is missing.
	Values map[string][]string
	// Unknown are those of valueFields of which not all values were kept.
	Unknown []string
	// Fields reports whether any event of the class had a value for a field. It is
	// asked about the fields that the rules need.
	Fields func(path string) bool
}

// TakeClass counts events that were counted as a class. Blocked then answers as
// if each of them had been taken. A Report has of them no more than their number.
func (i *Inspector) TakeClass(c Class) {
	if c.Count <= 0 {
		return
	}
	i.documents += c.Count
	for categoryField, fields := range i.needs {
		categories := slices.Compact(slices.Sorted(slices.Values(c.Values[categoryField])))
		if len(categories) == 0 {
			categories = []string{""} // rules for any event see it
		}
		for _, category := range categories {
			if g := i.groupOf(groupKey{c.Index, categoryField, category}); g != nil {
				g.takeClass(c, fields)
			}
		}
	}
}

// Overflow says that there were more classes than were counted: what is not
// there may have been, so that nothing is claimed any more.
func (i *Inspector) Overflow() { i.overflow = true }

func (g *group) takeClass(c Class, fields map[string]bool) {
	g.count += c.Count
	for f := range fields {
		if c.Fields(f) {
			g.fields[f] += c.Count
		}
	}
	for _, f := range valueFields {
		if !fields[f] {
			continue
		}
		for _, v := range c.Values[f] {
			g.see(f, v)
		}
		if slices.Contains(c.Unknown, f) {
			g.unknown[f] = true
		}
	}
}
