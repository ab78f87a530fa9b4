package generate

import (
	"fmt"
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// place is a field of one of the documents that are looked for.
type place struct {
	doc  int
	path string
}

// domain is one or, where stages are joined, several places that get the same
// value.
type domain struct {
	field     *eql.Field
	joined    bool
	mandatory bool
	prefer    []value.Value // what to keep if it will do
}

// search looks for documents.
type search struct {
	judge     *judge
	docs      int
	places    []place // in the order in which they came up
	domains   map[place]*domain
	literals  map[clause]*literal
	equations map[equation]eql.Expr
	solved    map[domainState]outcome
	steps     int
}

// How much a search may do: choices made, and parts of conditions judged.
const (
	maxSteps    = 3_000
	maxJudgings = 500_000
)

// domainState is a domain and what is asked of it.
type domainState struct {
	domain *domain
	asked  string
}

type outcome struct {
	values []value.Value
	ok     bool
}

func newSearch(j *judge, docs int) *search {
	return &search{
		judge: j, docs: docs,
		domains:   map[place]*domain{},
		literals:  map[clause]*literal{},
		equations: map[equation]eql.Expr{},
		solved:    map[domainState]outcome{},
	}
}

// domain returns the domain of a field of a document.
func (s *search) domain(doc int, f *eql.Field) *domain {
	at := place{doc, f.Path}
	d, ok := s.domains[at]
	if !ok {
		d = &domain{field: f}
		s.domains[at] = d
		s.places = append(s.places, at)
	}
	return d
}

// join makes places share one value.
func (s *search) join(a, b *domain) {
	if a == b {
		return
	}
	a.joined, a.mandatory = true, a.mandatory || b.mandatory
	for at, d := range s.domains {
		if d == b {
			s.domains[at] = a
		}
	}
}

// solve finds documents for a goal.
func (s *search) solve(g goal) ([]values, bool) {
	if s.steps++; s.steps > maxSteps || s.judge.count > maxJudgings || s.judge.err != nil {
		return nil, false
	}
	docs, ok := s.fill(g.literals)
	if !ok {
		return nil, false
	}
	next, done := s.open(g, docs)
	if done {
		events := documents(docs)
		return docs, !slices.ContainsFunc(g.guessed, func(c clause) bool { return !s.satisfied(c, events) })
	}
	rest := g.without(next)
	for _, option := range next.options {
		if found, ok := s.solve(rest.with(s, option...)); ok {
			return found, true
		}
	}
	return nil, false
}

// without returns the goal that has a choice less, or a literal of several fields:
// the option that is taken keeps it satisfied. An option of such a literal is a
// guess, so it is looked at again in the end.
func (g goal) without(c choice) goal {
	if c.guess {
		g.guessed = append(slices.Clip(g.guessed), c.whole)
	}
	g.choices = slices.DeleteFunc(slices.Clone(g.choices), func(d choice) bool { return d.whole == c.whole })
	g.literals = slices.DeleteFunc(slices.Clone(g.literals), func(l *literal) bool { return l.clause == c.whole })
	return g
}

// open returns the choice with the fewest options among those that the
// documents do not satisfy.
func (s *search) open(g goal, docs []values) (next choice, done bool) {
	done = true
	consider := func(c choice) {
		if done || len(c.options) < len(next.options) {
			next, done = c, false
		}
	}
	events := documents(docs)
	for _, c := range g.choices {
		if !s.satisfied(c.whole, events) {
			consider(c)
		}
	}
	for _, l := range g.literals {
		if len(l.fields) > 1 && !s.satisfied(l.clause, events) {
			consider(s.bindings(l, docs[l.doc]))
		}
	}
	return next, done
}

func (s *search) satisfied(c clause, docs []*event.Document) bool {
	return s.judge.holds(c.expr, docs[c.doc]) == c.want
}

func documents(docs []values) []*event.Document {
	var out []*event.Document
	for _, d := range docs {
		out = append(out, d.document())
	}
	return out
}

// bindings is the choice among the ways to satisfy a leaf of several fields: what
// its form suggests, and one field taking the value that another has.
func (s *search) bindings(l *literal, doc values) choice {
	c := choice{whole: l.clause, guess: true}
	for _, f := range l.fields {
		for _, g := range l.fields {
			if has := doc[g.Path]; f != g && len(has) > 0 {
				c.options = append(c.options, []clause{{l.doc, s.equals(g, has[0]), true}, {l.doc, s.equals(f, has[0]), true}})
			}
		}
	}
	for _, b := range guesses(l.expr, l.want) {
		for _, filled := range b.alternatives() {
			var option []clause
			for _, f := range l.fields {
				if v, ok := filled[f.Path]; ok {
					option = append(option, clause{l.doc, s.equals(f, v), true})
				}
			}
			c.options = append(c.options, option)
		}
	}
	return c
}

// fill gives every domain a value that all single-field literals accept.
func (s *search) fill(literals []*literal) ([]values, bool) {
	asked := map[*domain][]*literal{}
	for _, l := range literals {
		switch len(l.fields) {
		case 0:
			if s.judge.holds(l.expr, values{}.document()) != l.want {
				return nil, false
			}
		case 1:
			d := s.domain(l.doc, l.fields[0])
			asked[d] = append(asked[d], l)
		}
	}
	docs := make([]values, s.docs)
	for i := range docs {
		docs[i] = values{}
	}
	for _, at := range s.places {
		d := s.domains[at]
		found := s.settle(d, asked[d])
		if !found.ok {
			return nil, false
		}
		if len(found.values) > 0 {
			docs[at.doc][at.path] = found.values
		}
	}
	return docs, true
}

// settle finds a domain's value, or remembers it.
func (s *search) settle(d *domain, literals []*literal) outcome {
	key := domainState{d, s.key(literals)}
	found, ok := s.solved[key]
	if !ok {
		found.values, found.ok = s.value(d, literals)
		s.solved[key] = found
	}
	return found
}

// key is the same for the same literals.
func (s *search) key(literals []*literal) string {
	numbers := make([]int, len(literals))
	for i, l := range literals {
		numbers[i] = l.number
	}
	slices.Sort(numbers)
	return fmt.Sprint(numbers)
}
