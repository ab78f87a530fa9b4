package eql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// The fields Elasticsearch uses when a request names none.
const (
	DefaultCategoryField  = "event.category"
	DefaultTimestampField = "@timestamp"
)

// CheckOptions says what a query is checked against. The zero value checks
// without a schema, with Elasticsearch's default fields and no tiebreaker.
type CheckOptions struct {
	Schema          *Schema
	CategoryField   string // "" is DefaultCategoryField
	TimestampField  string // "" is DefaultTimestampField
	TiebreakerField string // "" is none
}

// WithDefaults fills in the fields that are not named.
func (o CheckOptions) WithDefaults() CheckOptions {
	if o.CategoryField == "" {
		o.CategoryField = DefaultCategoryField
	}
	if o.TimestampField == "" {
		o.TimestampField = DefaultTimestampField
	}
	return o
}

// Check verifies names and types and returns the query that evaluators run: a
// new tree in which
//
//   - every Field has its Path and Type;
//   - constants are folded, with EQL's three-valued logic, and an optional field
//     that the schema does not know is the literal null;
//   - `a != b` is `not a == b`, `a not in ..` is `not a in ..`, `+x` is x; a bare
//     boolean field is `f == true`; a boolean expression compared with true or
//     false is that expression or its negation; wildcard() is `like`;
//   - the constant of a comparison stands on the right and, where the field's
//     type is known, is of that type (dates, addresses and versions stay text);
//   - a null that is left as an operand of `and` or `or` counts as false.
//
// The error is an *Error with all problems found. With a schema the rules are
// Elasticsearch's. Without one, fields have the types that ECS and Elastic
// Defend give them, and what would be a type error with a mapping is a warning.
func Check(q *Query, opts CheckOptions) (*Query, []Warning, error) {
	c := &checker{opts: opts.WithDefaults()}
	out := &Query{Body: c.body(q.Body), Pipes: q.Pipes}
	if len(c.problems) > 0 {
		return nil, c.warnings, &Error{Problems: c.problems, verification: true, more: c.more}
	}
	return out, c.warnings, nil
}

type checker struct {
	opts     CheckOptions
	more     int // problems beyond those that are kept
	problems []Problem
	warnings []Warning

	suggested map[string][]string // unknown names, and the known ones near them
	known     []string            // all known names, once one was unknown
}

// mostProblems is how many problems, and warnings, of a query are kept.
const mostProblems = 100

func (c *checker) problem(at Pos, format string, args ...any) *Problem {
	if len(c.problems) == mostProblems {
		c.more++
		return &Problem{}
	}
	c.problems = append(c.problems, Problem{Pos: at, Message: fmt.Sprintf(format, args...)})
	return &c.problems[len(c.problems)-1]
}

