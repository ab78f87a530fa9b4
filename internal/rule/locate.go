package rule

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// literal is a string as a file writes it and where its first byte stands.
type literal struct {
	raw       string // with its quotes
	json      bool
	line, col int
}

// Locate returns the place in the rule's file of a place in its query, both from
// 1 and columns in Unicode code points. It knows the escapes, the line
// continuations and the opening newline of TOML's four kinds of string and the
// escapes of JSON. A place past the query's end is that of the closing quote; of
// a rule that was not read from a file the place is returned as it is.
func (r *Rule) Locate(line, col int) (fileLine, fileCol int) {
	if r.query.raw == "" {
		return line, col
	}
	return r.query.locate(line, col)
}

func (l literal) locate(line, col int) (fileLine, fileCol int) {
	found := len(l.raw) - l.quotes()
	atLine, atCol := 1, 1
	for start, c := range l.runes() {
		// A column past the end of its line is where that line ends.
		if atLine == line && (atCol >= col || c == '\n') {
			found = start
			break
		}
		atCol++
		if c == '\n' {
			atLine, atCol = atLine+1, 1
		}
	}
	before := l.raw[:found]
	if n := strings.Count(before, "\n"); n > 0 {
		return l.line + n, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	}
	return l.line, l.col + utf8.RuneCountInString(before)
}

// quotes returns the number of quotes that open and close the literal.
func (l literal) quotes() int {
	if !l.json && len(l.raw) >= 6 && (strings.HasPrefix(l.raw, `"""`) || strings.HasPrefix(l.raw, `'''`)) {
		return 3
	}
	return 1
}

// runes yields each character that the literal stands for with the offset in
// raw at which it is written.
func (l literal) runes() iter.Seq2[int, rune] {
	return func(yield func(int, rune) bool) {
		n := l.quotes()
		i, end := n, len(l.raw)-n
		if n == 3 { // a newline right after the opening quotes is not part of the string
			if strings.HasPrefix(l.raw[i:end], "\r\n") {
				i++
			}
			if strings.HasPrefix(l.raw[i:end], "\n") {
				i++
			}
		}
		escapes := l.raw[0] == '"'
		for i < end {
			start := i
			c, size := utf8.DecodeRuneInString(l.raw[i:end])
			i += size
			if c == '\\' && escapes {
				var shown bool
				if c, i, shown = l.escape(i, end); !shown {
					continue
				}
			}
			if !yield(start, c) {
				return
			}
		}
	}
}

// escape reads what follows a backslash at i. A backslash at the end of a line
// stands for nothing and takes the white space after it along.
func (l literal) escape(i, end int) (c rune, next int, shown bool) {
	s := l.raw[:end]
	switch s[i] {
	case 'n':
		return '\n', i + 1, true
	case 'x':
		return hex(s, i+1, 2), i + 3, true
	case 'U':
		return hex(s, i+1, 8), i + 9, true
	case 'u':
		c = hex(s, i+1, 4)
		if l.json && strings.HasPrefix(s[min(i+5, end):], `\u`) { // two halves of one character
			var pair string
			if json.Unmarshal([]byte(`"`+s[i-1:min(i+11, end)]+`"`), &pair) == nil && utf8.RuneCountInString(pair) == 1 {
				r, _ := utf8.DecodeRuneInString(pair)
				return r, i + 11, true
			}
		}
		return c, i + 5, true
	case ' ', '\t', '\r', '\n':
		for i < end && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			i++
		}
		return 0, i, false
	}
	c, size := utf8.DecodeRuneInString(s[i:])
	return c, i + size, true // the letter, not what it stands for: only newlines count
}

func hex(s string, from, n int) rune {
	v, err := strconv.ParseUint(s[min(from, len(s)):min(from+n, len(s))], 16, 32)
	if err != nil {
		return utf8.RuneError
	}
	return rune(v)
}
