package explain

import (
	"fmt"
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// judged is a filter that is ready to be explained, over and over.
type judged struct {
	filter    *eql.Filter
	explainer *reference.Explainer
	program   *reference.Program
	document  *event.Document // the one that faults is telling of
}

// faults names what keeps a document from meeting the filter: of `and` all
// operands that fail, of `or` the branch that is nearest.
func (j *judged) faults(d *event.Document, t *reference.Truth) []Fault {
	told := *j
	told.document = d
	var all []Fault
	for i, clause := range t.Children {
		number := i + 1
		if !j.filter.Any {
			number-- // the category comes first and has no number
		}
		if near(clause, true).cost > 0 {
			all = told.collect(clause, true, Fault{Clause: number, Added: clause.Expr.Pos().Line == 0}, all)
		}
	}
	return all
}

func (j *judged) collect(t *reference.Truth, want bool, at Fault, all []Fault) []Fault {
	if len(t.Children) == 0 {
		at.Text, at.nearly = j.leafFault(t, want), want && nearly(t)
		return append(all, at)
	}
	if _, ok := t.Expr.(*eql.Unary); ok {
		return j.collect(t.Children[0], !want, at, all)
	}
	if needsAll(t, want) {
		for _, child := range t.Children {
			if near(child, want).cost > 0 {
				all = j.collect(child, want, at, all)
			}
		}
		return all
	}
	if want {
		if text := unwanted(t); text != "" {
			at.Text = text
			return append(all, at)
		}
	}
	n, _ := nearest(t, want)
	if want && len(t.Children) > 1 {
		if at.Branch == "" {
			at.Branch = fmt.Sprintf("branch %d of %d", n+1, len(t.Children))
		}
	}
	return j.collect(t.Children[n], want, at, all)
}

// unwanted tells of an `or` whose branches all begin by asking for one field,
// such as the process name, and none of them wants what it is; "" when that is
// not so.
func unwanted(t *reference.Truth) string {
	if about(t, false) == "" {
		return ""
	}
	var (
		wants []string
		seen  reference.Seen
	)
	for _, branch := range t.Children {
		leaf := parts(branch)[0]
		seen = leaf.Seen[0]
		for _, c := range constants(leaf.Expr) {
			if !slices.Contains(wants, c) {
				wants = append(wants, c)
			}
		}
	}
	return fmt.Sprintf("%s, none of the %d branches is about it: they want %s", is(seen), len(t.Children), wanted(seen.Values, wants))
}

// held lists the clauses that a document met. Of an `or` it is the branches that
// hold.
func (j *judged) held(t *reference.Truth) []Held {
	var all []Held
	for i, clause := range t.Children {
		number := i + 1
		if !j.filter.Any {
			number--
		}
		if number > 0 {
			all = heldIn(clause, number, all)
		}
	}
	return all
}

func heldIn(t *reference.Truth, number int, all []Held) []Held {
	if logic, ok := t.Expr.(*eql.Logic); ok && len(t.Children) > 0 {
		for _, child := range t.Children {
			if child.Holds() {
				all = heldIn(child, number, all)
			}
			if child.Holds() && logic.Op == eql.Or {
				break
			}
		}
		return all
	}
	h := Held{Clause: number, Expr: eql.ExprString(t.Expr)}
	for _, s := range seenBy(t) {
		if h.Seen != "" {
			h.Seen += ", "
		}
		h.Seen += Values(s.Values)
	}
	return append(all, h)
}

// seenBy lists what the leaves below a node looked at.
func seenBy(t *reference.Truth) []reference.Seen {
	seen := t.Seen
	for _, child := range t.Children {
		seen = append(seen[:len(seen):len(seen)], seenBy(child)...)
	}
	return seen
}