func (c *checker) warn(at Pos, format string, args ...any) {
	if len(c.warnings) == mostProblems {
		return
	}
	c.warnings = append(c.warnings, Warning{Pos: at, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) body(b Body) Body {
	c.needed(b)
	switch b := b.(type) {
	case *Filter:
		return c.filter(b)
	case *Sequence:
		out := *b
		out.Keys = c.keys(b.Keys)
		out.Terms = c.terms(b.Terms)
		if b.Until != nil {
			out.Until = c.term(b.Until)
		}
		c.keyTypes(out.Keys, append(out.Terms[:len(out.Terms):len(out.Terms)], out.untilTerms()...))
		return &out
	case *Sample:
		out := *b
		out.Keys = c.keys(b.Keys)
		out.Terms = c.terms(b.Terms)
		c.keyTypes(out.Keys, out.Terms)
		return &out
	}
	return b
}

// needed checks that the fields which a query uses without naming them exist.
func (c *checker) needed(b Body) {
	if c.opts.Schema == nil {
		return
	}
	var names []string
	if !allAny(b) {
		names = append(names, c.opts.CategoryField)
	}
	if _, ok := b.(*Sample); !ok {
		names = append(names, c.opts.TimestampField)
		if c.opts.TiebreakerField != "" {
			names = append(names, c.opts.TiebreakerField)
		}
	}
	for _, n := range names {
		if _, ok := c.opts.Schema.lookup(n); !ok {
			c.unknownColumn(Pos{Line: 1, Col: 1}, n).Hint = "say which field of the mapping it is, or write `any where` for no category"
		}
	}
}

// allAny reports whether no filter of the query tests the category.
func allAny(b Body) bool {
	isAny := func(t *Term) bool { return t.Filter.Any }
	switch b := b.(type) {
	case *Filter:
		return b.Any
	case *Sequence:
		return !slices.ContainsFunc(b.Terms, func(t *Term) bool { return !isAny(t) }) && (b.Until == nil || isAny(b.Until))
	case *Sample:
		return !slices.ContainsFunc(b.Terms, func(t *Term) bool { return !isAny(t) })
	}
	return false
}

func (c *checker) terms(terms []*Term) []*Term {
	out := make([]*Term, len(terms))
	for i, t := range terms {
		out[i] = c.term(t)
	}
	return out
}

func (c *checker) term(t *Term) *Term {
	out := *t
	out.Filter = c.filter(t.Filter)
	out.Keys = c.keys(t.Keys)
	return &out
}

func (c *checker) filter(f *Filter) *Filter {
	out := *f
	e, t := c.expr(f.Condition)
	switch {
	case t == value.TypeBoolean || t == value.TypeNull || t == value.TypeUnknown:
	case c.soft(e):
		c.warn(f.Condition.Pos(), "condition [%s] is of type [%s] and can never be true", brief(e), t)
	default:
		c.problem(f.Condition.Pos(), "Condition expression needs to be boolean, found [%s]", strings.ToUpper(t.String()))
	}
	out.Condition = truth(e)
	return &out
}

// truth turns a bare field in a boolean place into a test of its value.
func truth(e Expr) Expr {
	if f, ok := e.(*Field); ok {
		return &Binary{At: f.At, Op: Eq, L: f, R: &Literal{At: f.At, Value: value.OfBool(true)}}
	}
	return e
}

// soft reports whether the type of e is only what ECS or Elastic Defend say of
// the field: without a schema, documents may hold something else, so that what
// the type forbids is a warning.
func (c *checker) soft(e Expr) bool {
	_, ok := e.(*Field)
	return ok && c.opts.Schema == nil
}

// field resolves a field. An optional field that the schema does not have is
// the literal null.
func (c *checker) field(f *Field) (Expr, Type) {
	out := *f
	name := f.Name()
	out.Path = name
	if c.opts.Schema == nil {
		out.Type = c.knownType(name, f.At)
		return &out, out.Type
	}
	r, ok := c.opts.Schema.lookup(name)
	if !ok {
		if f.Optional {
			return &Literal{At: f.At}, value.TypeNull
		}
		c.unknownColumn(f.At, name).Hint = "write ?" + name + " if the field may be missing"
		return &out, value.TypeUnknown
	}
	out.Path, out.Type = r.path, r.typ
	switch {
	case r.conflict != "":
		c.problem(f.At, "%s", r.conflict)
	case r.typ == value.TypeObject:
		c.problem(f.At, "Cannot use field [%s] type [object] only its subfields", name)
	case r.nested != "":
		c.problem(f.At, "Cannot use field [%s] type [nested] due to nested fields not being supported yet", r.nested)
	case r.typ == value.TypeUnsupported:
		c.problem(f.At, "Cannot use field [%s] with unsupported type [%s]", name, r.typeName)
	default:
		return &out, r.typ
	}
	return &out, value.TypeUnknown
}

func (c *checker) unknownColumn(at Pos, name string) *Problem {
	near, _ := c.suggest(name, c.opts.Schema.names)
	return c.problem(at, "Unknown column [%s]%s", name, didYouMean(near))
}

// knownType returns the type of a field when there is no schema. A name that
// nobody knows gets a warning only if it looks like a slip of one that is known:
// other integrations have fields of their own.
func (c *checker) knownType(name string, at Pos) Type {
	switch name {
	case c.opts.TimestampField:
		return value.TypeDate
	case c.opts.CategoryField:
		return value.TypeKeyword
	}
	f, ok := ecs.Lookup(name)
	switch {
	case !ok:
		c.suggestField(name, at)
		return value.TypeUnknown
	case f.Type == value.TypeText:
		return value.TypeKeyword // an exact value is all that a document has
	case f.Type == value.TypeObject || f.Type == value.TypeNested || f.Type == value.TypeUnsupported:
		return value.TypeUnknown
	}
	return f.Type
}

// keys resolves join keys. One that the schema does not know, but may be
// missing, stays a field: no document has it, and its key is null.
func (c *checker) keys(keys []*Field) []*Field {
	out := make([]*Field, 0, len(keys))
	for _, k := range keys {
		e, t := c.field(k)
		f, ok := e.(*Field)
		if !ok {
			f = &Field{At: k.At, Optional: true, Segments: k.Segments, Path: k.Name(), Type: value.TypeNull}
		}
		if t == value.TypeText {
			c.inexact(k, brief(k), "")
		}
		out = append(out, f)
	}
	return out
}

// keyTypes checks that the keys at one position can be equal at all.
func (c *checker) keyTypes(shared []*Field, terms []*Term) {
	first := slices.Clone(terms[0].Keys) // the first of a known type, at each position
	for _, t := range terms[1:] {
		for i, k := range t.Keys {
			if first[i].Type == value.TypeUnknown || first[i].Type == value.TypeNull {
				first[i] = k
			}
			if compatible(first[i].Type, k.Type) {
				continue
			}
			const format = "Sequence key [%s] type [%s] is incompatible with key [%s] type [%s]"
			args := []any{first[i].Name(), first[i].Type, k.Name(), k.Type}
			if c.opts.Schema == nil {
				c.warn(k.At, format, args...)
			} else {
				c.problem(k.At, format, args...)
			}
		}
	}
}

// compatible reports whether values of two types can be equal.
func compatible(a, b Type) bool {
	for _, t := range []Type{a, b} {
		if t == value.TypeUnknown || t == value.TypeNull {
			return true
		}
	}
	return a == b || a.IsString() && b.IsString() || a.IsNumeric() && b.IsNumeric()
}
