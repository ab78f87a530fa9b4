package explain

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// variant is a set of limits that a sequence is run without.
type variant uint8

const (
	withoutSpan variant = 1 << iota
	withoutUntil
	withoutMissing
	withoutAll = withoutSpan | withoutUntil | withoutMissing
)

// without runs the sequence without some of its limits, and returns what it
// found by key. A maxspan that only missing terms make necessary stays as long
// as they do.
func (s *sequence) without(v variant) map[int][]reference.Sequence {
	if found, ok := s.variants[v]; ok {
		return found
	}
	found := map[int][]reference.Sequence{}
	s.variants[v] = found
	body, ok := s.body.(*eql.Sequence)
	if !ok || v == withoutSpan && len(s.terms) > len(s.stages) {
		return found
	}
	changed := *body
	if v&withoutSpan != 0 {
		changed.MaxSpan = nil
	}
	if v&withoutUntil != 0 {
		changed.Until = nil
	}
	if v&withoutMissing != 0 {
		changed.Terms = nil
		for _, t := range body.Terms {
			if !t.Missing {
				changed.Terms = append(changed.Terms, t)
			}
		}
	}
	program, err := reference.Compile(&eql.Query{Body: &changed}, s.opts)
	if err != nil {
		return found // it compiled with more in it
	}
	result, err := program.Run(s.relevant())
	if err != nil {
		return found
	}
	for _, one := range result.Sequences {
		id := s.keys.id(one.Keys)
		found[id] = append(found[id], one)
	}
	return found
}

// relevant are the documents that meet any term.
func (s *sequence) relevant() []*event.Document {
	meets := map[*event.Document]bool{}
	terms := s.terms
	if s.until != nil {
		terms = append(terms[:len(terms):len(terms)], s.until)
	}
	for _, t := range terms {
		for _, h := range t.hits {
			meets[h.Document] = true
		}
	}
	var docs []*event.Document
	for _, p := range s.placed {
		if meets[p.Document] {
			docs = append(docs, p.Document)
		}
	}
	return docs
}
