package lint

import "github.com/tripline-sec/tripline/eql"

// maxPairs bounds how many pairs of operands of one chain, or of entries of one
// list, are compared.
const maxPairs = 100_000

// reach looks for parts of a filter that can never be true.
func (s *subject) reach(f named) {
	s.branch(f.filter.Condition, nil, &f)
}

// branch looks at a condition that is judged where all the tests around it hold.
// whole is the filter if the branch is all of it, else nil. It returns false if
// the branch can never be true.
func (s *subject) branch(e eql.Expr, around []test, whole *named) bool {
	if lit, ok := e.(*eql.Literal); ok && !lit.Value.Bool() && whole != nil {
		s.never(whole, e.Pos(), "", "it is always false")
		return false
	}
	operands := []eql.Expr{e}
	if l, ok := e.(*eql.Logic); ok && l.Op == eql.And {
		operands = l.Args
	}
	here := around[:len(around):len(around)]
	if len(operands)*(len(operands)+len(around)) > maxPairs {
		return true
	}
	for i, x := range operands {
		if l, ok := x.(*eql.Logic); ok && l.Op == eql.Or {
			continue
		}
		t := newTest(x)
		for j := range here {
			if u := &here[j]; u.excludes(&t) {
				s.impossible(&t, u, whole)
				return false
			}
		}
		if i > 0 && s.repeated(&t, here[len(around):]) {
			continue
		}
		here = append(here, t)
	}
	alive := true
	for _, x := range operands {
		l, ok := x.(*eql.Logic)
		switch {
		case ok && l.Op == eql.Or:
			alive = s.or(l, here) && alive
		case !ok:
			s.within(x, here)
		}
	}
	if !alive && whole != nil {
		s.never(whole, e.Pos(), "", "every branch of one of its `or` is excluded by another test")
	}
	return alive
}

// impossible reports two tests that exclude each other.
func (s *subject) impossible(t, u *test, whole *named) {
	const hint = "the two tests exclude each other"
	line := u.expr.Pos()
	at, _ := s.rule.Locate(line.Line, line.Col)
	if whole != nil {
		s.never(whole, t.expr.Pos(), hint, "[%s] beside [%s] of line %d", clip(eql.ExprString(t.expr)), clip(eql.ExprString(u.expr)), at)
		return
	}
	s.inQuery(deadBranch, t.expr.Pos(), hint, "this branch can never be true: [%s] where [%s] of line %d holds",
		clip(eql.ExprString(t.expr)), clip(eql.ExprString(u.expr)), at)
}

// never reports a filter that no event can meet. Only for an event that must come
// does that mean that the rule never matches.
func (s *subject) never(f *named, at eql.Pos, hint, format string, args ...any) {
	c := neverTrue
	if f.optional {
		c = deadBranch
	}
	s.inQuery(c, at, hint, "%s can never be true: "+format, append([]any{f.name}, args...)...)
}

// repeated reports a test that stands in the same `and` already.
func (s *subject) repeated(t *test, before []test) bool {
	for i := range before {
		if u := &before[i]; u.text == t.text && u.not == t.not {
			line, _ := s.rule.Locate(u.expr.Pos().Line, u.expr.Pos().Col)
			s.inQuery(repeatedBranch, t.expr.Pos(), "leave one of them out", "[%s] stands on line %d already", clip(t.text), line)
			return true
		}
	}
	return false
}

// within looks into a negation: a part of it that can never be true rules
// nothing out.
func (s *subject) within(e eql.Expr, around []test) {
	u, ok := e.(*eql.Unary)
	if !ok || u.Op != eql.Not {
		return
	}
	// The negation is itself among the tests around; what is inside it is not
	// excluded by that.
	var others []test
	for _, t := range around {
		if t.expr != e {
			others = append(others, t)
		}
	}
	switch x := u.X.(type) {
	case *eql.Logic:
		if x.Op == eql.Or {
			s.or(x, others)
		} else {
			s.branch(x, others, nil)
		}
	case *eql.Unary:
		s.within(x, others)
	default:
		s.leafWithin(x, others)
	}
}

// leafWithin reports `not X` where X can never be true anyway.
func (s *subject) leafWithin(e eql.Expr, around []test) {
	t := newTest(e)
	if t.null {
		return // that a field which is tested is present goes without saying; to say it does no harm
	}
	for i := range around {
		if u := &around[i]; u.excludes(&t) && u.text != t.text {
			line, _ := s.rule.Locate(u.expr.Pos().Line, u.expr.Pos().Col)
			s.inQuery(deadBranch, e.Pos(), "the negation rules nothing out", "[%s] can never be true where [%s] of line %d holds",
				clip(t.text), clip(eql.ExprString(u.expr)), line)
			return
		}
	}
}

// or looks at each branch of a chain, and for branches that add nothing. It
// returns false if none of them can be true.
func (s *subject) or(l *eql.Logic, around []test) bool {
	alive := false
	var live []eql.Expr
	for _, b := range l.Args {
		if s.branch(b, around, nil) {
			alive = true
			live = append(live, b)
		}
	}
	s.covered(live)
	return alive
}

// covered reports branches of an `or` that hold only where another one does.
func (s *subject) covered(branches []eql.Expr) {
	if len(branches)*len(branches) > maxPairs {
		return
	}
	parts := make([][]test, len(branches))
	for i, b := range branches {
		parts[i] = conjuncts(b)
	}
	for i, b := range branches {
		for j, other := range branches {
			if i == j || !implies(parts[i], parts[j]) || j > i && implies(parts[j], parts[i]) {
				continue
			}
			line, _ := s.rule.Locate(other.Pos().Line, other.Pos().Col)
			if eql.ExprString(b) == eql.ExprString(other) {
				s.inQuery(repeatedBranch, b.Pos(), "leave one of them out", "[%s] stands on line %d already", clip(eql.ExprString(b)), line)
			} else {
				s.inQuery(coveredBranch, b.Pos(), "it can be left out", "[%s] holds only where [%s] of line %d does",
					clip(eql.ExprString(b)), clip(eql.ExprString(other)), line)
			}
			break
		}
	}
}

func conjuncts(e eql.Expr) []test {
	operands := []eql.Expr{e}
	if l, ok := e.(*eql.Logic); ok && l.Op == eql.And {
		operands = l.Args
	}
	tests := make([]test, len(operands))
	for i, x := range operands {
		tests[i] = newTest(x)
	}
	return tests
}

// implies reports whether all of a can only hold where all of b do.
func implies(a, b []test) bool {
	for j := range b {
		found := false
		for i := range a {
			if found = a[i].implies(&b[j]); found {
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}
