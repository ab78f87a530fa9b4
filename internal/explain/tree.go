package explain

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
)

// Line is one node of a truth tree as it is shown.
type Line struct {
	Depth  int
	Result string // true, false or null
	Text   string // and, or, not, or the leaf
	Seen   string // the values that the leaf looked at
}

// Tree lays a truth tree out, each node before those below it.
func Tree(t *reference.Truth) []Line { return tree(t, 0, nil) }

func tree(t *reference.Truth, depth int, lines []Line) []Line {
	l := Line{Depth: depth, Result: "null"}
	if !t.Result.IsNull() {
		l.Result = t.Result.Text()
	}
	switch e := t.Expr.(type) {
	case *eql.Logic:
		l.Text = e.Op.String()
	case *eql.Unary:
		l.Text = e.Op.String()
	}
	if len(t.Children) == 0 {
		l.Text = eql.ExprString(t.Expr)
		for i, s := range t.Seen {
			if i > 0 {
				l.Seen += "; "
			}
			if len(t.Seen) > 1 {
				l.Seen += s.Field.Name() + " "
			}
			l.Seen += Values(s.Values)
		}
		if t.Failed != nil {
			l.Seen += " (" + t.Failed.Error() + ")"
		}
	}
	lines = append(lines, l)
	for _, child := range t.Children {
		lines = tree(child, depth+1, lines)
	}
	return lines
}
