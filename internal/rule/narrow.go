package rule

import (
	"fmt"
	"time"

	"github.com/tripline-sec/tripline/eql"
)

// Narrow returns a query of the rule, as parsed, with what the rule's filters and
// the exceptions of a run that starts then add: each event of each stage, until
// and missing term fits the filters and none of the exceptions. The query stays
// as it was, and is returned itself if there is nothing to add. What is added has no place in the text: its Pos is zero.
//
// Exceptions on whole matches are not in it: see Dropped.
func (r *Rule) Narrow(q *eql.Query, at time.Time) *eql.Query {
	if r.filter == nil && len(r.Exceptions) == 0 {
		return q
	}
	out := *q
	switch b := q.Body.(type) {
	case *eql.Filter:
		out.Body = r.narrowFilter(b, at, 1)
	case *eql.Sequence:
		body := *b
		body.Terms = r.narrowTerms(b.Terms, at)
		if b.Until != nil {
			until := *b.Until
			until.Filter = r.narrowFilter(until.Filter, at, 0)
			body.Until = &until
		}
		out.Body = &body
	case *eql.Sample:
		body := *b
		body.Terms = r.narrowTerms(b.Terms, at)
		out.Body = &body
	}
	return &out
}

func (r *Rule) narrowTerms(terms []*eql.Term, at time.Time) []*eql.Term {
	out := make([]*eql.Term, len(terms))
	for i, t := range terms {
		term := *t
		term.Filter = r.narrowFilter(t.Filter, at, i+1)
		out[i] = &term
	}
	return out
}

// narrowFilter narrows the filter of a stage; 0 is until.
func (r *Rule) narrowFilter(f *eql.Filter, at time.Time, stage int) *eql.Filter {
	parts := []eql.Expr{f.Condition}
	if r.filter != nil {
		parts = append(parts, r.filter)
	}
	excepted := r.excepted(at, func(s Scope) bool {
		return s.Kind == ScopeEvent || s.Kind == ScopeStage && s.Stage == stage
	})
	if excepted != nil {
		parts = append(parts, not(excepted))
	}
	if len(parts) == 1 {
		return f
	}
	out := *f
	out.Condition = allOf(parts...)
	return &out
}

// excepted is the OR of the items that apply; nil if there is none.
func (r *Rule) excepted(at time.Time, in func(Scope) bool) eql.Expr {
	var all []eql.Expr
	for _, e := range r.Exceptions {
		if e.Applies(at) && in(e.Scope) {
			all = append(all, e.condition)
		}
	}
	if all == nil {
		return nil
	}
	return anyOf(all...)
}

// Dropped returns the query, for eql.Check, of the events that take the whole
// match they are in along; nil if no exception is on matches.
func (r *Rule) Dropped(at time.Time) *eql.Query {
	e := r.excepted(at, func(s Scope) bool { return s.Kind == ScopeMatch })
	if e == nil {
		return nil
	}
	return &eql.Query{Body: &eql.Filter{Any: true, Condition: e}}
}

// CheckScopes warns of exceptions on stages that the rule's query does not have.
func (r *Rule) CheckScopes(q *eql.Query) []*Problem {
	stages := 1
	switch b := q.Body.(type) {
	case *eql.Sequence:
		stages = len(b.Terms)
	case *eql.Sample:
		stages = len(b.Terms)
	}
	var problems []*Problem
	for _, e := range r.Exceptions {
		if e.Scope.Kind == ScopeStage && e.Scope.Stage > stages {
			problems = append(problems, &Problem{
				Kind: KindWarning, Path: e.Path, Line: e.Line, Col: 1, Rule: r.Name, Field: "tags",
				Reason: fmt.Sprintf("the exception %s is for stage %d, but the rule %s has %d: it has no effect there",
					quote(e.Name), e.Scope.Stage, quote(r.Name), stages),
				Hint: "stages count from 1, in the order of the query",
			})
		}
	}
	return problems
}

// FilterText returns the rule's filters in EQL's spelling; "" if there is none.
func (r *Rule) FilterText() string {
	if r.filter == nil {
		return ""
	}
	return eql.ExprString(r.filter)
}
