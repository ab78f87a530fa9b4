package reference

import "github.com/tripline-sec/tripline/eql"

// Clauses returns the clauses by which a filter accepted a document, as they
// are written in the query: of an `and` all, of an `or` those that held, a
// negation as a whole.
func (t *Truth) Clauses() []string { return t.clauses(nil) }

func (t *Truth) clauses(found []string) []string {
	if !t.Holds() {
		return found // what is true in a branch that is not, is no reason
	}
	if _, ok := t.Expr.(*eql.Logic); !ok {
		return append(found, eql.ExprString(t.Expr))
	}
	for _, c := range t.Children {
		found = c.clauses(found)
	}
	return found
}
