package value

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// translator reads a pattern in Lucene's dialect by recursive descent and writes
// it in Go's. A rule of the grammar is a method.
type translator struct {
	pattern string
	pos     int
}

// node is a translated part of a pattern.
type node struct {
	re        string // in Go's dialect, to be grouped before a repetition
	size      int    // characters to be matched, repetitions written out
	literal   string // the text it matches, when isLiteral
	isLiteral bool
}

// nothing matches no string, not even the empty one.
const nothing = `[^\x{0}-\x{10FFFF}]`

func literalNode(s string) node {
	return node{re: regexp.QuoteMeta(s), size: utf8.RuneCountInString(s), literal: s, isLiteral: true}
}

func (t *translator) more() bool { return t.pos < len(t.pattern) }

// peek reports whether the next character is one of chars.
func (t *translator) peek(chars string) bool {
	return t.more() && strings.IndexByte(chars, t.pattern[t.pos]) >= 0
}

// accept steps over c if it is the next character.
func (t *translator) accept(c byte) bool {
	ok := t.more() && t.pattern[t.pos] == c
	if ok {
		t.pos++
	}
	return ok
}

func (t *translator) next() rune {
	r, n := utf8.DecodeRuneInString(t.pattern[t.pos:])
	t.pos += n
	return r
}

func (t *translator) fail(offset int, format string, args ...any) error {
	return &RegexError{Pattern: t.pattern, Offset: offset, Message: fmt.Sprintf(format, args...)}
}

func (t *translator) union() (node, error) {
	n, err := t.concatenation()
	for err == nil && t.accept('|') {
		var m node
		m, err = t.concatenation()
		n = node{re: n.re + "|" + m.re, size: n.size + m.size}
	}
	return n, err
}

func (t *translator) concatenation() (node, error) {
	n, err := t.repetition()
	if err != nil || !t.more() || t.peek("|)") {
		return n, err
	}
	var re, literal strings.Builder
	whole := node{isLiteral: true}
	for {
		if n.isLiteral {
			re.WriteString(n.re)
		} else {
			re.WriteString("(?:" + n.re + ")")
		}
		whole.size += n.size
		whole.isLiteral = whole.isLiteral && n.isLiteral
		literal.WriteString(n.literal)
		if !t.more() || t.peek("|)") {
			break
		}
		if n, err = t.repetition(); err != nil {
			return node{}, err
		}
	}
	whole.re = re.String()
	if whole.isLiteral {
		whole.literal = literal.String()
	}
	return whole, nil
}

func (t *translator) repetition() (node, error) {
	n, err := t.atom()
	for err == nil && t.peek("?*+{") {
		start := t.pos
		op, times := string(t.next()), 1
		if op == "{" {
			if op, times, err = t.counts(start); err != nil {
				return node{}, err
			}
		}
		n = node{re: "(?:" + n.re + ")" + op, size: max(n.size, 1) * max(times, 1)}
		if n.size > maxRegexSize {
			return node{}, t.fail(start, "pattern is too complex")
		}
	}
	return n, err
}

// maxRepeat is the largest count that Go's regular expressions take.
const maxRepeat = 1000

// counts reads what follows the brace of a repetition.
func (t *translator) counts(start int) (op string, times int, err error) {
	low, ok := t.count()
	if !ok {
		return "", 0, t.fail(t.pos, "a number is missing in a repetition")
	}
	high, bounded := low, true
	if t.accept(',') {
		high, bounded = t.count()
	}
	if !t.accept('}') {
		return "", 0, t.fail(t.pos, "%q is missing after a repetition", "}")
	}
	if max(low, high) > maxRepeat {
		return "", 0, t.fail(start, "a repetition of more than %d times", maxRepeat)
	}
	if !bounded {
		return fmt.Sprintf("{%d,}", low), low, nil
	}
	if low > high {
		return "", 0, t.fail(start, "a repetition from %d to %d times", low, high)
	}
	return fmt.Sprintf("{%d,%d}", low, high), high, nil
}

