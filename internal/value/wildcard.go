package value

import (
	"strings"
	"unicode/utf8"
)

// Wildcard is a compiled pattern of ':' and like. It matches whole values: '*'
// is any run of characters, also none and also newlines, '?' exactly one code
// point, all else itself. EQL has no escape in patterns.
//
// Match takes time linear in the length of the value: the runs between two '*'
// are found one after another, each leftmost, and none is looked for twice. A
// run with '?' in it, or without regard to case, costs a step more for each 64
// of its characters. A byte that is no valid UTF-8 counts as one code point.
type Wildcard struct {
	head, tail piece // anchored at the start and the end; either may be empty
	middle     []piece
	star       bool // there is a '*': head and tail are not the same piece
	never      bool // matches nothing
}

// HasWildcard reports whether p contains '*' or '?', so that it means more than
// its own text.
func HasWildcard(p string) bool { return strings.ContainsAny(p, "*?") }

// CompileWildcard compiles a pattern; with fold, case is ignored as in EqualFold.
func CompileWildcard(pattern string, fold bool) *Wildcard {
	return compileElements(elements(pattern, false), fold)
}

// CompileEndsWith compiles what endsWith on a plain field and a constant looks
// up in an index. Elasticsearch pastes the constant raw into a wildcard lookup:
// '*' and '?' in it are wildcards and a backslash takes the next character
// literally. An empty constant matches every value.
func CompileEndsWith(constant string, fold bool) *Wildcard {
	return compileElements(append([]rune{anyRun}, elements(constant, true)...), fold)
}

// CompileContains is CompileEndsWith for stringContains. An empty constant
// matches nothing.
func CompileContains(constant string, fold bool) *Wildcard {
	if constant == "" {
		return &Wildcard{never: true}
	}
	els := append([]rune{anyRun}, elements(constant, true)...)
	return compileElements(append(els, anyRun), fold)
}

// Elements of a pattern that are no code point.
const (
	anyRun rune = -1 - iota // '*'
	anyOne                  // '?'
)

// elements splits a pattern into code points and wildcards.
func elements(pattern string, escapes bool) []rune {
	var els []rune
	for len(pattern) > 0 {
		r, n := decodeRune(pattern)
		pattern = pattern[n:]
		switch {
		case r == '*':
			r = anyRun
		case r == '?':
			r = anyOne
		case r == '\\' && escapes && pattern != "":
			r, n = decodeRune(pattern)
			pattern = pattern[n:]
		}
		els = append(els, r)
	}
	return els
}

func compileElements(els []rune, fold bool) *Wildcard {
	w := &Wildcard{}
	first, start := true, 0
	for i, r := range els {
		if r != anyRun {
			continue
		}
		p := makePiece(els[start:i], fold)
		switch {
		case first:
			w.head, w.star, first = p, true, false
		case p.length() > 0:
			p.prepareSearch()
			w.middle = append(w.middle, p)
		}
		start = i + 1
	}
	last := makePiece(els[start:], fold)
	if first {
		w.head = last
	} else {
		w.tail = last
	}
	return w
}

// Match reports whether the pattern matches the whole of s.
func (w *Wildcard) Match(s string) bool {
	if w.never {
		return false
	}
	n, ok := w.head.prefix(s)
	if !ok || !w.star {
		return ok && n == len(s)
	}
	s = s[n:]
	if n, ok = w.tail.suffix(s); !ok {
		return false
	}
	s = s[:len(s)-n]
	for i := range w.middle {
		end := w.middle[i].find(s)
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	return true
}

// piece is a run of a pattern between two '*': it has a fixed number of code
// points.
type piece struct {
	text  string // when exact: the text
	runes []rune // else: folded code points and anyOne
	exact bool   // compare bytes: nothing to fold, no '?', valid UTF-8
	fold  bool
	scan  *scanner // finds runes; nil when exact
}

func makePiece(els []rune, fold bool) piece {
	p := piece{exact: true, fold: fold}
	var text strings.Builder
	for _, r := range els {
		if r < 0 || r > utf8.MaxRune || fold && hasCase(r) {
			p.exact = false
			break
		}
		text.WriteRune(r)
	}
	if p.exact {
		p.text = text.String()
		return p
	}
	p.runes = make([]rune, len(els))
	for i, r := range els {
		if fold && r >= 0 {
			r = foldRune(r)
		}
		p.runes[i] = r
	}
	return p
}

func (p *piece) length() int { return len(p.text) + len(p.runes) }

func (p *piece) prepareSearch() {
	if !p.exact {
		p.scan = newScanner(p.runes, p.fold)
	}
}

// prefix reports whether s begins with p, and with how many bytes.
func (p *piece) prefix(s string) (int, bool) {
	if p.exact {
		return len(p.text), strings.HasPrefix(s, p.text)
	}
	at := 0
	for _, want := range p.runes {
		if at == len(s) {
			return 0, false
		}
		r, n := decodeRune(s[at:])
		if !p.meets(want, r) {
			return 0, false
		}
		at += n
	}
	return at, true
}

// suffix reports whether s ends with p, and with how many bytes.
func (p *piece) suffix(s string) (int, bool) {
	if p.exact {
		return len(p.text), strings.HasSuffix(s, p.text)
	}
	at := len(s)
	for i := len(p.runes) - 1; i >= 0; i-- {
		if at == 0 {
			return 0, false
		}
		r, n := decodeLastRune(s[:at])
		if !p.meets(p.runes[i], r) {
			return 0, false
		}
		at -= n
	}
	return len(s) - at, true
}

// find returns where the leftmost occurrence of p in s ends, or -1.
func (p *piece) find(s string) int {
	if !p.exact {
		return p.scan.find(s)
	}
	at := strings.Index(s, p.text)
	if at < 0 {
		return -1
	}
	return at + len(p.text)
}

func (p *piece) meets(want, r rune) bool {
	return want == anyOne || want == r || p.fold && want == foldRune(r)
}
