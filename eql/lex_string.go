package eql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// str reads `"..."` or `"""..."""`.
func (l *lexer) str() (token, *Error) {
	if strings.HasPrefix(l.src[l.off:], `"""`) {
		return l.rawString()
	}
	start := l.off
	var b strings.Builder
	for l.off++; l.off < len(l.src); {
		switch c := l.src[l.off]; c {
		case '"':
			l.off++
			return token{kind: tokString, text: b.String(), at: l.at(start, l.off)}, nil
		case '\n', '\r':
			return token{}, l.unclosed(start)
		case '\\':
			if err := l.escape(&b); err != nil {
				return token{}, err
			}
		default:
			b.WriteByte(c)
			l.off++
		}
	}
	return token{}, l.unclosed(start)
}

func (l *lexer) unclosed(start int) *Error {
	return errorAt(l.at(start, start+1), "token recognition error at: '%s'", clip(l.src[start:l.off])).
		hint(`the string is not closed on its line; write a line break as \n`)
}

// rawString reads a string without escapes. It ends at the first `"""`, and up
// to two more quotes directly after that belong to its content.
func (l *lexer) rawString() (token, *Error) {
	start := l.off
	body := l.src[start+3:]
	line := body
	if i := strings.IndexAny(body, "\r\n"); i >= 0 {
		line = body[:i]
	}
	end := strings.Index(line, `"""`)
	if end < 0 {
		l.off += 3 + len(line)
		return token{}, errorAt(l.at(start, start+3), "token recognition error at: '%s'", clip(l.src[start:l.off])).
			hint(`the raw string is not closed on its line with """`)
	}
	for i := 0; i < 2 && end+3 < len(line) && line[end+3] == '"'; i++ {
		end++
	}
	l.off = start + 3 + end + 3
	return token{kind: tokString, text: line[:end], at: l.at(start, l.off)}, nil
}

var simpleEscapes = map[byte]byte{
	'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', '"': '"', '\'': '\'', '\\': '\\',
}

// escape reads one escape sequence at the current offset into b.
func (l *lexer) escape(b *strings.Builder) *Error {
	c := l.peekByte(1)
	if r, ok := simpleEscapes[c]; ok {
		b.WriteByte(r)
		l.off += 2
		return nil
	}
	if c == 'u' && l.peekByte(2) == '{' {
		return l.unicodeEscape(b)
	}
	_, n := utf8.DecodeRuneInString(l.src[l.off+1:])
	at := l.at(l.off, l.off+1+n)
	return errorAt(at, "token recognition error at: '%s'", l.src[at.Offset:at.End]).
		hint(`escapes are \b \t \n \f \r \" \' \\ \u{..}; write a single backslash as \\`)
}

// unicodeEscape reads `\u{H..}`, two to eight hexadecimal digits.
func (l *lexer) unicodeEscape(b *strings.Builder) *Error {
	start := l.off
	i := start + 3
	for i < len(l.src) && strings.IndexByte("0123456789abcdefABCDEF", l.src[i]) >= 0 {
		i++
	}
	if i == start+3 || i >= len(l.src) || l.src[i] != '}' {
		return errorAt(l.at(start, i), "token recognition error at: '%s'", clip(l.src[start:min(i+1, len(l.src))])).
			hint(`a character is written \u{H..} with 2 to 8 hexadecimal digits`)
	}
	at := l.at(start, i+1)
	digits := l.src[start+3 : i]
	if len(digits) < 2 || len(digits) > 8 {
		return errorAt(at, `Unicode sequence should use [2-8] hex digits, [%s] has [%d]`, clip(l.src[start:i+1]), len(digits))
	}
	code, err := strconv.ParseUint(digits, 16, 32)
	switch {
	case err != nil || code > utf8.MaxRune:
		return errorAt(at, "Invalid unicode character code [%s]", digits)
	case code >= 0xD800 && code <= 0xDFFF:
		return errorAt(at, "Invalid unicode character code, [%s] is a surrogate code", digits)
	}
	b.WriteRune(rune(code))
	l.off = i + 1
	return nil
}
