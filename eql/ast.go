package eql

import (
	"strings"

	"github.com/tripline-sec/tripline/internal/value"
)

// Value is a constant: null, boolean, number or string.
type Value = value.Value

// Type is the static type of an expression or field.
type Type = value.Type

// Pos is where a node stands in the query text: the bytes from Offset to End,
// and the line and column of the first. Line and Col count from 1, Col in
// Unicode code points.
type Pos struct {
	Offset, End int
	Line, Col   int
}

// Query is a whole statement: a body and the pipes after it.
type Query struct {
	Body  Body
	Pipes []Pipe
}

// Body is what a query looks for: *Filter, *Sequence or *Sample.
type Body interface {
	Pos() Pos
	body()
}

// Filter is one event condition, `CATEGORY where COND`. It is a whole query
// (an event query) or stands in the brackets of a Term.
type Filter struct {
	At        Pos
	Any       bool   // `any where`: no category test
	Category  string // exact, case-sensitive; "" when Any
	Condition Expr
}

// Sequence is `sequence [by K,..] [with maxspan=T] TERM TERM.. [until TERM]`.
type Sequence struct {
	At      Pos
	Keys    []*Field
	MaxSpan *Span
	Terms   []*Term
	Until   *Term
}

// Sample is `sample [by K,..] TERM TERM..`.
type Sample struct {
	At    Pos
	Keys  []*Field
	Terms []*Term
}

// Term is one `[..]` or `![..]` of a sequence or sample.
type Term struct {
	At      Pos
	Missing bool // `![..]`
	Filter  *Filter
	Keys    []*Field
	Runs    int // `with runs=N`; 1 when not written
}

// Span is a maxspan as written: Count of Unit, which is one of ms s m h d.
type Span struct {
	At    Pos
	Count int64
	Unit  string
}

// Pipe is `| head N` or `| tail N`. Arg is the expression as written; Count is
// what it folds to.
type Pipe struct {
	At    Pos
	Name  string // "head" or "tail"
	Arg   Expr
	Count int64
}

// Expr is a node of a condition: *Literal, *Field, *Logic, *Unary, *Binary,
// *In, *Match, *Call or *Nested.
type Expr interface {
	Pos() Pos
	expr()
}

// Literal is a constant: null, true, false, a number or a string.
type Literal struct {
	At    Pos
	Value Value
}

// Field is a field reference, `a.b`, `?a.b` or with back-quoted segments.
type Field struct {
	At       Pos
	Optional bool
	Segments []string

	// Resolved by Check; zero after Parse. Path is the field's path in the
	// documents (an alias is followed), Type its type as far as it is known.
	Path string
	Type Type
}

// Name returns the field's dotted name, without the optional mark.
func (f *Field) Name() string { return strings.Join(f.Segments, ".") }

// Logic is a chain of one operator, And or Or, over two or more operands. The
// operands of a chain are never chains of the same operator: `a and (b and c)`
// and `a and b and c` are one tree.
type Logic struct {
	At   Pos
	Op   Op // And or Or
	Args []Expr
}

// Unary is `not X`, `-X` or `+X`.
type Unary struct {
	At Pos
	Op Op // Not, Neg or Plus
	X  Expr
}

// Binary is a comparison or an arithmetic operation.
type Binary struct {
	At   Pos
	Op   Op
	L, R Expr
}

// In is `X in (..)`, `X not in (..)` and their `in~` forms.
type In struct {
	At   Pos
	X    Expr
	Not  bool
	Fold bool
	List []Expr
}

// Match is `X : P`, `X like P`, `X regex P`, their `~` forms, and the list
// form of each, which is the OR of its patterns.
type Match struct {
	At       Pos
	Op       Op // Colon, Like, LikeFold, Regex or RegexFold
	X        Expr
	Patterns []*Literal
}

// Call is a function call. Name is the function's name as Elasticsearch
// documents it when it is a known function, else as written.
type Call struct {
	At   Pos
	Name string
	Fold bool // written with `~`
	Args []Expr
}

// Nested holds when X holds for one of the objects at Path, seen alone: of all
// fields below Path, X sees those of that object. No text of EQL gives it, since
// EQL knows no nested objects; exceptions of rules are made of it. In a Check
// against a schema its fields are judged as any others.
type Nested struct {
	At   Pos
	Path string
	X    Expr
}

// Op is an operator.
type Op uint8

// The operators.
const (
	And Op = iota + 1
	Or
	Not
	Neg
	Plus
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	Add
	Sub
	Mul
	Div
	Mod
	Colon
	Like
	LikeFold
	Regex
	RegexFold
)

var opTexts = [...]string{
	And: "and", Or: "or", Not: "not", Neg: "-", Plus: "+",
	Eq: "==", Ne: "!=", Lt: "<", Le: "<=", Gt: ">", Ge: ">=",
	Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "%",
	Colon: ":", Like: "like", LikeFold: "like~", Regex: "regex", RegexFold: "regex~",
}

// String returns the operator as it is written.
func (o Op) String() string { return opTexts[o] }

// Pos returns where the node begins in the query text; for a Binary, In or
// Match that is the place of its left operand's first character.
func (n *Filter) Pos() Pos   { return n.At }
func (n *Sequence) Pos() Pos { return n.At }
func (n *Sample) Pos() Pos   { return n.At }
func (n *Literal) Pos() Pos  { return n.At }
func (n *Field) Pos() Pos    { return n.At }
func (n *Logic) Pos() Pos    { return n.At }
func (n *Unary) Pos() Pos    { return n.At }
func (n *Binary) Pos() Pos   { return n.At }
func (n *In) Pos() Pos       { return n.At }
func (n *Match) Pos() Pos    { return n.At }
func (n *Call) Pos() Pos     { return n.At }
func (n *Nested) Pos() Pos   { return n.At }

func (*Filter) body()   {}
func (*Sequence) body() {}
func (*Sample) body()   {}

func (*Literal) expr() {}
func (*Field) expr()   {}
func (*Logic) expr()   {}
func (*Unary) expr()   {}
func (*Binary) expr()  {}
func (*In) expr()      {}
func (*Match) expr()   {}
func (*Call) expr()    {}
func (*Nested) expr()  {}
