package reference

import (
	"math"
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// sample is a compiled sample query.
type sample struct{ terms []*term }

func compileSample(s *eql.Sample) (*sample, error) {
	c := new(sample)
	for _, t := range s.Terms {
		compiled, err := compileTerm(s.Keys, t)
		if err != nil {
			return nil, err
		}
		c.terms = append(c.terms, compiled)
	}
	return c, nil
}

// candidates are the documents that share one key, for each term those that it
// accepts, in index order.
type candidates struct {
	key  key
	docs [][]*event.Document
}

func (s *sample) run(r *run, docs []*event.Document) (*Result, error) {
	r.result.Kind = Samples
	groups, err := s.group(r, docs)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		most := r.opts.MaxSamplesPerKey
		if r.opts.Size >= 0 {
			most = min(most, r.opts.Size-len(r.result.Sequences))
		}
		for _, pick := range s.pick(r, g, most) {
			r.result.Sequences = append(r.result.Sequences, Sequence{Keys: sampleKeys(g.key), Events: pick})
		}
	}
	return r.result, nil
}

// group returns the candidates of every key for which each term has any,
// ascending by key.
func (s *sample) group(r *run, docs []*event.Document) ([]*candidates, error) {
	keys, byKey := keyTable{}, map[int]*candidates{}
	for i, t := range s.terms {
		for _, d := range docs {
			if !r.accepts(d) {
				continue
			}
			ok, err := t.accepts(r, d)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			product, err := r.product(keys, t.keys, d, false)
			if err != nil {
				return nil, err
			}
			for _, k := range product {
				if byKey[k.id] == nil {
					byKey[k.id] = &candidates{key: k, docs: make([][]*event.Document, len(s.terms))}
				}
				g := byKey[k.id]
				g.docs[i] = append(g.docs[i], d)
			}
		}
	}
	var groups []*candidates
	for _, g := range byKey {
		if !slices.ContainsFunc(g.docs, func(of []*event.Document) bool { return len(of) == 0 }) {
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b *candidates) int { return compareKeys(a.key.values, b.key.values) })
	return groups, nil
}

// pick returns the first samples of one key: a document for each term, all of
// them distinct, in the order in which backtracking finds them. As
// Elasticsearch does, it looks at no more documents of a term than are needed
// to fill the samples asked for. It stops at most samples, when the whole result
// needs no more.
func (s *sample) pick(r *run, g *candidates, most int) [][]*event.Document {
	perTerm := len(s.terms) - 1 + min(r.opts.MaxSamplesPerKey, math.MaxInt-len(s.terms))
	pool := make([][]*event.Document, len(g.docs))
	for i, docs := range g.docs {
		pool[i] = docs[:min(len(docs), perTerm)]
	}
	var picks [][]*event.Document
	var fill func(chosen []*event.Document)
	fill = func(chosen []*event.Document) {
		if len(chosen) == len(pool) {
			picks = append(picks, slices.Clone(chosen))
			return
		}
		for _, d := range pool[len(chosen)] {
			if len(picks) >= most {
				return
			}
			if next := append(chosen, d); !slices.Contains(chosen, d) && fillable(pool[len(next):], next) {
				fill(next)
			}
		}
	}
	fill(nil)
	return picks
}

// fillable reports whether distinct documents are left for all the terms to
// come. It keeps the search from walking through every choice of the early
// terms when the late ones can not be filled: each step tries at most as many
// documents as there are terms.
func fillable(pool [][]*event.Document, chosen []*event.Document) bool {
	if len(pool) == 0 {
		return true
	}
	terms := len(pool) + len(chosen)
	for _, d := range pool[0][:min(len(pool[0]), terms)] {
		if !slices.Contains(chosen, d) && fillable(pool[1:], append(chosen[:len(chosen):len(chosen)], d)) {
			return true
		}
	}
	return false
}

// sampleKeys are a sample's keys as they are returned: a date is a number,
// epoch milliseconds.
func sampleKeys(k key) []value.Value {
	var out []value.Value
	for _, v := range k.values {
		if v.Kind() == value.Date {
			v = value.OfInt(v.Instant().UnixMilli())
		}
		out = append(out, v)
	}
	return out
}
