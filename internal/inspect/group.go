package inspect

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
)

// groupKey is what a rule looks at first: where a document is, and what it is.
// categoryField is there because a rule may take its categories from another
// field.
type groupKey struct{ index, categoryField, category string }

// group is the documents of one index and category.
type group struct {
	name   string // the category
	count  int
	fields map[string]int             // those that rules need
	values map[string]map[string]bool // of valueFields
	// unknown are the valueFields of which not all values are kept.
	unknown map[string]bool
}

// needs is what rules ask of the documents: fields, by the field of categories.
type needs map[string]map[string]bool

func needsOf(rules []*Rule) needs {
	all := needs{}
	for _, r := range rules {
		if all[r.category] == nil {
			all[r.category] = map[string]bool{}
		}
		n := needs{r.category: all[r.category]}
		for _, s := range r.stages {
			s.wants.needs(n)
		}
	}
	return all
}

func (c allOf) needs(n needs) {
	for _, one := range c {
		one.needs(n)
	}
}

func (c anyOf) needs(n needs) {
	for _, one := range c {
		one.needs(n)
	}
}

func (open) needs(needs)  {}
func (never) needs(needs) {}

func (l *leaf) needs(n needs) {
	for _, fields := range n {
		for _, f := range l.fields {
			fields[f] = true
		}
	}
}

// group counts a document in each group that it is in.
func (i *Inspector) group(doc *event.Document) {
	for categoryField, fields := range i.needs {
		categories := map[string]bool{}
		for _, c := range doc.Values(categoryField) {
			categories[c.Text()] = true
		}
		if len(categories) == 0 {
			categories[""] = true // rules for any event see it
		}
		for category := range categories {
			if g := i.groupOf(groupKey{doc.Index, categoryField, category}); g != nil {
				g.take(doc, fields)
			}
		}
	}
}

// groupOf returns a group; nil when there are more than are kept.
func (i *Inspector) groupOf(key groupKey) *group {
	g := i.groups[key]
	if g == nil {
		if len(i.groups) == mostGroups || len(key.category) > mostLength {
			i.overflow = true
			return nil
		}
		g = newGroup(key.category)
		i.groups[key] = g
	}
	return g
}

func newGroup(category string) *group {
	return &group{name: category, fields: map[string]int{}, values: map[string]map[string]bool{}, unknown: map[string]bool{}}
}

func (g *group) take(doc *event.Document, fields map[string]bool) {
	g.count++
	for f := range fields {
		if len(doc.Values(f)) > 0 {
			g.fields[f]++
		}
	}
	for _, f := range valueFields {
		if !fields[f] {
			continue
		}
		for _, v := range doc.Values(f) {
			g.see(f, v.Text())
		}
	}
}

func (g *group) see(field, v string) {
	seen := g.values[field]
	if seen == nil {
		seen = map[string]bool{}
		g.values[field] = seen
	}
	if len(v) > mostLength || len(seen) == mostValues && !seen[v] {
		g.unknown[field] = true
		return
	}
	seen[v] = true
}

// merge adds what is known of another group.
func (g *group) merge(o *group) {
	g.count += o.count
	for f, n := range o.fields {
		g.fields[f] += n
	}
	for f, seen := range o.values {
		for v := range seen {
			g.see(f, v)
		}
	}
	maps.Copy(g.unknown, o.unknown)
}

// allows reports whether an event with one of the values that were seen would
// make the leaf true.
func (l *leaf) allows(g *group) bool {
	field := l.fields[0]
	if l.program == nil || g.unknown[field] {
		return true
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(g.values[field])), func(v string) bool {
		ok, known := l.judged[v]
		if !known {
			raw, err := json.Marshal(map[string]string{field: v})
			ok = err != nil
			if err == nil {
				doc, err := event.Decode(raw, event.Identity{ID: "one"}, 1)
				ok = err != nil || holds(l.program, doc)
			}
			if len(l.judged) < mostValues {
				l.judged[v] = ok
			}
		}
		return ok
	})
}
