package eql

import (
	"fmt"
	"strconv"

	"github.com/tripline-sec/tripline/internal/value"
)

var comparisonOps = map[tokenKind]Op{
	tokEq: Eq, tokNe: Ne, tokLt: Lt, tokLe: Le, tokGt: Gt, tokGe: Ge,
}

var sumOps = map[tokenKind]Op{tokPlus: Add, tokMinus: Sub}

var productOps = map[tokenKind]Op{tokStar: Mul, tokSlash: Div, tokPercent: Mod}

var matchOps = map[tokenKind]Op{
	tokColon: Colon, kwLike: Like, kwLikeFold: LikeFold, kwRegex: Regex, kwRegexFold: RegexFold,
}

// expr reads a whole expression.
func (p *parser) expr() (Expr, *Error) {
	return p.chain(Or, kwOr, func() (Expr, *Error) {
		return p.chain(And, kwAnd, p.negation)
	})
}

func (p *parser) exprList() ([]Expr, *Error) {
	var list []Expr
	for {
		e, err := p.expr()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if ok, err := p.accept(tokComma); !ok || err != nil {
			return list, err
		}
	}
}

// chain reads operands between `and` or `or` into one Logic. An operand that is
// itself such a chain, in parentheses, is taken apart: the operators associate.
func (p *parser) chain(op Op, kind tokenKind, operand func() (Expr, *Error)) (Expr, *Error) {
	start := p.tok.at
	first, err := operand()
	if err != nil || p.tok.kind != kind {
		return first, err
	}
	chain := &Logic{At: start, Op: op}
	chain.add(first)
	for p.tok.kind == kind {
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := operand()
		if err != nil {
			return nil, err
		}
		chain.add(e)
	}
	chain.At.End = p.prev
	return chain, nil
}

func (n *Logic) add(e Expr) {
	if inner, ok := e.(*Logic); ok && inner.Op == n.Op {
		n.Args = append(n.Args, inner.Args...)
		return
	}
	n.Args = append(n.Args, e)
}

