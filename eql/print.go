package eql

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tripline-sec/tripline/internal/value"
)

// String returns the query in one fixed spelling, a sequence or sample with a
// line for each term. For a query from Parse, parsing the result gives the same
// tree but for positions.
func (q *Query) String() string {
	p := &printer{}
	switch b := q.Body.(type) {
	case *Filter:
		p.filter(b)
	case *Sequence:
		p.sequence(b)
	case *Sample:
		p.WriteString("sample")
		p.keys(b.Keys)
		p.terms(b.Terms)
	}
	sep := " "
	if _, ok := q.Body.(*Filter); !ok {
		sep = "\n"
	}
	for _, pipe := range q.Pipes {
		p.WriteString(sep + "| " + pipe.Name + " ")
		p.expr(pipe.Arg, precOr)
	}
	return p.String()
}

// String returns the condition as `CATEGORY where COND`.
func (n *Filter) String() string {
	p := &printer{}
	p.filter(n)
	return p.String()
}

// String returns the term with its brackets, keys and option.
func (n *Term) String() string {
	p := &printer{}
	p.term(n)
	return p.String()
}

// ExprString returns an expression in the printer's spelling.
func ExprString(e Expr) string { return exprString(e) }

func exprString(e Expr) string {
	p := &printer{}
	p.expr(e, precOr)
	return p.String()
}

// brief returns the beginning of an expression for a message. Its cost does not
// hang on the expression's size.
func brief(e Expr) string {
	p := &printer{most: clipAt * utf8.UTFMax}
	p.expr(e, precOr)
	return clip(p.String())
}

// Binding strengths, weakest first, as the grammar nests its rules.
const (
	precOr = iota
	precAnd
	precNot
	precComparison
	precSum
	precProduct
	precUnary
	precPredicate
	precPrimary
)

// printer writes a query. When most is not 0 it stops soon after that many
// bytes.
type printer struct {
	strings.Builder
	most int
}

// full reports whether enough is written.
func (p *printer) full() bool { return p.most > 0 && p.Len() > p.most }

func (p *printer) filter(f *Filter) {
	switch {
	case f.Any:
		p.WriteString("any")
	case isBareName(f.Category):
		p.WriteString(f.Category)
	default:
		p.quote(f.Category)
	}
	p.WriteString(" where ")
	p.expr(f.Condition, precOr)
}

func (p *printer) sequence(s *Sequence) {
	p.WriteString("sequence")
	p.keys(s.Keys)
	if s.MaxSpan != nil {
		p.WriteString(" with maxspan=" + strconv.FormatInt(s.MaxSpan.Count, 10) + s.MaxSpan.Unit)
	}
	p.terms(s.Terms)
	if s.Until != nil {
		p.WriteString("\nuntil ")
		p.term(s.Until)
	}
}

func (p *printer) terms(terms []*Term) {
	for _, t := range terms {
		p.WriteString("\n  ")
		p.term(t)
	}
}

func (p *printer) term(t *Term) {
	if t.Missing {
		p.WriteByte('!')
	}
	p.WriteByte('[')
	p.filter(t.Filter)
	p.WriteByte(']')
	p.keys(t.Keys)
	if t.Runs > 1 {
		p.WriteString(" with runs=" + strconv.Itoa(t.Runs))
	}
}

func (p *printer) keys(keys []*Field) {
	for i, k := range keys {
		if i == 0 {
			p.WriteString(" by ")
		} else {
			p.WriteString(", ")
		}
		p.field(k)
	}
}

