package eql

import (
	"errors"
	"slices"

	"github.com/tripline-sec/tripline/internal/value"
)

// match checks `:`, `like` and `regex`: text on the left, text constants on the
// right.
func (c *checker) match(n *Match) (Expr, Type) {
	x, t := c.expr(n.X)
	if t != value.TypeUnknown && t != value.TypeNull && t != value.TypeKeyword {
		c.matchOperand(n, x, t)
		if !c.soft(x) {
			return n, value.TypeUnknown
		}
	}
	if lit, ok := x.(*Literal); ok && lit.Value.IsNull() {
		return &Literal{At: n.At}, value.TypeNull
	}
	out := &Match{At: n.At, Op: n.Op, X: x}
	for _, lit := range n.Patterns {
		switch lit.Value.Kind() {
		case value.Null: // matches nothing
		case value.String:
			out.Patterns = append(out.Patterns, lit)
		default:
			c.patternType(n, lit)
			return n, value.TypeUnknown
		}
	}
	if !c.regexes(out) {
		return n, value.TypeUnknown
	}
	if len(out.Patterns) == 0 {
		return &Literal{At: n.At, Value: value.OfBool(false)}, value.TypeBoolean
	}
	if lit, ok := x.(*Literal); ok {
		return foldMatch(out, lit.Value)
	}
	return out, value.TypeBoolean
}

func (c *checker) matchOperand(n *Match, x Expr, t Type) {
	if t == value.TypeText || n.Op != Colon {
		c.operand(n, x, t, "", "string")
		return
	}
	const format = "first argument of [:] must be [string], found value [%s] type [%s]; consider using [==] instead"
	if c.soft(x) {
		c.warn(x.Pos(), format, brief(x), t)
		return
	}
	c.problem(x.Pos(), format, brief(x), t)
}

func (c *checker) patternType(n *Match, lit *Literal) {
	t := literalType(lit.Value)
	if n.Op == Colon {
		c.problem(lit.At, "second argument of [:] must be [string], found value [%s] type [%s]; consider using [==] instead", brief(lit), t)
		return
	}
	c.problem(lit.At, "argument of [%s] must be [string], found value [%s] type [%s]", brief(n), brief(lit), t)
}

// regexes compiles each pattern once, so that a bad one is told with its place.
func (c *checker) regexes(n *Match) bool {
	if n.Op != Regex && n.Op != RegexFold {
		return !slices.ContainsFunc(n.Patterns, func(lit *Literal) bool { return !c.patternLength(lit) })
	}
	for _, lit := range n.Patterns {
		_, err := value.CompileRegex([]string{lit.Value.Str()}, n.Op == RegexFold)
		var bad *value.RegexError
		if errors.As(err, &bad) {
			c.problem(lit.At, "%s", bad.Message)
			return false
		}
	}
	if _, err := n.Matcher(); err != nil { // each is good, but all together are too large
		c.problem(n.At, "%s", err)
		return false
	}
	return true
}

// maxPattern is how long a wildcard pattern may be, in bytes. A test costs the
// length of the value times a sixty-fourth of that of the pattern.
const maxPattern = 8192

func (c *checker) patternLength(lit *Literal) bool {
	if s := lit.Value.Str(); len(s) > maxPattern && value.HasWildcard(s) {
		c.problem(lit.At, "pattern is longer than %d bytes", maxPattern)
		return false
	}
	return true
}

// Matcher returns the test that a Match of text constants puts to one string.
// The error is that of a regular expression that does not compile.
func (n *Match) Matcher() (func(string) bool, error) {
	texts := make([]string, len(n.Patterns))
	for i, lit := range n.Patterns {
		texts[i] = lit.Value.Str()
	}
	if n.Op == Regex || n.Op == RegexFold {
		re, err := value.CompileRegex(texts, n.Op == RegexFold)
		if err != nil {
			return nil, err
		}
		return re.Match, nil
	}
	fold := func(s string) string { return s }
	if n.Op != Like {
		fold = value.Fold
	}
	exact := map[string]bool{} // a long list of plain texts costs one look-up
	var tests []*value.Wildcard
	for _, t := range texts {
		if value.HasWildcard(t) {
			tests = append(tests, value.CompileWildcard(t, n.Op != Like))
		} else {
			exact[fold(t)] = true
		}
	}
	return func(s string) bool {
		if len(exact) > 0 && exact[fold(s)] {
			return true
		}
		for _, w := range tests {
			if w.Match(s) {
				return true
			}
		}
		return false
	}, nil
}

func foldMatch(n *Match, x Value) (Expr, Type) {
	if x.IsNull() {
		return &Literal{At: n.At}, value.TypeNull
	}
	test, err := n.Matcher()
	return &Literal{At: n.At, Value: value.OfBool(err == nil && test(x.Str()))}, value.TypeBoolean
}
