package engine

import (
	"slices"

	"github.com/tripline-sec/tripline/eql"
)

// needs finds the slots that must have a value whenever a condition holds.
type needs struct {
	atoms *atoms
	scope scope
	found []int
}

// of adds those of an expression, or of its negation. It looks only at what must
// hold by itself.
func (n *needs) of(e eql.Expr, negated bool) {
	switch e := e.(type) {
	case *eql.Logic:
		if (e.Op == eql.And) != negated {
			for _, arg := range e.Args {
				n.of(arg, negated)
			}
		}
		return
	case *eql.Unary:
		if e.Op == eql.Not {
			n.of(e.X, !negated)
			return
		}
	}
	a, err := n.atoms.leaf(n.scope, e)
	if err == nil && (a.kind == valueAtom && !negated || a.kind == missing && negated) {
		n.found = append(n.found, a.field.slot)
	}
}

// needs works out what an event must have for each filter. A filter that may fail
// on a value is asked whatever an event has.
func (c *compiler) needs() {
	for i, f := range c.p.filters {
		if f.places != nil {
			continue
		}
		n := needs{atoms: c.atoms, scope: c.scopes[i]}
		n.of(c.exprs[i].Condition, false)
		if f.keys != nil && !f.keys.nullable {
			for _, k := range f.keys.fields {
				if !k.optional {
					n.found = append(n.found, k.field.slot)
				}
			}
		}
		slices.Sort(n.found)
		for _, slot := range slices.Compact(n.found) {
			at := len(f.needs) - 1
			if at < 0 || f.needs[at].word != slot>>6 {
				f.needs = append(f.needs, slots{word: slot >> 6})
				at++
			}
			f.needs[at].mask |= 1 << (slot & 63)
		}
	}
}