// expr writes e, in parentheses when it binds weaker than its place asks for.
func (p *printer) expr(e Expr, atLeast int) {
	if p.full() {
		return
	}
	if strength(e) < atLeast {
		p.WriteByte('(')
		defer p.WriteByte(')')
	}
	switch e := e.(type) {
	case *Literal:
		p.literal(e.Value)
	case *Field:
		p.field(e)
	case *Logic:
		for i, a := range e.Args {
			if p.full() {
				break
			}
			if i > 0 {
				p.WriteString(" " + e.Op.String() + " ")
			}
			p.expr(a, strength(e)+1)
		}
	case *Unary:
		p.WriteString(e.Op.String())
		if e.Op == Not {
			p.WriteByte(' ')
		}
		p.expr(e.X, strength(e))
	case *Binary:
		left, right := strength(e), strength(e)+1
		if left == precComparison {
			left++ // comparisons do not chain
		}
		p.expr(e.L, left)
		p.WriteString(" " + e.Op.String() + " ")
		p.expr(e.R, right)
	case *In:
		p.in(e)
	case *Match:
		p.match(e)
	case *Call:
		p.WriteString(e.Name)
		if e.Fold {
			p.WriteByte('~')
		}
		p.list(e.Args)
	case *Nested: // no text of EQL: for people to read
		p.WriteString("nested(" + e.Path + ": ")
		p.expr(e.X, precOr)
		p.WriteByte(')')
	}
}

func strength(e Expr) int {
	switch e := e.(type) {
	case *Logic:
		if e.Op == Or {
			return precOr
		}
		return precAnd
	case *Unary:
		if e.Op == Not {
			return precNot
		}
		return precUnary
	case *Binary:
		switch e.Op {
		case Add, Sub:
			return precSum
		case Mul, Div, Mod:
			return precProduct
		}
		return precComparison
	case *In, *Match:
		return precPredicate
	case *Literal:
		if e.Value.IsNumber() && e.Value.Float() < 0 {
			return precUnary // only folding makes these
		}
	}
	return precPrimary
}

func (p *printer) in(e *In) {
	p.expr(e.X, precPrimary)
	if e.Not {
		p.WriteString(" not")
	}
	p.WriteString(" in")
	if e.Fold {
		p.WriteByte('~')
	}
	p.WriteByte(' ')
	p.list(e.List)
}

func (p *printer) match(e *Match) {
	p.expr(e.X, precPrimary)
	p.WriteString(" " + e.Op.String() + " ")
	if len(e.Patterns) == 1 {
		p.literal(e.Patterns[0].Value)
		return
	}
	p.WriteByte('(')
	for i, lit := range e.Patterns {
		if p.full() {
			break
		}
		if i > 0 {
			p.WriteString(", ")
		}
		p.literal(lit.Value)
	}
	p.WriteByte(')')
}

func (p *printer) list(exprs []Expr) {
	p.WriteByte('(')
	for i, a := range exprs {
		if p.full() {
			break
		}
		if i > 0 {
			p.WriteString(", ")
		}
		p.expr(a, precOr)
	}
	p.WriteByte(')')
}

func (p *printer) field(f *Field) {
	if f.Optional {
		p.WriteByte('?')
	}
	for i, s := range f.Segments {
		if i > 0 {
			p.WriteByte('.')
		}
		if isBareName(s) {
			p.WriteString(s)
		} else {
			p.WriteString("`" + strings.ReplaceAll(s, "`", "``") + "`")
		}
	}
}

func (p *printer) literal(v Value) {
	switch v.Kind() {
	case value.Null:
		p.WriteString("null")
	case value.String:
		p.quote(v.Str())
	case value.Float:
		s := strconv.FormatFloat(v.Float(), 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		p.WriteString(s)
	default:
		p.WriteString(v.Text())
	}
}

// quote writes a string literal. What a terminal or a reader could stumble over
// is escaped.
func (p *printer) quote(s string) {
	p.WriteByte('"')
	for _, r := range s {
		if p.full() {
			break
		}
		switch r {
		case '"', '\\':
			p.WriteByte('\\')
			p.WriteRune(r)
		case '\b':
			p.WriteString(`\b`)
		case '\t':
			p.WriteString(`\t`)
		case '\n':
			p.WriteString(`\n`)
		case '\f':
			p.WriteString(`\f`)
		case '\r':
			p.WriteString(`\r`)
		default:
			if !unicode.IsPrint(r) {
				h := strconv.FormatInt(int64(r), 16)
				if len(h) < 2 {
					h = "0" + h
				}
				p.WriteString(`\u{` + h + "}")
				continue
			}
			p.WriteRune(r)
		}
	}
	p.WriteByte('"')
}