// negation reads `not X` or a comparison.
func (p *parser) negation() (Expr, *Error) {
	if p.tok.kind != kwNot {
		return p.comparison()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	n := &Unary{At: p.tok.at, Op: Not}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err *Error
	if n.X, err = p.negation(); err != nil {
		return nil, err
	}
	n.At.End = p.prev
	return n, nil
}

func (p *parser) comparison() (Expr, *Error) {
	start := p.tok.at
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	op := comparisonOps[p.tok.kind]
	if op == 0 {
		return left, nil
	}
	return p.binary(start, op, left, p.sum)
}

// binary reads the right operand behind the current operator token. start is
// where the left one began, parentheses included.
func (p *parser) binary(start Pos, op Op, left Expr, operand func() (Expr, *Error)) (Expr, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	right, err := operand()
	if err != nil {
		return nil, err
	}
	n := &Binary{At: start, Op: op, L: left, R: right}
	n.At.End = p.prev
	return n, nil
}

func (p *parser) sum() (Expr, *Error)     { return p.arithmetic(sumOps, p.product) }
func (p *parser) product() (Expr, *Error) { return p.arithmetic(productOps, p.unary) }

// arithmetic reads a left-associative chain. Each link nests the tree one level
// deeper, and counts as that.
func (p *parser) arithmetic(ops map[tokenKind]Op, operand func() (Expr, *Error)) (Expr, *Error) {
	start := p.tok.at
	left, err := operand()
	depth := p.depth
	defer func() { p.depth = depth }()
	for err == nil && ops[p.tok.kind] != 0 {
		if err = p.enter(); err == nil {
			left, err = p.binary(start, ops[p.tok.kind], left, operand)
		}
	}
	return left, err
}

func (p *parser) unary() (Expr, *Error) {
	op := Neg
	switch p.tok.kind {
	case tokPlus:
		op = Plus
	case tokMinus:
	default:
		return p.predicated()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	n := &Unary{At: p.tok.at, Op: op}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err *Error
	if n.X, err = p.unary(); err != nil {
		return nil, err
	}
	n.At.End = p.prev
	return n, nil
}

// predicated reads a primary and the `in`, `:`, `like` or `regex` behind it.
func (p *parser) predicated() (Expr, *Error) {
	start := p.tok.at
	x, err := p.primary()
	if err != nil {
		return nil, err
	}
	if op := matchOps[p.tok.kind]; op != 0 {
		return p.match(start, x, op)
	}
	switch p.tok.kind {
	case kwIn, kwInFold:
		return p.in(start, x, false)
	case kwNot:
		next, err := p.peek()
		if err != nil {
			return nil, err
		}
		if next.kind != kwIn && next.kind != kwInFold {
			e := p.unexpected("'and', 'or' or a comparison")
			if matchOps[next.kind] != 0 {
				e = e.hint("there is no `not %s`; write `not x %s ..`", next.text, next.text)
			}
			return nil, e
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		return p.in(start, x, true)
	}
	return x, nil
}

func (p *parser) in(start Pos, x Expr, not bool) (Expr, *Error) {
	n := &In{At: start, X: x, Not: not, Fold: p.tok.kind == kwInFold}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect(tokLParen, "'(' and a list of constants"); err != nil {
		return nil, err
	}
	var err *Error
	if n.List, err = p.exprList(); err != nil {
		return nil, err
	}
	if err := p.expect(tokRParen, "',' or ')'"); err != nil {
		return nil, err
	}
	n.At.End = p.prev
	return n, nil
}

func (p *parser) match(start Pos, x Expr, op Op) (Expr, *Error) {
	n := &Match{At: start, Op: op, X: x}
	if err := p.advance(); err != nil {
		return nil, err
	}
	list, err := p.accept(tokLParen)
	if err != nil {
		return nil, err
	}
	for {
		lit, err := p.constant()
		if err != nil {
			return nil, err
		}
		if lit == nil {
			return nil, p.unexpected("a constant").hint("the right side of %s is a constant or a list of them", op)
		}
		n.Patterns = append(n.Patterns, lit)
		if !list {
			break
		}
		more, err := p.accept(tokComma)
		if err != nil {
			return nil, err
		}
		if !more {
			if err := p.expect(tokRParen, "',' or ')'"); err != nil {
				return nil, err
			}
			break
		}
	}
	n.At.End = p.prev
	return n, nil
}

// constant reads a literal, or returns nil where none stands.
func (p *parser) constant() (*Literal, *Error) {
	lit := &Literal{At: p.tok.at}
	switch p.tok.kind {
	case kwNull:
	case kwTrue:
		lit.Value = value.OfBool(true)
	case kwFalse:
		lit.Value = value.OfBool(false)
	case tokString:
		lit.Value = value.OfString(p.tok.text)
	case tokInteger:
		if lit.Value = integerValue(p.tok.text); lit.Value.IsNull() {
			return nil, errorAt(p.tok.at, "Number [%s] is too large", clip(p.tok.text))
		}
	case tokDecimal:
		f, err := strconv.ParseFloat(p.tok.text, 64)
		if err != nil {
			return nil, errorAt(p.tok.at, "Number [%s] is too large", clip(p.tok.text))
		}
		lit.Value = value.OfFloat(f)
	default:
		return nil, nil
	}
	return lit, p.advance()
}

func (p *parser) primary() (Expr, *Error) {
	switch p.tok.kind {
	case tokLParen:
		return p.parenthesised()
	case tokTildeIdent:
		return p.call()
	case tokIdent:
		next, err := p.peek()
		if err != nil {
			return nil, err
		}
		if next.kind == tokLParen {
			return p.call()
		}
		if next.kind == kwOf {
			return nil, errorAt(p.tok.at, "Process relationships are not supported")
		}
		return p.field()
	case tokQuotedIdent, tokQuestion:
		return p.field()
	}
	lit, err := p.constant()
	if err != nil {
		return nil, err
	}
	if lit == nil {
		return nil, p.unexpected("a field, a constant or a function")
	}
	return lit, nil
}

func (p *parser) parenthesised() (Expr, *Error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	return e, p.expect(tokRParen, "'and', 'or' or ')'")
}

// maxFieldName bounds a dotted name, in bytes as written: looking a name up
// costs its length times its segments.
const maxFieldName = 4096

func (p *parser) field() (Expr, *Error) {
	f := &Field{At: p.tok.at}
	var err *Error
	if f.Optional, err = p.accept(tokQuestion); err != nil {
		return nil, err
	}
	for {
		if p.tok.kind != tokIdent && p.tok.kind != tokQuotedIdent {
			return nil, p.unexpected("a field name")
		}
		f.Segments = append(f.Segments, p.tok.text)
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.tok.kind == tokLBracket {
			next, err := p.peek()
			if err != nil {
				return nil, err
			}
			if next.kind == tokInteger {
				return nil, errorAt(p.tok.at, "Array indexes are not supported").
					hint("a comparison with an array holds if it holds for any of its values")
			}
		}
		dot, err := p.accept(tokDot)
		if err != nil {
			return nil, err
		}
		if !dot {
			f.At.End = p.prev
			if f.At.End-f.At.Offset > maxFieldName {
				return nil, errorAt(f.At, "field name is longer than %d bytes", maxFieldName)
			}
			return f, nil
		}
	}
}

// call reads a function call. The name is made canonical here, so that another
// spelling of it is the same tree.
func (p *parser) call() (Expr, *Error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	c := &Call{At: p.tok.at, Name: p.tok.text, Fold: p.tok.kind == tokTildeIdent}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect(tokLParen, "'(' and the arguments"); err != nil {
		return nil, err
	}
	if p.tok.kind != tokRParen {
		var err *Error
		if c.Args, err = p.exprList(); err != nil {
			return nil, err
		}
	}
	if err := p.expect(tokRParen, "',' or ')'"); err != nil {
		return nil, err
	}
	c.At.End = p.prev
	fn, ok := value.LookupFunction(c.Name)
	if !ok {
		return c, nil // Check says so, with suggestions
	}
	c.Name = fn.Name
	if c.Fold && !fn.FoldVariant {
		return nil, errorAt(c.At, "Function [%s] does not support case-insensitivity", fn.Name)
	}
	if n := len(c.Args); n < fn.MinArgs || fn.MaxArgs >= 0 && n > fn.MaxArgs {
		return nil, errorAt(c.At, "error building [%s]: expects %s", lowerASCII(fn.Name), arity(fn))
	}
	return c, nil
}

var numerals = [...]string{"no", "one", "two", "three", "four"}

// arity words how many arguments a function takes.
func arity(fn *value.Function) string {
	switch {
	case fn.MaxArgs < 0:
		return fmt.Sprintf("at least %s argument%s", numerals[fn.MinArgs], plural(fn.MinArgs))
	case fn.MaxArgs == fn.MinArgs:
		return fmt.Sprintf("exactly %s argument%s", numerals[fn.MinArgs], plural(fn.MinArgs))
	}
	return fmt.Sprintf("%s or %s arguments", numerals[fn.MinArgs], numerals[fn.MaxArgs])
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
