package eql

import (
	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// maxSuggestions is for how many unknown names of one query near ones are
// looked up; each costs a pass over all known names.
const maxSuggestions = 50

// suggest returns the known names that an unknown one may have been meant as,
// and whether this is the first time that the name is asked about.
func (c *checker) suggest(name string, known func() []string) (near []string, first bool) {
	if _, ok := c.suggested[name]; ok || len(c.suggested) >= maxSuggestions {
		return c.suggested[name], !ok
	}
	if c.suggested == nil {
		c.suggested, c.known = map[string][]string{}, known()
	}
	c.suggested[name] = value.Suggest(name, c.known)
	return c.suggested[name], true
}

// suggestField warns, once, of a field name that is unknown but close to a known
// one.
func (c *checker) suggestField(name string, at Pos) {
	if near, first := c.suggest(name, ecs.Names); first && len(near) > 0 {
		c.warn(at, "unknown field [%s]%s", name, didYouMean(near))
	}
}

// never reports a comparison whose two types exclude each other.
func (c *checker) never(n, left Expr, leftType Type, lit *Literal) {
	format := "[%s] can never be true: [%s] is of type [%s], [%s] of type [%s]"
	args := []any{brief(n), brief(left), leftType, brief(lit), literalType(lit.Value)}
	if _, ok := left.(*Field); ok && c.opts.Schema != nil {
		c.problem(lit.At, format, args...)
		return
	}
	c.warn(lit.At, format, args...)
}
