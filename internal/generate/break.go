package generate

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// Broken are events that a query just does not find.
type Broken struct {
	// Stage is the number of the term that is not satisfied, from 0; of until one
	// more than the last.
	Stage int
	// Clause is what one event of the stage does not satisfy, while all else that
	// the stage requires holds, as far as the clauses allow. It is nil where an
	// event has been added that the query demands be missing, or that ends it.
	Clause eql.Expr
	Events []Event
}

// Break yields, for each term and each clause that it requires, events like those
// given, which are Solve's, with that clause broken. The query finds nothing in
// them. A clause that can not be broken while the others hold is passed over,
// unless that leaves the term with none.
func Break(q *eql.Query, events []Event) iter.Seq[Broken] {
	return func(yield func(Broken) bool) {
		b := &breaker{plan: newPlan(q), judge: newJudge(), events: events}
		for _, t := range b.plan.terms {
			if !b.breakTerm(t, yield) {
				return
			}
		}
		if b.plan.until != nil {
			b.intrude(b.plan.until, yield)
		}
	}
}

// breaker breaks the events of one query.
type breaker struct {
	plan   *plan
	judge  *judge
	events []Event
}

// breakTerm yields what breaks a term; false when the caller has enough.
func (b *breaker) breakTerm(t *term, yield func(Broken) bool) bool {
	if t.missing {
		return b.intrude(t, yield)
	}
	for _, others := range []bool{true, false} {
		some := false
		for i := range t.clauses() {
			found, ok := b.breakClause(t, i, others)
			if some = some || ok; ok && !yield(found) {
				return false
			}
		}
		if some {
			break
		}
	}
	return true
}

// breakClause breaks the i-th clause of a term; the others shall hold, or may
// break with it. Of several events of a term one breaks.
func (b *breaker) breakClause(t *term, i int, others bool) (Broken, bool) {
	parts := b.plan.parts()
	at := slices.IndexFunc(parts, func(p part) bool { return p.term == t })
	whole := parts[at]
	c := whole.clauses[i]
	c.want = !c.want
	broken := part{t, []clause{c}, 1}
	if others {
		broken.clauses = slices.Clone(whole.clauses)
		broken.clauses[i] = c
	}
	parts[at] = broken
	if whole.copies--; whole.copies > 0 {
		parts = slices.Insert(parts, at+1, whole)
	}
	events, docs, ok := b.build(parts)
	if !ok || b.satisfies(t, docs[at]) {
		return Broken{}, false
	}
	return Broken{t.number, whole.clauses[i].shown(), events}, true
}

// intrude yields the events with one more, which is of a missing term, or of until
// before the last event; false when the caller has enough.
func (b *breaker) intrude(t *term, yield func(Broken) bool) bool {
	parts := b.plan.parts()
	at := len(parts)
	for i, p := range slices.Backward(parts) {
		if p.term.number > t.number || t == b.plan.until && i == len(parts)-1 {
			at = i
		}
	}
	if last := len(parts) - 1; t == b.plan.until && parts[last].copies > 1 {
		at, parts = last+1, append(parts, parts[last])
		parts[last].copies, parts[last+1].copies = 1, parts[last].copies-1
	}
	parts = slices.Insert(parts, at, part{t, t.clauses(), 1})
	events, _, ok := b.build(parts)
	return !ok || yield(Broken{Stage: t.number, Events: events})
}

// build finds documents for the parts, as much as may be the given events', and
// confirms that the query finds nothing in them.
func (b *breaker) build(parts []part) ([]Event, []values, bool) {
	b.judge.count, b.judge.err = 0, nil // each variant has its own
	s := newSearch(b.judge, len(parts))
	goal := b.plan.goal(s, parts)
	b.keep(s, parts)
	docs, ok := s.solve(goal)
	if !ok {
		return nil, nil, false
	}
	events, err := b.plan.events(parts, docs)
	if err != nil {
		return nil, nil, false
	}
	n, err := count(b.plan.query, events)
	return events, docs, err == nil && n == 0
}

// satisfies reports whether a document satisfies a term, apart from keys.
func (b *breaker) satisfies(t *term, doc values) bool {
	p, err := reference.Compile(&eql.Query{Body: t.filter}, options())
	if err != nil {
		return true
	}
	result, err := p.Run([]*event.Document{doc.document()})
	return err != nil || len(result.Events) > 0
}

// keep makes the values of the given events those that are tried first.
func (b *breaker) keep(s *search, parts []part) {
	known := b.plan.fields()
	for doc, part := range parts {
		at := slices.IndexFunc(b.events, func(e Event) bool { return e.Term == part.term.number })
		if at < 0 {
			continue
		}
		d, err := event.Decode(b.events[at].Doc, event.Identity{}, 0)
		if err != nil {
			continue // no document, so nothing to keep
		}
		for _, path := range slices.Sorted(maps.Keys(b.events[at].Fields)) {
			f := known[path]
			if f == nil {
				f = &eql.Field{Segments: strings.Split(path, "."), Path: path}
			}
			s.domain(doc, f).prefer = d.Values(path)
		}
	}
}

// fields returns the fields that the query speaks of, by path.
func (p *plan) fields() map[string]*eql.Field {
	fields := map[string]*eql.Field{eql.DefaultCategoryField: categoryField}
	for _, t := range append(slices.Clip(p.terms), p.until) {
		if t == nil {
			continue
		}
		for _, f := range append(fieldsOf(t.filter.Condition), t.keys...) {
			fields[f.Path] = f
		}
	}
	return fields
}
