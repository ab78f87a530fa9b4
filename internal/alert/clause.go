package alert

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
)

// Clauses returns the clauses by which a filter accepted a document, as they
// are written in the query: of an `and` all, of an `or` those that held, a
// negation as a whole.
func Clauses(t *reference.Truth) []string { return clauses(t, nil) }

func clauses(t *reference.Truth, found []string) []string {
	if !t.Holds() {
		return found // what is true in a branch that is not, is no reason
	}
	if _, ok := t.Expr.(*eql.Logic); !ok {
		return append(found, eql.ExprString(t.Expr))
	}
	for _, c := range t.Children {
		found = clauses(c, found)
	}
	return found
}
