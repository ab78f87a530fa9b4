package generate

import (
	"slices"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// plan is what a query asks for: its terms, and the time they may take.
type plan struct {
	query *eql.Query
	terms []*term
	until *term
	span  time.Duration // 0 is none
}

// term is one term of a query, positive or missing.
type term struct {
	number  int
	filter  *eql.Filter
	keys    []*eql.Field
	missing bool
	runs    int
}

func newPlan(q *eql.Query) *plan {
	p := &plan{query: q}
	add := func(keys []*eql.Field, terms []*eql.Term) {
		for i, t := range terms {
			p.terms = append(p.terms, &term{i, t.Filter, slices.Concat(keys, t.Keys), t.Missing, max(t.Runs, 1)})
		}
	}
	switch b := q.Body.(type) {
	case *eql.Filter:
		p.terms = []*term{{filter: b, runs: 1}}
	case *eql.Sample:
		add(b.Keys, b.Terms)
	case *eql.Sequence:
		add(b.Keys, b.Terms)
		if u := b.Until; u != nil {
			p.until = &term{number: len(b.Terms), filter: u.Filter, keys: slices.Concat(b.Keys, u.Keys), runs: 1}
		}
		if b.MaxSpan != nil {
			p.span = b.MaxSpan.Duration()
		}
	}
	return p
}

// part is one document that is to be made: what it must satisfy, and how many
// events in a row it becomes.
type part struct {
	term    *term
	clauses []clause
	copies  int
}

// parts are the documents that satisfy the query: one for each positive term.
func (p *plan) parts() []part {
	var parts []part
	for _, t := range p.terms {
		if !t.missing {
			parts = append(parts, part{t, t.clauses(), t.runs})
		}
	}
	return parts
}

// clauses are those that must each be true for an event to satisfy the term: its
// category, and what its condition requires.
func (t *term) clauses() []clause {
	clauses := required(t.filter.Condition, true)
	if !t.filter.Any {
		category := &eql.Binary{At: t.filter.At, Op: eql.Eq, L: categoryField, R: &eql.Literal{At: t.filter.At, Value: value.OfString(t.filter.Category)}}
		clauses = append([]clause{{0, category, true}}, clauses...)
	}
	return clauses
}

var categoryField = &eql.Field{Segments: []string{"event", "category"}, Path: eql.DefaultCategoryField, Type: value.TypeKeyword}

// goal is what all parts ask for together. Their keys are joined.
func (p *plan) goal(s *search, parts []part) goal {
	g := goal{}
	for doc, part := range parts {
		for _, c := range part.clauses {
			g = g.with(s, clause{doc, c.expr, c.want})
		}
		for k, f := range part.term.keys {
			d := s.domain(doc, f)
			d.joined, d.mandatory = true, d.mandatory || !f.Optional && part.term != p.until
			s.join(s.domain(0, parts[0].term.keys[k]), d)
		}
	}
	return p.withoutUntil(s, g, parts)
}

// withoutUntil adds that no event before the last may be one that until is for,
// but the one that is made for that.
func (p *plan) withoutUntil(s *search, g goal, parts []part) goal {
	if p.until == nil {
		return g
	}
	both := &eql.Logic{Op: eql.And}
	for _, c := range p.until.clauses() {
		both.Args = append(both.Args, c.shown())
	}
	for doc, part := range parts {
		if part.term != p.until && (doc < len(parts)-1 || part.copies > 1) {
			g = g.with(s, clause{doc, both, false})
		}
	}
	return g
}

// events puts the documents of the parts in the order of time.
func (p *plan) events(parts []part, docs []values) ([]Event, error) {
	var events []Event
	at, step := time.Duration(0), p.step()
	for doc, part := range parts {
		for i, t := range p.terms {
			if doc > 0 && t.missing && i > parts[doc-1].term.number && i < part.term.number {
				at += step // where an event would be that must not
			}
		}
		for range part.copies {
			e, err := newEvent(part.term.number, at, docs[doc].plain())
			if err != nil {
				return nil, err
			}
			events = append(events, e)
			at += step
		}
	}
	return events, nil
}

// step is the time between two events: a second, or as much less as maxspan
// demands.
func (p *plan) step() time.Duration {
	n := 1 // one more, for an event of until
	for _, t := range p.terms {
		n += t.runs
	}
	step := time.Second
	if p.span > 0 {
		step = min(step, p.span/time.Duration(n))
	}
	for _, unit := range []time.Duration{100 * time.Millisecond, 10 * time.Millisecond, time.Millisecond} {
		if step > unit {
			return step.Truncate(unit)
		}
	}
	return step
}
