package engine

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// test is what a leaf asks of one value of a field. It holds if any part of it
// does: texts and patterns are held apart, so that those of all the atoms of a
// field can be asked together.
type test struct {
	fit      value.Type // a value of another kind does not pass
	exact    []string   // the text is one of these
	folded   []string   // or one of these when case is ignored, in the form of value.Fold
	patterns []pattern  // or fits one of these
	other    func(*subject) bool
}

// pattern is a wildcard pattern.
type pattern struct {
	match *value.Wildcard
	parts []string // the texts between its wildcards
	fold  bool
	head  bool // nothing may stand before the first part
	star  bool // it has a '*' at all
}

// holds asks a value by itself.
func (t *test) holds(s *subject) bool {
	if !s.fits(t.fit) {
		return false
	}
	if s.kind() == value.String {
		text := s.value().Str()
		for _, e := range t.exact {
			if e == text {
				return true
			}
		}
		for _, e := range t.folded {
			if value.EqualFold(e, text) {
				return true
			}
		}
		for i := range t.patterns {
			if t.patterns[i].match.Match(text) {
				return true
			}
		}
	}
	return t.other != nil && t.other(s)
}

// compileTest compiles a leaf that asks a plain field about constants; nil for
// one that is no such leaf.
func compileTest(f *eql.Field, e eql.Expr) (*test, error) {
	switch e := e.(type) {
	case *eql.Binary:
		lit, ok := e.R.(*eql.Literal)
		if !ok || !compares(e.Op) || lit.Value.IsNull() {
			return nil, nil
		}
		return comparison(f.Type, e.Op, lit.Value), nil
	case *eql.In:
		return membership(f.Type, e)
	case *eql.Match:
		return matching(f.Type, e)
	case *eql.Call:
		return calling(f.Type, e)
	}
	return nil, nil
}

func compares(op eql.Op) bool {
	switch op {
	case eql.Eq, eql.Lt, eql.Le, eql.Gt, eql.Ge:
		return true
	}
	return false
}

func comparison(t value.Type, op eql.Op, v value.Value) *test {
	if op == eql.Eq && v.Kind() == value.String && (t.IsString() || t == value.TypeUnknown) {
		return &test{fit: t, exact: []string{v.Str()}}
	}
	c := newOperand(t, v)
	return &test{fit: t, other: func(s *subject) bool {
		holds, known := c.compare(op, s)
		return holds && known
	}}
}

// membership is `in`. Nulls in the list are ignored.
func membership(t value.Type, in *eql.In) (*test, error) {
	m := &test{fit: t}
	scalars := map[value.Key]bool{}
	var operands []operand
	for _, e := range in.List {
		lit, ok := e.(*eql.Literal)
		if !ok {
			return nil, unexpected(e)
		}
		v := lit.Value
		switch {
		case v.IsNull():
		case t == value.TypeDate || t == value.TypeIP || t == value.TypeVersion:
			operands = append(operands, newOperand(t, v))
		case v.Kind() != value.String:
			scalars[value.KeyOf(v)] = true
		case in.Fold:
			m.folded = append(m.folded, value.Fold(v.Str()))
		default:
			m.exact = append(m.exact, v.Str())
		}
	}
	if len(scalars)+len(operands) == 0 {
		return m, nil
	}
	m.other = func(s *subject) bool {
		for i := range operands {
			if holds, known := operands[i].compare(eql.Eq, s); holds && known {
				return true
			}
		}
		v := s.value()
		return len(scalars) > 0 && v.Kind() != value.OutOfRange && v.Kind() != value.String && scalars[value.KeyOf(v)]
	}
	return m, nil
}

// matching is `:`, like or regex.
func matching(t value.Type, m *eql.Match) (*test, error) {
	if m.Op == eql.Regex || m.Op == eql.RegexFold {
		matches, err := m.Matcher()
		if err != nil {
			return nil, fmt.Errorf("line %d:%d: %w", m.At.Line, m.At.Col, err)
		}
		if must := requiredBytes(m); must != "" {
			matches = sifted(must, matches)
		}
		return &test{fit: t, other: onText(matches)}, nil
	}
	fold := m.Op != eql.Like
	out := &test{fit: t}
	for _, lit := range m.Patterns {
		switch text := lit.Value.Str(); {
		case value.HasWildcard(text):
			out.patterns = append(out.patterns, newPattern(text, fold))
		case fold:
			out.folded = append(out.folded, value.Fold(text))
		default:
			out.exact = append(out.exact, text)
		}
	}
	return out, nil
}

func newPattern(text string, fold bool) pattern {
	p := pattern{match: value.CompileWildcard(text, fold), fold: fold}
	p.parts = strings.FieldsFunc(text, func(r rune) bool { return r == '*' || r == '?' })
	p.star = strings.Contains(text, "*")
	p.head = text != "" && text[0] != '*' && text[0] != '?'
	return p
}

// calling compiles the calls that Elasticsearch looks up in the index when they
// ask a plain field about constants; nil for any other.
func calling(t value.Type, call *eql.Call) (*test, error) {
	if call.Name != "endsWith" && call.Name != "stringContains" && call.Name != "cidrMatch" {
		return nil, nil
	}
	var texts []string
	for _, arg := range call.Args[1:] {
		lit, ok := arg.(*eql.Literal)
		if !ok || lit.Value.Kind() != value.String {
			return nil, nil
		}
		texts = append(texts, lit.Value.Str())
	}
	switch call.Name {
	case "cidrMatch":
		blocks := make([]value.CIDR, len(texts))
		for i, text := range texts {
			var err error
			if blocks[i], err = value.ParseCIDR(text); err != nil {
				return nil, fmt.Errorf("line %d:%d: %w", call.At.Line, call.At.Col, err)
			}
		}
		return &test{fit: t, other: func(s *subject) bool { return inBlocks(blocks, s.address()) }}, nil
	case "endsWith":
		return &test{fit: t, patterns: []pattern{newPasted(value.CompileEndsWith(texts[0], call.Fold), texts[0], call.Fold)}}, nil
	}
	return &test{fit: t, patterns: []pattern{newPasted(value.CompileContains(texts[0], call.Fold), texts[0], call.Fold)}}, nil
}

// newPasted is the pattern of a constant that was pasted into a wildcard: in it a
// backslash takes the next character literally.
func newPasted(match *value.Wildcard, constant string, fold bool) pattern {
	p := pattern{match: match, fold: fold, star: true}
	if !strings.Contains(constant, `\`) {
		p.parts = newPattern(constant, fold).parts
	}
	return p
}

func inBlocks(blocks []value.CIDR, a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	for _, b := range blocks {
		if b.Contains(a) {
			return true
		}
	}
	return false
}

// onText lifts a test of text to values: what is no text does not pass.
func onText(matches func(string) bool) func(*subject) bool {
	return func(s *subject) bool { return s.kind() == value.String && matches(s.value().Str()) }
}

// unexpected tells of a tree that eql.Check would not have returned.
func unexpected(e eql.Expr) error {
	at := e.Pos()
	return fmt.Errorf("line %d:%d: %T is not expected here in a checked query", at.Line, at.Col, e)
}
