package pass

import (
	"slices"

	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// Catalog is a schedule.Catalog of what a judge has seen. A field is known in an
// index if ECS or Elastic Defend has it, as an index template would, or if an event of
// the index had it. It knows only fields that the program reads.
type Catalog struct {
	indices []string
	fields  map[[2]string]bool // by index and field
}

var _ schedule.Catalog = (*Catalog)(nil)

// NewCatalog makes a catalog of indices and what is known of their events.
func NewCatalog(indices []string, seen engine.Census, fields []string) *Catalog {
	c := &Catalog{indices: slices.Sorted(slices.Values(indices)), fields: map[[2]string]bool{}}
	for i := range seen.Classes {
		class := &seen.Classes[i]
		for _, field := range fields {
			if class.Has(field) {
				c.fields[[2]string{class.Index, field}] = true
			}
		}
	}
	return c
}

// Indices are those that fit.
func (c *Catalog) Indices(fits func(index string) bool) []string {
	return slices.DeleteFunc(slices.Clone(c.indices), func(index string) bool { return !fits(index) })
}

// Has reports whether a field is known in an index.
func (c *Catalog) Has(index, field string) bool {
	if _, ok := ecs.Lookup(field); ok {
		return true
	}
	return c.fields[[2]string{index, field}]
}

// FieldsOf are the fields that a Catalog for these rules must know of.
func FieldsOf(rules []*schedule.Rule) []string {
	fields := TimeFields(rules)
	for _, r := range rules {
		for _, f := range r.Fields {
			if !slices.Contains(fields, f) {
				fields = append(fields, f)
			}
		}
	}
	return fields
}
