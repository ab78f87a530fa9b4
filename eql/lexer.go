package eql

import (
	"strings"
	"unicode/utf8"
)

// lexer cuts the query into tokens, one at a time. An error ends it.
type lexer struct {
	src       string
	off       int
	line      int
	lineStart int // offset of the line's first byte
	col       int // code points before off on this line
	colAt     int // the offset that col was counted to
}

func newLexer(src string) *lexer { return &lexer{src: src, line: 1} }

// at returns the position of the byte range [off, end) on the current line.
// Offsets on a line only grow, so counting columns costs one pass in all.
func (l *lexer) at(off, end int) Pos {
	if l.colAt < l.lineStart {
		l.colAt, l.col = l.lineStart, 0
	}
	if off < l.colAt {
		return Pos{Offset: off, End: end, Line: l.line, Col: 1 + utf8.RuneCountInString(l.src[l.lineStart:off])}
	}
	l.col += utf8.RuneCountInString(l.src[l.colAt:off])
	l.colAt = off
	return Pos{Offset: off, End: end, Line: l.line, Col: 1 + l.col}
}

// here returns the position of the rune at the current offset.
func (l *lexer) here() Pos {
	_, n := utf8.DecodeRuneInString(l.src[l.off:])
	return l.at(l.off, l.off+n)
}

func (l *lexer) newline() {
	l.line++
	l.lineStart = l.off + 1
}

// peekByte returns the byte n after the current one, 0 past the end.
func (l *lexer) peekByte(n int) byte {
	if l.off+n < len(l.src) {
		return l.src[l.off+n]
	}
	return 0
}

