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
	if _, ok := t.Expr.(*eql.Logic); !ok {
		if t.Holds() {
			found = append(found, eql.ExprString(t.Expr))
		}
		return found
	}
	for _, c := range t.Children {
		found = clauses(c, found)
	}
	return found
}
