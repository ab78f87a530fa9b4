package rule

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// This file makes conditions of EQL from what queries of Elasticsearch test.
// The nodes have no place in a text: their Pos is zero.

// target is a field as a filter or an exception names it, with how its values
// are compared.
type target struct {
	field *eql.Field
	fold  bool // a .caseless sub-field: letter case does not count
	text  bool // analysed text: a phrase is looked for, not the whole value
	typ   value.Type
}

// newTarget resolves a name. Documents hold a field and not the sub-fields that
// a mapping makes of it, so that these are read as their parent.
func newTarget(name string) target {
	t := target{}
	for _, suffix := range []string{".caseless", ".text", ".keyword"} {
		parent, ok := strings.CutSuffix(name, suffix)
		if !ok {
			continue
		}
		if _, known := ecs.Lookup(parent); known {
			name, t.fold, t.text = parent, suffix == ".caseless", suffix == ".text"
			break
		}
	}
	if f, ok := ecs.Lookup(name); ok {
		t.typ = f.Type
		t.text = t.text || f.Type == value.TypeText
	}
	t.field = &eql.Field{Segments: strings.Split(name, ".")}
	return t
}

// equal is a phrase match: the exact value, or the words of a text in a row.
func (t target) equal(text string) eql.Expr {
	switch {
	case t.text:
		return t.phrase(text)
	case t.fold:
		return &eql.In{X: t.field, Fold: true, List: []eql.Expr{constant(text)}}
	}
	exact := &eql.Binary{Op: eql.Eq, L: t.field, R: constant(text)}
	if t.typ != value.TypeUnknown {
		return exact // Check turns the text into the field's type
	}
	other := value.Value{}
	if text == "true" || text == "false" {
		other = value.OfBool(text == "true")
	} else if _, err := strconv.ParseFloat(text, 64); err == nil && strings.Trim(text, "+-0123456789.eE") == "" {
		other = value.OfJSONNumber(text)
	}
	if other.IsNull() {
		return exact
	}
	return anyOf(exact, &eql.Binary{Op: eql.Eq, L: t.field, R: &eql.Literal{Value: other}})
}

// equalAny is an OR of phrase matches. Exact ones are one list.
func (t target) equalAny(texts []string) eql.Expr {
	if t.typ != value.TypeUnknown && !t.text && t.typ != value.TypeIP {
		in := &eql.In{X: t.field, Fold: t.fold}
		for _, text := range texts {
			in.List = append(in.List, constant(text))
		}
		return in
	}
	var all []eql.Expr
	for _, text := range texts {
		all = append(all, t.equal(text))
	}
	return anyOf(all...)
}

// phrase looks for words in a row, as a match_phrase on analysed text does:
// words are runs of letters, digits and underscores, and letter case does not
// count. It is an approximation of the standard analyser.
func (t target) phrase(text string) eql.Expr {
	words := strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' })
	if len(words) == 0 {
		return &eql.Literal{Value: value.OfBool(false)}
	}
	// Between words stands what is no letter; beyond ASCII that is told by blocks.
	const between = "[^a-zA-Z0-9_ªµºÀ-\u1fff\u2070-\u2fff\u3040-\ufeff\uff10-\U0010ffff]"
	pattern := "(.*" + between + ")?" + strings.Join(words, between+"+") + "(" + between + ".*)?"
	return &eql.Match{Op: eql.RegexFold, X: t.field, Patterns: []*eql.Literal{constant(pattern)}}
}

// isObject reports whether a name is that of an object of ECS or Elastic Defend
// and of no field: documents hold values of the fields below it alone.
func isObject(name string) bool {
	if _, isField := ecs.Lookup(name); isField {
		return false
	}
	names := ecs.Names()
	i, _ := slices.BinarySearch(names, name+".")
	return i < len(names) && strings.HasPrefix(names[i], name+".")
}

// objectHint goes with an `exists` that would never hold.
const objectHint = "name one of the fields below it, such as one that is always there"

// exists holds when the field has a value.
func (t target) exists() eql.Expr {
	return &eql.Binary{Op: eql.Ne, L: t.field, R: &eql.Literal{}}
}

// like is Elasticsearch's wildcard query: as EQL's like, but that a backslash
// takes the next character literally.
func (t target) like(pattern string) eql.Expr {
	op, pattern := eql.Like, pattern
	if strings.Contains(pattern, `\`) {
		op, pattern = eql.Regex, wildcardRegex(pattern)
	}
	if t.fold {
		op++ // each operator is followed by the one that ignores letter case
	}
	return &eql.Match{Op: op, X: t.field, Patterns: []*eql.Literal{constant(pattern)}}
}

// wildcardRegex writes a wildcard with escapes as a regular expression.
func wildcardRegex(pattern string) string {
	var b strings.Builder
	escaped := false
	for _, c := range pattern {
		switch {
		case !escaped && c == '\\':
			escaped = true
			continue
		case !escaped && c == '*':
			b.WriteString(".*")
		case !escaped && c == '?':
			b.WriteString(".")
		default:
			b.WriteString(quoteRegex(c))
		}
		escaped = false
	}
	if escaped {
		b.WriteString(`\\`)
	}
	return b.String()
}

// quoteRegex writes a character that stands for itself in a regular expression.
func quoteRegex(c rune) string {
	if strings.ContainsRune(`.?+*|{}[]()"\#@&<>~^$`, c) {
		return `\` + string(c)
	}
	return string(c)
}

// inBlocks holds when the field is an address in one of the blocks.
func (t target) inBlocks(blocks []string) eql.Expr {
	call := &eql.Call{Name: "cidrMatch", Args: []eql.Expr{t.field}}
	for _, block := range blocks {
		call.Args = append(call.Args, constant(block))
	}
	return call
}

func constant(text string) *eql.Literal { return &eql.Literal{Value: value.OfString(text)} }

func not(e eql.Expr) eql.Expr { return &eql.Unary{Op: eql.Not, X: e} }

func allOf(args ...eql.Expr) eql.Expr { return chain(eql.And, args) }
func anyOf(args ...eql.Expr) eql.Expr { return chain(eql.Or, args) }

// chain joins conditions by one operator; a chain among them becomes part of it.
func chain(op eql.Op, args []eql.Expr) eql.Expr {
	out := &eql.Logic{Op: op}
	for _, a := range args {
		if inner, ok := a.(*eql.Logic); ok && inner.Op == op {
			out.At = inner.At
			out.Args = append(out.Args, inner.Args...)
		} else {
			out.Args = append(out.Args, a)
		}
	}
	switch len(out.Args) {
	case 0:
		return &eql.Literal{Value: value.OfBool(op == eql.And)}
	case 1:
		return out.Args[0]
	}
	return out
}