// count reads a number; one too large to count is above maxRepeat.
func (t *translator) count() (int, bool) {
	start := t.pos
	for t.peek("0123456789") {
		t.pos++
	}
	n, err := strconv.Atoi(t.pattern[start:t.pos])
	if err != nil && t.pos > start {
		n = maxRepeat + 1
	}
	return n, t.pos > start
}

func (t *translator) atom() (node, error) {
	start := t.pos
	if !t.more() {
		return node{}, t.fail(start, "an expression is missing at the end")
	}
	switch c := t.pattern[t.pos]; c {
	case '~', '&':
		return node{}, t.fail(start, "operator %c is not supported; write \\%c for the character", c, c)
	case '.':
		t.pos++
		return node{re: ".", size: 1}, nil
	case '#':
		t.pos++
		return node{re: nothing, size: 1}, nil
	case '@':
		t.pos++
		return node{re: ".*", size: 1}, nil
	case '[':
		return t.class()
	case '"':
		return t.quoted()
	case '(':
		return t.group()
	case '<':
		return t.interval()
	case '\\':
		if re, ok, err := t.shorthand(); ok || err != nil {
			return node{re: "[" + re + "]", size: 1}, err
		}
	}
	r, err := t.char()
	return literalNode(string(r)), err
}

func (t *translator) group() (node, error) {
	start := t.pos
	t.pos++
	if t.accept(')') {
		return node{}, nil
	}
	n, err := t.union()
	if err != nil {
		return node{}, err
	}
	if !t.accept(')') {
		return node{}, t.fail(start, "unclosed %q", "(")
	}
	return n, nil
}

func (t *translator) quoted() (node, error) {
	start := t.pos
	t.pos++
	text, _, ok := strings.Cut(t.pattern[t.pos:], `"`)
	if !ok {
		return node{}, t.fail(start, "unclosed %q", `"`)
	}
	t.pos += len(text) + 1
	return literalNode(text), nil
}

// class reads a class in brackets. A bracket right after the opening one is an
// ordinary character.
func (t *translator) class() (node, error) {
	start := t.pos
	t.pos++
	var b strings.Builder
	b.WriteByte('[')
	if t.accept('^') {
		b.WriteByte('^')
	}
	for first := true; first || !t.peek("]"); first = false {
		if !t.more() {
			return node{}, t.fail(start, "unclosed %q", "[")
		}
		item, err := t.classItem()
		if err != nil {
			return node{}, err
		}
		b.WriteString(item)
	}
	t.pos++
	b.WriteByte(']')
	return node{re: b.String(), size: 1}, nil
}

// classItem reads a character, a range or a shorthand within brackets.
func (t *translator) classItem() (string, error) {
	start := t.pos
	if re, ok, err := t.shorthand(); ok || err != nil {
		return re, err
	}
	low, err := t.char()
	if err != nil {
		return "", err
	}
	high := low
	if t.accept('-') {
		if high, err = t.char(); err != nil {
			return "", err
		}
	}
	if low > high {
		return "", t.fail(start, "a range from %q to %q", low, high)
	}
	return fmt.Sprintf(`\x{%x}-\x{%x}`, low, high), nil
}

// shorthand reads \d and the like, for use within brackets. Go's own \d and \w
// have Lucene's meaning; its \s has the form feed besides.
func (t *translator) shorthand() (re string, ok bool, err error) {
	if !t.peek(`\`) || t.pos+1 == len(t.pattern) {
		return "", false, nil
	}
	switch c := t.pattern[t.pos+1]; c {
	case 'd', 'D', 'w', 'W':
		re = `\` + string(c)
	case 's':
		re = `\t\n\r `
	case 'S':
		re = `\x{0}-\x{8}\x{b}\x{c}\x{e}-\x{1f}!-\x{10FFFF}`
	default:
		return "", false, nil
	}
	t.pos += 2
	return re, true, nil
}

// char reads one character, which a backslash may precede if it is no letter.
func (t *translator) char() (rune, error) {
	start := t.pos
	escaped := t.accept('\\')
	if !t.more() {
		return 0, t.fail(start, "a character is missing at the end")
	}
	if c := t.pattern[t.pos]; escaped && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
		return 0, t.fail(start, `invalid character class \%c`, c)
	}
	return t.next(), nil
}
