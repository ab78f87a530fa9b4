package explain

import (
	"strconv"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
)

func itoa(n int) string { return strconv.Itoa(n) }

// nearness is how far a node is from what is wanted of it.
type nearness struct {
	cost int // how many leaves would have to be different, at least
	held int // how many leaves on the way are as wanted
	deep int // which operand is the first to fail
}

// nearer reports whether a is nearer than b: fewer leaves to change, then more
// that hold already, then a later first failure.
func (a nearness) nearer(b nearness) bool {
	if a.cost != b.cost {
		return a.cost < b.cost
	}
	if a.held != b.held {
		return a.held > b.held
	}
	return a.deep > b.deep
}

// near measures a node of a truth tree against the result that is wanted of it.
func near(t *reference.Truth, want bool) nearness {
	if len(t.Children) == 0 {
		if t.Holds() == want {
			return nearness{held: 1}
		}
		return nearness{cost: 1}
	}
	if _, ok := t.Expr.(*eql.Unary); ok {
		return near(t.Children[0], !want)
	}
	if needsAll(t, want) {
		sum := nearness{deep: len(t.Children)}
		for i, child := range t.Children {
			n := near(child, want)
			if n.cost > 0 && sum.cost == 0 {
				sum.deep = i
			}
			sum.cost += n.cost
			sum.held += n.held
		}
		return sum
	}
	_, best := nearest(t, want)
	return best
}

// needsAll reports whether all operands of an and or or must be as wanted: those
// of an `and` to be true, and those of an `or` to be false.
func needsAll(t *reference.Truth, want bool) bool {
	logic, ok := t.Expr.(*eql.Logic)
	return ok && (logic.Op == eql.And) == want
}

// nearest returns the operand that is nearest to what is wanted, of operands one
// of which is enough. Branches of an `or` that all begin with one field, such as the
// process name, say by it what they are about: where some of them are about this
// document, the others are not looked at.
func nearest(t *reference.Truth, want bool) (int, nearness) {
	fits := func(int) bool { return true }
	if want {
		if about(t, true) != "" {
			fits = func(i int) bool { _, holds := begins(t.Children[i]); return holds }
		}
	}
	at, best := -1, nearness{}
	for i, child := range t.Children {
		if !fits(i) {
			continue
		}
		if n := near(child, want); at < 0 || n.nearer(best) {
			at, best = i, n
		}
	}
	return at, best
}

// about returns the field that all branches of an `or` begin by asking for, if
// some branch (some) or none has the answer that it wants; else "".
func about(t *reference.Truth, some bool) string {
	path, any := "", false
	for i, branch := range t.Children {
		p, holds := begins(branch)
		if p == "" || i > 0 && p != path {
			return ""
		}
		path, any = p, any || holds
	}
	if any != some {
		return ""
	}
	return path
}

// begins returns the field that a branch asks for first, and whether it got the
// answer it wants; "" when it begins with something else.
func begins(branch *reference.Truth) (path string, holds bool) {
	leaf := parts(branch)[0]
	if len(leaf.Children) > 0 || len(leaf.Seen) != 1 || !isPlain(leaf.Expr) {
		return "", false
	}
	return leaf.Seen[0].Field.Path, leaf.Holds()
}

// parts are the operands of an `and`, or the node itself.
func parts(t *reference.Truth) []*reference.Truth {
	if len(t.Children) > 0 && needsAll(t, true) {
		return t.Children
	}
	return []*reference.Truth{t}
}
