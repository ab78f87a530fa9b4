package explain

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// maxKeys bounds the join keys that one event multiplies to.
const maxKeys = 1000

// term is one `[..]` or `![..]`, `with runs` written out.
type term struct {
	*gathered
	source *eql.Term
	number int // among the terms as written, from 1
	run    int // from 1; 0 when the term does not repeat
	keys   []*eql.Field
}

// gathered is what the documents are to a term; the runs of a term share it.
type gathered struct {
	*judged
	byKey   map[int]*atKey
	docs    []reference.Placed // of the category
	hits    []hit              // in order
	keyless int                // documents that meet the term and have no join key
	most    int                // leaves that hold for a hit
	absent  map[string]bool    // fields that were looked for in docs
}

// hit is a document that meets a term, under one of its keys.
type hit struct {
	reference.Placed
	key []value.Value
}

// atKey is what one join key has at a term.
type atKey struct {
	key  []value.Value
	hits []reference.Placed // in order
	best nearness           // of those that are none
	near []reference.Placed // of the category and as near as any, in order
}

func newTerms(keys []*eql.Field, written []*eql.Term) []*term {
	var all []*term
	for i, t := range written {
		for run := range max(t.Runs, 1) {
			one := &term{source: t, number: i + 1, keys: slices.Concat(keys, t.Keys)}
			if t.Runs > 1 {
				one.run = run + 1
			}
			all = append(all, one)
		}
	}
	return all
}

// gather judges all documents by a term.
func (x *explaining) gather(t *term) error {
	j, err := x.judge(t.source.Filter)
	if err != nil {
		return err
	}
	t.gathered = &gathered{judged: j, byKey: map[int]*atKey{}}
	for _, p := range x.placed {
		truth := t.explainer.Explain(p.Document)
		if !t.inCategory(truth) {
			continue
		}
		t.docs = append(t.docs, p)
		keys := x.keysOf(t.keys, p.Document)
		n := near(truth, true)
		if len(keys) == 0 && n.cost == 0 {
			t.keyless++
		}
		for _, key := range keys {
			if n.cost == 0 {
				t.most = max(t.most, n.held)
				t.hits = append(t.hits, hit{p, key})
			}
			t.at(x.keys.id(key), key).take(p, n)
		}
	}
	return nil
}

func (t *term) at(id int, key []value.Value) *atKey {
	if t.byKey[id] == nil {
		t.byKey[id] = &atKey{key: key}
	}
	return t.byKey[id]
}

func (a *atKey) take(p reference.Placed, n nearness) {
	switch {
	case n.cost == 0:
		a.hits = append(a.hits, p)
	case len(a.near) == 0 || n.nearer(a.best):
		a.best, a.near = n, []reference.Placed{p}
	case n == a.best:
		a.near = append(a.near, p)
	}
}

// keysOf returns the join keys of a document: the product of its values, null
// for an optional field that is missing; none when another one is missing.
func (x *explaining) keysOf(fields []*eql.Field, d *event.Document) [][]value.Value {
	keys := [][]value.Value{nil}
	for _, f := range fields {
		values := x.program.Values(f, d)
		if len(values) == 0 {
			if !f.Optional {
				return nil
			}
			values = []value.Value{{}}
		}
		var longer [][]value.Value
		for _, k := range keys {
			for _, v := range values {
				if len(longer) < maxKeys {
					longer = append(longer, append(slices.Clip(k), v))
				}
			}
		}
		keys = longer
	}
	return keys
}

// keyTable numbers join keys: keys that are equal have one number.
type keyTable map[keyLink]int

type keyLink struct {
	before int // the number of the parts before the last
	last   value.Key
}

func (t keyTable) id(key []value.Value) int {
	id := 0
	for _, v := range key {
		link := keyLink{id, value.KeyOf(v)}
		if t[link] == 0 {
			t[link] = len(t) + 1
		}
		id = t[link]
	}
	return id
}

// named joins the parts of a key with the names that the term gives them.
func (t *term) named(key []value.Value) []Key {
	var all []Key
	for i, v := range key {
		name := ""
		if i < len(t.keys) {
			name = t.keys[i].Name()
		}
		all = append(all, Key{Field: name, Value: v})
	}
	return all
}

// label is how the term is called in a sentence.
func (t *term) label() string {
	text := "stage " + itoa(t.number)
	if t.run > 0 {
		text += " (run " + itoa(t.run) + " of " + itoa(t.source.Runs) + ")"
	}
	return text
}

// stageAt tells of a document at the term.
func (t *term) stageAt(p *reference.Placed) Stage {
	s := t.stage(p)
	s.Number, s.Run, s.Missing = t.number, t.run, t.source.Missing
	return s
}

// category names the events that the term is for.
func (t *term) category() string {
	if t.filter.Any {
		return "event"
	}
	return t.filter.Category + " event"
}
