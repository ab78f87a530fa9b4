package reference

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// fields reads the values of a document's fields under their types.
type fields struct {
	schema   *eql.Schema
	category string // paths, aliases followed
	time     string
	tiebreak string
}

func newFields(opts Options) fields {
	f := fields{
		schema:   opts.Schema,
		category: opts.Schema.Path(opts.CategoryField),
		time:     opts.Schema.Path(opts.TimestampField),
	}
	if opts.TiebreakerField != "" {
		f.tiebreak = opts.Schema.Path(opts.TiebreakerField)
	}
	return f
}

// values returns the field's values; none when it is missing. The timestamp is
// a date whatever else is known of it; a timestamp that is none is missing.
func (f fields) values(d *event.Document, path string) []value.Value {
	raw := d.Values(path)
	var out []value.Value
	for _, v := range raw {
		v = f.schema.Coerce(d.Index, path, v)
		if v.IsNull() {
			continue // such as "" in a number field: indexed as nothing
		}
		if path == f.time && v.Kind() != value.Date {
			if v = value.Coerce(v, value.TypeDate, ""); v.Kind() != value.Date {
				continue
			}
		}
		out = append(out, v)
	}
	return out
}

func (f fields) timestamp(d *event.Document) []value.Value { return f.values(d, f.time) }

func (f fields) tiebreaker(d *event.Document) []value.Value {
	if f.tiebreak == "" {
		return nil
	}
	return f.values(d, f.tiebreak)
}
