package explain

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
)

// leafFault says why a leaf is not what is wanted of it.
func (j *judged) leafFault(t *reference.Truth, want bool) string {
	if t.Failed != nil {
		return fmt.Sprintf("%s can not be judged: %v", eql.ExprString(t.Expr), t.Failed)
	}
	if !want {
		return j.forbidden(t)
	}
	if len(t.Seen) != 1 {
		return notTrue(t)
	}
	s := t.Seen[0]
	switch e := t.Expr.(type) {
	case *eql.Binary:
		if _, plain := e.L.(*eql.Field); !plain {
			return notTrue(t)
		}
		lit, ok := e.R.(*eql.Literal)
		switch {
		case !ok:
			return notTrue(t)
		case lit.Value.IsNull():
			return is(s) + ", wants it absent"
		case e.Op == eql.Eq:
			return is(s) + ", wants " + wanted(s.Values, []string{constant(lit)})
		}
		return is(s) + ", wants " + e.Op.String() + " " + constant(lit)
	case *eql.In, *eql.Match:
		if _, plain := subject(e).(*eql.Field); !plain {
			return notTrue(t)
		}
		wants := wanted(s.Values, constants(e))
		if m, ok := e.(*eql.Match); ok && (m.Op == eql.Regex || m.Op == eql.RegexFold) {
			wants = "text that matches " + wants
		}
		return is(s) + ", wants " + wants
	case *eql.Call:
		if e.Name == "cidrMatch" && constants(e) != nil {
			return is(s) + ", wants an address in " + oneOf(constants(e))
		}
	}
	return notTrue(t)
}

// forbidden says why a leaf that must be false is true.
func (j *judged) forbidden(t *reference.Truth) string {
	if len(t.Seen) != 1 {
		return eql.ExprString(t.Expr) + " holds, wants that it does not" + saw(t.Seen)
	}
	s := t.Seen[0]
	if isNull(t.Expr) {
		return s.Field.Name() + " is absent, wants any value"
	}
	all := constants(t.Expr)
	if all == nil {
		return eql.ExprString(t.Expr) + " holds, wants that it does not" + saw(t.Seen)
	}
	if one := j.culprit(t); one != "" {
		all = []string{one}
	}
	verb := ", must not be "
	if call, ok := t.Expr.(*eql.Call); ok && call.Name == "cidrMatch" {
		verb = ", must not be in "
	}
	return is(s) + verb + oneOf(all)
}

// culprit returns which of several constants made a leaf true; "" if that can
// not be told.
func (j *judged) culprit(t *reference.Truth) string {
	var single []eql.Expr
	var names []string
	switch e := t.Expr.(type) {
	case *eql.In:
		for _, x := range e.List {
			c := *e
			c.List = []eql.Expr{x}
			single = append(single, &c)
		}
	case *eql.Match:
		for _, p := range e.Patterns {
			c := *e
			c.Patterns = []*eql.Literal{p}
			single = append(single, &c)
		}
	case *eql.Call:
		for _, a := range e.Args[1:] {
			c := *e
			c.Args = []eql.Expr{e.Args[0], a}
			single = append(single, &c)
		}
	}
	names = constants(t.Expr)
	for i, e := range single {
		x, err := j.program.Explainer(&eql.Filter{Any: true, Condition: e})
		if err == nil && i < len(names) && j.document != nil && x.Explain(j.document).Holds() {
			return names[i]
		}
	}
	return ""
}

// notTrue is the plain wording for leaves of any form.
func notTrue(t *reference.Truth) string {
	if _, constant := t.Expr.(*eql.Literal); constant {
		return eql.ExprString(t.Expr) + " never holds"
	}
	return eql.ExprString(t.Expr) + " does not hold" + saw(t.Seen)
}

// saw lists what a leaf looked at, as the end of a sentence.
func saw(seen []reference.Seen) string {
	var all []string
	for _, s := range seen {
		all = append(all, is(s))
	}
	if all == nil {
		return ""
	}
	return ": " + strings.Join(all, ", ")
}

func is(s reference.Seen) string { return s.Field.Name() + " is " + Values(s.Values) }

// subject is what an in or a match asks about.
func subject(e eql.Expr) eql.Expr {
	switch e := e.(type) {
	case *eql.In:
		return e.X
	case *eql.Match:
		return e.X
	}
	return nil
}

func isNull(e eql.Expr) bool {
	b, ok := e.(*eql.Binary)
	if !ok {
		return false
	}
	lit, ok := b.R.(*eql.Literal)
	return ok && lit.Value.IsNull()
}

// constants lists what a plain leaf compares its field with; nil for other
// leaves.
func constants(e eql.Expr) []string {
	var exprs []eql.Expr
	switch e := e.(type) {
	case *eql.Binary:
		if _, ok := e.L.(*eql.Field); !ok || e.Op != eql.Eq {
			return nil
		}
		exprs = []eql.Expr{e.R}
	case *eql.In:
		exprs = e.List
	case *eql.Match:
		for _, p := range e.Patterns {
			exprs = append(exprs, p)
		}
	case *eql.Call:
		if e.Name != "cidrMatch" {
			return nil
		}
		exprs = e.Args[1:]
	}
	var all []string
	for _, x := range exprs {
		lit, ok := x.(*eql.Literal)
		if !ok {
			return nil
		}
		all = append(all, constant(lit))
	}
	return all
}

// isPlain reports whether a leaf compares a field with constants and no more.
func isPlain(e eql.Expr) bool {
	switch e := e.(type) {
	case *eql.Binary:
		_, ok := e.L.(*eql.Field)
		return ok && constants(e) != nil && !isNull(e)
	case *eql.In, *eql.Match:
		_, ok := subject(e).(*eql.Field)
		return ok && constants(e) != nil
	}
	return false
}

func constant(lit *eql.Literal) string { return one(lit.Value) }
