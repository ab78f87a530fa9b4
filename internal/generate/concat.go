package generate

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// fitConcat turns concat() round. A text is cut where the constants stand in it;
// of a pattern the first argument that is no constant gets all that the constants
// do not make, and the others nothing; then the next one.
func fitConcat(args []eql.Expr, sh shape) []binding {
	if !sh.isText {
		return nil
	}
	var out []binding
	if text, ok := sh.plain(); ok {
		if parts, ok := cut(args, text); ok {
			out = fitAll(args, parts)
		}
	}
	for all := range args {
		if _, ok := args[all].(*eql.Literal); ok {
			continue
		}
		var before, after []element
		for i, arg := range args {
			if lit, ok := arg.(*eql.Literal); ok && i < all {
				before = append(before, literalText(lit.Value.Text(), false)...)
			} else if ok {
				after = append(after, literalText(lit.Value.Text(), false)...)
			}
		}
		whole, ok := meet(join(before, run, after), sh.text)
		if !ok || len(whole) < len(before)+len(after) {
			continue
		}
		shapes := make([]shape, len(args))
		for i, arg := range args {
			shapes[i] = shape{isText: true}
			if lit, ok := arg.(*eql.Literal); ok {
				shapes[i] = exact(lit.Value)
			}
		}
		shapes[all].text = whole[len(before) : len(whole)-len(after)]
		out = append(out, fitAll(args, shapes)...)
	}
	return out
}

// cut divides a text among the arguments of concat(): an argument before a constant
// ends where the constant first stands, another takes all there is.
func cut(args []eql.Expr, text string) ([]shape, bool) {
	parts := make([]shape, len(args))
	for i, arg := range args {
		if lit, ok := arg.(*eql.Literal); ok {
			if text, ok = strings.CutPrefix(text, lit.Value.Text()); !ok {
				return nil, false
			}
			parts[i] = exact(lit.Value)
			continue
		}
		end := len(text)
		if i+1 < len(args) {
			if lit, ok := args[i+1].(*eql.Literal); ok {
				if end = strings.Index(text, lit.Value.Text()); end < 0 {
					return nil, false
				}
			}
		}
		parts[i] = exact(value.OfString(text[:end]))
		text = text[end:]
	}
	return parts, text == ""
}