// skipSpace passes over white space and comments; block comments nest.
func (l *lexer) skipSpace() *Error {
	for l.off < len(l.src) {
		switch c := l.src[l.off]; {
		case c == '\n':
			l.newline()
			l.off++
		case c == ' ' || c == '\t' || c == '\r':
			l.off++
		case c == '/' && l.peekByte(1) == '/':
			for l.off < len(l.src) && l.src[l.off] != '\n' && l.src[l.off] != '\r' {
				l.off++
			}
		case c == '/' && l.peekByte(1) == '*':
			if err := l.skipBlockComment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) skipBlockComment() *Error {
	start := l.at(l.off, l.off+2)
	depth := 0
	for l.off < len(l.src) {
		switch {
		case l.src[l.off] == '/' && l.peekByte(1) == '*':
			depth++
			l.off += 2
		case l.src[l.off] == '*' && l.peekByte(1) == '/':
			depth--
			l.off += 2
			if depth == 0 {
				return nil
			}
		default:
			if l.src[l.off] == '\n' {
				l.newline()
			}
			l.off++
		}
	}
	return errorAt(start, "comment is not closed").hint("block comments nest: each /* needs its own */")
}

// next returns the next token.
func (l *lexer) next() (token, *Error) {
	if err := l.skipSpace(); err != nil {
		return token{}, err
	}
	if l.off >= len(l.src) {
		return token{kind: tokEOF, at: l.at(len(l.src), len(l.src))}, nil
	}
	switch c := l.src[l.off]; {
	case isIdentStart(c):
		return l.word(), nil
	case isDigit(c), c == '.' && isDigit(l.peekByte(1)):
		return l.number(), nil
	case c == '"':
		return l.str()
	case c == '`':
		return l.quotedIdent()
	}
	return l.symbol()
}

// word reads an identifier, an identifier with `~`, or a reserved word.
func (l *lexer) word() token {
	start := l.off
	for l.off < len(l.src) && (isIdentPart(l.src[l.off]) || l.off == start) {
		l.off++
	}
	text := l.src[start:l.off]
	at := l.at(start, l.off)
	if l.peekByte(0) == '~' && text[0] != '_' && text[0] != '@' {
		l.off++
		at.End++
		if k, ok := keywords[text+"~"]; ok {
			return token{kind: k, text: text + "~", at: at}
		}
		return token{kind: tokTildeIdent, text: text, at: at}
	}
	if k, ok := keywords[text]; ok {
		return token{kind: k, text: text, at: at}
	}
	return token{kind: tokIdent, text: text, at: at}
}

// number reads digits, and a decimal's point and exponent. `1.` and `.5` are
// decimals; a sign is an operator.
func (l *lexer) number() token {
	start, kind := l.off, tokInteger
	digits := func() {
		for isDigit(l.peekByte(0)) {
			l.off++
		}
	}
	digits()
	if l.peekByte(0) == '.' {
		kind = tokDecimal
		l.off++
		digits()
	}
	if c := l.peekByte(0); c == 'e' || c == 'E' {
		n := 1
		if s := l.peekByte(1); s == '+' || s == '-' {
			n = 2
		}
		if isDigit(l.peekByte(n)) {
			kind = tokDecimal
			l.off += n
			digits()
		}
	}
	return token{kind: kind, text: l.src[start:l.off], at: l.at(start, l.off)}
}

func (l *lexer) quotedIdent() (token, *Error) {
	start := l.at(l.off, l.off+1)
	from := l.off
	for l.off++; l.off < len(l.src); l.off++ {
		switch l.src[l.off] {
		case '\n':
			l.newline()
		case '`':
			if l.peekByte(1) != '`' {
				l.off++
				start.End = l.off
				name := strings.ReplaceAll(l.src[from+1:l.off-1], "``", "`")
				return token{kind: tokQuotedIdent, text: name, at: start}, nil
			}
			l.off++
		}
	}
	return token{}, errorAt(start, "back-quoted name is not closed")
}

// symbol reads an operator or a bracket.
func (l *lexer) symbol() (token, *Error) {
	kind, size := tokEOF, 1
	pair := func(second byte, both, single tokenKind) {
		kind = single
		if l.peekByte(1) == second {
			kind, size = both, 2
		}
	}
	switch l.src[l.off] {
	case '=':
		pair('=', tokEq, tokAssign)
	case '<':
		pair('=', tokLe, tokLt)
	case '>':
		pair('=', tokGe, tokGt)
	case '!':
		pair('=', tokNe, tokEOF)
		if l.peekByte(1) == '[' {
			kind, size = tokMissing, 2
		}
	case ':':
		kind = tokColon
	case '+':
		kind = tokPlus
	case '-':
		kind = tokMinus
	case '*':
		kind = tokStar
	case '/':
		kind = tokSlash
	case '%':
		kind = tokPercent
	case '.':
		kind = tokDot
	case ',':
		kind = tokComma
	case '(':
		kind = tokLParen
	case ')':
		kind = tokRParen
	case '[':
		kind = tokLBracket
	case ']':
		kind = tokRBracket
	case '|':
		kind = tokPipe
	case '?':
		if c := l.peekByte(1); c == '"' || c == '\'' {
			return token{}, errorAt(l.at(l.off, l.off+2),
				`Use triple double quotes ["""] to define unescaped string literals, not [?%c]`, c)
		}
		kind = tokQuestion
	case '\'':
		return token{}, errorAt(l.here(),
			`Use double quotes ["] to define string literals, not single quotes [']`)
	}
	if kind == tokEOF {
		return token{}, l.unrecognised()
	}
	at := l.at(l.off, l.off+size)
	l.off += size
	return token{kind: kind, text: tokenTexts[kind], at: at}, nil
}

func (l *lexer) unrecognised() *Error {
	at := l.here()
	err := errorAt(at, "token recognition error at: '%s'", l.src[at.Offset:at.End])
	switch l.src[l.off] {
	case '!':
		return err.hint("negation is written `not`, a missing event `![`")
	case '&':
		return err.hint("conjunction is written `and`")
	case '~':
		return err.hint("`~` belongs to the word before it, with no space: `like~`, `in~`, `startsWith~`")
	}
	return err
}
