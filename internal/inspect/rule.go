package inspect

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// valueFields are the fields of which the values are kept: senders draw them
// from short lists, so that one that is not there will hardly come.
var valueFields = []string{"event.action", "event.type", "host.os.type"}

// Rule is what must be there for a rule to match, read from its query. It may
// be used by several Inspectors, one after the other.
type Rule struct {
	Name     string
	ID       string                  // rule_id; may be empty
	Fits     func(index string) bool // whether the rule reads documents of an index
	category string                  // the field of categories
	stages   []stage
}

// stage is what one term of a query wants of an event. Missing terms and until
// want nothing.
type stage struct {
	any      bool
	category string
	wants    condition
}

// NewRule reads a query as eql.Check returned it.
func NewRule(name string, checked *eql.Query, categoryField string, fits func(index string) bool) *Rule {
	r := &Rule{Name: name, Fits: fits, category: categoryField}
	if r.category == "" {
		r.category = eql.DefaultCategoryField
	}
	var (
		keys  []*eql.Field
		terms []*eql.Term
	)
	switch b := checked.Body.(type) {
	case *eql.Filter:
		terms = []*eql.Term{{Filter: b}}
	case *eql.Sequence:
		keys, terms = b.Keys, b.Terms
	case *eql.Sample:
		keys, terms = b.Keys, b.Terms
	}
	for _, t := range terms {
		if t.Missing {
			continue
		}
		wants := allOf{read(t.Filter.Condition, false)}
		for _, list := range [][]*eql.Field{keys, t.Keys} {
			for _, key := range list {
				if !key.Optional { // Elasticsearch: an event without a join key joins nothing
					wants = append(wants, &leaf{fields: []string{pathOf(key)}})
				}
			}
		}
		r.stages = append(r.stages, stage{any: t.Filter.Any, category: t.Filter.Category, wants: wants})
	}
	return r
}

func pathOf(f *eql.Field) string {
	if f.Path != "" {
		return f.Path
	}
	return f.Name()
}

// condition is what can be said of a part of a query without an event: not
// whether it holds, but whether it can hold for any event of a group.
type condition interface {
	// blocked returns why no event of the group can make it true; "" if one may.
	blocked(g *group) Reason
	needs(n needs)
}

type (
	allOf []condition
	anyOf []condition
	// open is a condition of which nothing is known: it may hold.
	open struct{}
	// never is a condition that is false by itself.
	never struct{}
	// leaf is false where all of its fields are missing.
	leaf struct {
		fields  []string
		text    string
		program *reference.Program // of a leaf over one of valueFields: what is asked of its values
		judged  map[string]bool    // by value
	}
)

// read turns a checked condition, or its negation, into what it needs.
func read(e eql.Expr, negated bool) condition {
	switch e := e.(type) {
	case *eql.Logic:
		parts := make([]condition, len(e.Args))
		for i, arg := range e.Args {
			parts[i] = read(arg, negated)
		}
		if (e.Op == eql.And) != negated {
			return allOf(parts)
		}
		return anyOf(parts)
	case *eql.Unary:
		if e.Op == eql.Not {
			return read(e.X, !negated)
		}
	}
	return readLeaf(e, negated)
}

// readLeaf asks the evaluator what becomes of a leaf on an event that has no
// field at all. Only if it is false there it needs a field.
func readLeaf(e eql.Expr, negated bool) condition {
	var fields []string
	collectFields(e, &fields)
	judged := e
	if negated {
		judged = &eql.Unary{At: e.Pos(), Op: eql.Not, X: e}
	}
	program, err := reference.Compile(&eql.Query{Body: &eql.Filter{Any: true, Condition: judged}}, reference.Options{Size: -1, Tolerant: true})
	if err != nil {
		return open{}
	}
	empty, err := event.Decode([]byte(`{}`), event.Identity{ID: "none"}, 1)
	if err != nil || holds(program, empty) {
		return open{}
	}
	if len(fields) == 0 {
		return never{}
	}
	l := &leaf{fields: fields, text: eql.ExprString(judged)}
	if !negated && len(fields) == 1 && slices.Contains(valueFields, fields[0]) {
		l.program, l.judged = program, map[string]bool{}
	}
	return l
}

func holds(p *reference.Program, doc *event.Document) bool {
	result, err := p.Run([]*event.Document{doc})
	return err != nil || result.ValueErrors > 0 || len(result.Events) > 0
}

// collectFields lists the different fields of an expression.
func collectFields(e eql.Expr, found *[]string) {
	each := func(list ...eql.Expr) {
		for _, one := range list {
			collectFields(one, found)
		}
	}
	switch e := e.(type) {
	case *eql.Field:
		path := pathOf(e)
		if !slices.Contains(*found, path) {
			*found = append(*found, path)
		}
	case *eql.Logic:
		each(e.Args...)
	case *eql.Unary:
		each(e.X)
	case *eql.Binary:
		each(e.L, e.R)
	case *eql.In:
		each(e.X)
		each(e.List...)
	case *eql.Match:
		each(e.X)
	case *eql.Call:
		each(e.Args...)
	}
}
