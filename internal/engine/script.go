package engine

import (
	"errors"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// ErrTooManyCombinations is a leaf whose loops over multi-valued fields, or an
// event whose join keys, have more combinations than are worth trying.
var ErrTooManyCombinations = errors.New("too many combinations")

// What the loops of a leaf may cost. A single loop over a field's values is
// always run; bounded are the products of several, and the text that goes in and
// out beyond what the document's size explains.
const (
	maxCombinations = 1 << 18
	maxText         = 64 << 20
	maxTextPerByte  = 4
)

// script is a leaf with a call or arithmetic in it. Every mention of a field
// loops over that field's values on its own, and the leaf is true if some
// combination makes it true: so a node's possible results are its operation's
// over every combination of its operands' possible results.
type script struct {
	root     node
	mentions []*mention
}

// node is a node of a script.
type node interface {
	results(x *execution) []value.Value
}

// execution is one evaluation of a script on one event.
type execution struct {
	row   *event.Row
	index string
	size  int // of the document in bytes

	fixed *mention // if set: the one mention, and the value it has
	value value.Value

	combinations int
	err          error                // the first failure of a combination
	arena        []value.Value        // holds all results of the evaluation
	seen         map[value.Value]bool // what stands in the list that is being made, if it is long
}

// reset readies an execution for an event.
func (x *execution) reset(row *event.Row, index string, size int) {
	*x = execution{row: row, index: index, size: size, arena: x.arena[:0]}
}

// since returns what was put into the arena behind a place.
func (x *execution) since(from int) []value.Value { return x.arena[from:len(x.arena):len(x.arena)] }

// run asks for a true result. A combination that fails does not take away one
// that makes the leaf true; when there is none, the leaf has failed.
func (s *script) run(x *execution) (bool, error) {
	results := s.root.results(x)
	if errors.Is(x.err, ErrTooManyCombinations) {
		return false, x.err
	}
	for _, v := range results {
		if v.Bool() {
			return true, nil
		}
	}
	return false, x.err
}

// ofValue asks a script that depends on one mention about one value.
func (s *script) ofValue(m *mention, sub *subject) bool {
	v := sub.value()
	if !sub.fits(m.typ) {
		v = value.Value{}
	}
	x := &sub.x
	x.reset(nil, sub.index, len(v.Str()))
	x.fixed, x.value = m, v
	ok, _ := s.run(x)
	return ok
}

func (s *script) ofMissing(m *mention) bool {
	ok, _ := s.run(&execution{fixed: m})
	return ok
}

// constantNode has one result.
type constantNode []value.Value

func (n constantNode) results(*execution) []value.Value { return n }

// mention is one mention of a field: its values, or null when it is missing. A
// value that is not of the field's type is null too.
type mention struct {
	field *field
	typ   value.Type
}

func (m *mention) results(x *execution) []value.Value {
	from := len(x.arena)
	if x.fixed == m {
		x.arena = append(x.arena, x.value)
		return x.since(from)
	}
	for i := x.row.Head(m.field.slot); i >= 0; i = x.row.At(i).Next {
		v := m.field.read(x.row.At(i), x.index)
		if v.IsNull() {
			continue
		}
		if sub := newSubjectOf(m.field, v); !sub.fits(m.typ) {
			v = value.Value{}
		}
		x.add(from, v)
	}
	if len(x.arena) == from {
		x.arena = append(x.arena, value.Value{})
	}
	return x.since(from)
}

// add puts a value into the arena that is not there yet behind a place. Lists are
// short; one that is not has a set beside it.
func (x *execution) add(from int, v value.Value) {
	const short = 32
	list := x.arena[from:]
	if len(list) < short {
		for i := range list {
			if list[i] == v {
				return
			}
		}
		x.arena = append(x.arena, v)
		return
	}
	if len(list) == short || x.seen == nil {
		x.seen = make(map[value.Value]bool, 2*len(list))
		for _, have := range list {
			x.seen[have] = true
		}
	}
	if !x.seen[v] {
		x.seen[v] = true
		x.arena = append(x.arena, v)
	}
}

// apply is a function of operands: a call, arithmetic, a comparison.
type apply struct {
	operands []node
	call     func([]value.Value) (value.Value, error)
}

func (n *apply) results(x *execution) []value.Value {
	var few [4][]value.Value
	operands := few[:0]
	for _, o := range n.operands {
		operands = append(operands, o.results(x))
	}
	return x.combine(operands, n.call)
}

// logicNode is `and` or `or` inside a leaf: three-valued, from left to right, and
// done when the left side can only be false (for `and`) or true (for `or`).
type logicNode struct {
	or   bool
	args []node
}

func (n *logicNode) results(x *execution) []value.Value {
	from := len(x.arena)
	x.arena = append(x.arena, value.OfBool(!n.or))
	sofar := x.since(from)
	for _, arg := range n.args {
		if len(sofar) == 1 && sofar[0] == value.OfBool(n.or) {
			break
		}
		pair := [2][]value.Value{sofar, arg.results(x)}
		sofar = x.combine(pair[:], func(args []value.Value) (value.Value, error) {
			return threeValued(n.or, args[0], args[1]), nil
		})
	}
	return sofar
}

// threeValued is a and b, or a or b, where null is unknown.
func threeValued(or bool, a, b value.Value) value.Value {
	decides := value.OfBool(or)
	if a == decides || b == decides {
		return decides
	}
	if a.Kind() == value.Bool && b.Kind() == value.Bool {
		return value.OfBool(!or)
	}
	return value.Value{}
}

// combine applies a function to every combination of the operands' results, the
// last operand's running fastest, and returns its distinct results.
func (x *execution) combine(operands [][]value.Value, call func([]value.Value) (value.Value, error)) []value.Value {
	product, longest := 1, 0
	for _, o := range operands {
		longest = max(longest, len(o))
		if product *= len(o); product > maxCombinations && product > longest {
			x.err = ErrTooManyCombinations
			return nil
		}
	}
	if product > longest {
		x.combinations += product
	}
	if x.combinations > maxCombinations {
		x.err = ErrTooManyCombinations
		return nil
	}
	text := maxText + maxTextPerByte*x.size
	at := len(x.arena)
	for range operands {
		x.arena = append(x.arena, value.Value{})
	}
	args, from := x.since(at), len(x.arena)
	x.seen = nil
	for n := range product {
		for i, rest := len(operands)-1, n; i >= 0; i-- {
			args[i] = operands[i][rest%len(operands[i])]
			rest /= len(operands[i])
			text -= len(args[i].Str())
		}
		if text < 0 {
			x.err = ErrTooManyCombinations
			return nil
		}
		result, err := call(args)
		text -= len(result.Str())
		if err == nil {
			x.add(from, result)
		} else if x.err == nil {
			x.err = err
		}
	}
	return x.since(from)
}

// scriptCompiler compiles the expressions of one leaf.
type scriptCompiler struct {
	fields   *fields
	scope    scope
	mentions []*mention
	fallible bool // something in it may fail on a value
}

func (c *scriptCompiler) nodes(exprs ...eql.Expr) ([]node, error) {
	out := make([]node, len(exprs))
	for i, e := range exprs {
		var err error
		if out[i], err = c.node(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *scriptCompiler) apply(call func([]value.Value) (value.Value, error), operands ...eql.Expr) (node, error) {
	nodes, err := c.nodes(operands...)
	return &apply{nodes, call}, err
}
