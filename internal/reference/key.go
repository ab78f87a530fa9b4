package reference

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// maxKeys bounds the keys of one event: the values of one field, or what those
// of several multiply to.
const maxKeys = 10_000

// key is a tuple of join key values. Equal tuples of a run have equal ids.
type key struct {
	id     int
	values []value.Value
}

// keyTable numbers the join keys of a run. A tuple is a chain of links, each
// the tuple so far and one more value; the empty tuple is 0.
type keyTable map[keyLink]int

type keyLink struct {
	prefix int
	last   value.Key
}

// with returns the key that has one more value.
func (t keyTable) with(k key, v value.Value) key {
	link := keyLink{k.id, value.KeyOf(v)}
	id, ok := t[link]
	if !ok {
		id = len(t) + 1
		t[link] = id
	}
	return key{id, append(k.values[:len(k.values):len(k.values)], v)}
}

// product returns the keys of a document: the cartesian product of its values
// of each key field. A missing field is null where the key is optional or
// nullable says so for all; else the document has no key.
func (r *run) product(t keyTable, fields []*eql.Field, d *event.Document, nullable bool) ([]key, error) {
	keys := []key{{}}
	for _, f := range fields {
		values := r.fields.values(d, f.Path)
		if len(values) == 0 {
			if !f.Optional && !nullable {
				return nil, nil
			}
			values = []value.Value{{}}
		}
		values = distinct(values)
		if len(keys)*len(values) > maxKeys {
			return nil, r.fail(f.At, d, ErrTooManyCombinations)
		}
		longer := make([]key, 0, len(keys)*len(values))
		for _, k := range keys {
			for _, v := range values {
				longer = append(longer, t.with(k, v))
			}
		}
		keys = longer
	}
	return keys, nil
}

// distinct drops values that are the same key as an earlier one.
func distinct(values []value.Value) []value.Value {
	seen := map[value.Key]bool{}
	var out []value.Value
	for _, v := range values {
		if k := value.KeyOf(v); !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out
}

// compareKeys orders tuples from left to right.
func compareKeys(a, b []value.Value) int {
	for i := range a {
		if c := value.CompareKey(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}
