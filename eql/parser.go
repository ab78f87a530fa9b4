package eql

import (
	"strconv"
	"unicode/utf8"

	"github.com/tripline-sec/tripline/internal/value"
)

// MaxDepth is how deep a query may nest: parentheses, calls, negations, and
// the operands of one arithmetic chain.
const MaxDepth = 1000

// Parse reads a query. The error is an *Error with one problem: the text is not
// EQL, or it is EQL that Elasticsearch refuses while it builds the tree.
func Parse(src string) (*Query, error) {
	q, err := parse(src)
	if err != nil {
		return nil, err
	}
	return q, nil
}

func parse(src string) (*Query, *Error) {
	p := &parser{lex: newLexer(src)}
	if !utf8.ValidString(src) {
		return nil, p.invalidUTF8()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokEOF {
		return nil, errorAt(p.tok.at, "query is null or empty")
	}
	body, err := p.body()
	if err != nil {
		return nil, err
	}
	q := &Query{Body: body}
	for p.tok.kind == tokPipe {
		pipe, err := p.pipe(body)
		if err != nil {
			return nil, err
		}
		q.Pipes = append(q.Pipes, pipe)
	}
	if p.tok.kind != tokEOF {
		return nil, p.leftOver()
	}
	return q, nil
}

// parser is a recursive descent over the tokens, with one token of look-ahead
// beyond the current one.
type parser struct {
	lex   *lexer
	tok   token // current
	ahead *token
	prev  int // end offset of the token before the current one
	depth int
}

// advance moves to the next token.
func (p *parser) advance() *Error {
	p.prev = p.tok.at.End
	if p.ahead != nil {
		p.tok, p.ahead = *p.ahead, nil
		return nil
	}
	var err *Error
	p.tok, err = p.lex.next()
	return err
}

// peek returns the token after the current one.
func (p *parser) peek() (token, *Error) {
	if p.ahead == nil {
		t, err := p.lex.next()
		if err != nil {
			return token{}, err
		}
		p.ahead = &t
	}
	return *p.ahead, nil
}

// expect moves past a token of the kind, or says what stands there instead.
func (p *parser) expect(k tokenKind, what string) *Error {
	if p.tok.kind != k {
		return p.unexpected(what)
	}
	return p.advance()
}

// accept moves past a token of the kind, if it stands there.
func (p *parser) accept(k tokenKind) (bool, *Error) {
	if p.tok.kind != k {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) unexpected(want string) *Error {
	if p.tok.kind == tokEOF {
		return errorAt(p.tok.at, "unexpected end of the query, expected %s", want)
	}
	err := errorAt(p.tok.at, "unexpected %s, expected %s", p.tok.describe(), want)
	switch {
	case p.tok.kind == tokAssign:
		return err.hint("equality is written ==")
	case p.tok.kind > firstKeyword_:
		return err.hint("a field segment that is a reserved word is written `%s`, in back quotes", p.tok.text)
	}
	return err
}

// enter counts one level of nesting; the caller subtracts it again.
func (p *parser) enter() *Error {
	if p.depth++; p.depth > MaxDepth {
		return errorAt(p.tok.at, "EQL statement is too large, causing stack overflow when generating the parsing tree: [%s]",
			clip(p.lex.src)).hint("nesting is limited to %d levels", MaxDepth)
	}
	return nil
}

func (p *parser) invalidUTF8() *Error {
	for p.lex.off < len(p.lex.src) {
		r, n := utf8.DecodeRuneInString(p.lex.src[p.lex.off:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			p.lex.newline()
		}
		p.lex.off += n
	}
	return errorAt(p.lex.here(), "query is not valid UTF-8")
}

// leftOver explains a token behind a whole query.
func (p *parser) leftOver() *Error {
	if comparisonOps[p.tok.kind] != 0 {
		return errorAt(p.tok.at, "mismatched input '%s' expecting {<EOF>, 'and', 'or', '|'}", p.tok.text).
			hint("comparisons do not chain; write `a < b and b < c`")
	}
	return p.unexpected("'and', 'or', '|' or the end of the query")
}

func (p *parser) body() (Body, *Error) {
	switch p.tok.kind {
	case kwSequence:
		return p.sequence()
	case kwSample:
		return p.sample()
	case kwJoin:
		err := errorAt(p.tok.at, "JOIN command is not supported").
			hint("write a sequence, or a sample if the order does not matter")
		err.verification = true // Elasticsearch parses it, and refuses it then
		return nil, err
	}
	return p.filter()
}

// filter reads `CATEGORY where COND`.
func (p *parser) filter() (*Filter, *Error) {
	f := &Filter{At: p.tok.at}
	switch p.tok.kind {
	case kwAny:
		f.Any = true
	case tokIdent, tokString:
		f.Category = p.tok.text
	case tokQuotedIdent:
		return nil, errorAt(p.tok.at, "no viable alternative at input '`%s`'", clip(p.tok.text)).
			hint(`a category that is no plain word is written in double quotes: "%s"`, clip(p.tok.text))
	default:
		return nil, p.unexpected("an event category, `any`, `sequence` or `sample`")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect(kwWhere, "'where'"); err != nil {
		if p.tok.kind == tokIdent && equalFoldASCII(p.tok.text, "where") {
			return nil, err.hint("reserved words are lower-case")
		}
		return nil, err
	}
	var err *Error
	if f.Condition, err = p.expr(); err != nil {
		return nil, err
	}
	f.At.End = p.prev
	return f, nil
}

func equalFoldASCII(a, lower string) bool {
	if len(a) != len(lower) {
		return false
	}
	for i := range len(a) {
		if a[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}

var knownPipes = []string{"count", "filter", "head", "sort", "tail", "unique", "unique_count"}

// pipe reads `| NAME args`. The count is what the argument folds to.
func (p *parser) pipe(body Body) (Pipe, *Error) {
	if err := p.advance(); err != nil {
		return Pipe{}, err
	}
	pipe := Pipe{At: p.tok.at, Name: p.tok.text}
	if p.tok.kind != tokIdent {
		return Pipe{}, p.unexpected("a pipe, head or tail")
	}
	if _, ok := body.(*Sample); ok {
		return Pipe{}, errorAt(pipe.At, "Samples do not support pipes yet")
	}
	if err := p.advance(); err != nil {
		return Pipe{}, err
	}
	args, err := p.pipeArgs()
	if err != nil {
		return Pipe{}, err
	}
	pipe.At.End = p.prev
	return pipe.build(args)
}

func (p *parser) pipeArgs() ([]Expr, *Error) {
	if p.tok.kind == tokEOF || p.tok.kind == tokPipe {
		return nil, nil
	}
	return p.exprList()
}

func (pipe Pipe) build(args []Expr) (Pipe, *Error) {
	if pipe.Name != "head" && pipe.Name != "tail" {
		for _, known := range knownPipes {
			if pipe.Name == known {
				return pipe, errorAt(pipe.At, "Pipe [%s] is not supported", pipe.Name)
			}
		}
		return pipe, errorAt(pipe.At, "Unrecognized pipe [%s]%s", clip(pipe.Name),
			didYouMean(value.Suggest(pipe.Name, knownPipes)))
	}
	if len(args) != 1 {
		return pipe, errorAt(pipe.At, "Pipe [%s] expects exactly one argument but found [%d]", pipe.Name, len(args))
	}
	pipe.Arg = args[0]
	folded, _, problem := foldConstant(args[0])
	if problem != nil {
		return pipe, &Error{Problems: []Problem{*problem}}
	}
	lit, ok := folded.(*Literal)
	if !ok || lit.Value.Kind() != value.Int || lit.Value.Int() < 0 {
		return pipe, errorAt(args[0].Pos(), "Pipe [%s] expects a positive integer but found [%s]",
			pipe.Name, brief(args[0]))
	}
	pipe.Count = lit.Value.Int()
	return pipe, nil
}

// didYouMean writes suggestions the way Elasticsearch appends them.
func didYouMean(s []string) string {
	switch len(s) {
	case 0:
		return ""
	case 1:
		return ", did you mean [" + s[0] + "]?"
	}
	out := ", did you mean any of ["
	for i, w := range s {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out + "]?"
}

// integer reads the text of a token as an integer literal's value: the smallest
// type that holds it, else a double.
func integerValue(text string) Value {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value.OfInt(i)
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return value.OfUint(u)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Value{}
	}
	return value.OfFloat(f)
}
