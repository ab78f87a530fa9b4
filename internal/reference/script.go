package reference

import (
	"errors"
	"slices"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// scriptLeaf is a leaf with a call or arithmetic in it. Every occurrence of a
// field loops over that field's values on its own, and the leaf is true when
// some combination makes it true. Since the occurrences are independent, the
// possible results of a node are the results of its operation over every
// combination of its operands' possible results: that is what is computed.
type scriptLeaf struct {
	at   eql.Pos
	root node
}

// holds asks for a true result. A combination that fails does not take away one
// that makes the leaf true; when there is none, the leaf has failed.
func (s *scriptLeaf) holds(r *run, d *event.Document) (bool, error) {
	l := &loop{fields: r.fields, doc: d}
	results := s.root.results(l)
	switch {
	case errors.Is(l.err, ErrTooManyCombinations):
		return false, r.fail(s.at, d, l.err)
	case slices.ContainsFunc(results, isTrue):
		return true, nil
	case l.err != nil:
		return false, r.fail(s.at, d, l.err)
	}
	return false, nil
}

func isTrue(v value.Value) bool { return v.Bool() }

// What the loops of a leaf may cost. A single loop over a field's values is
// always run. What is bounded is the products of several loops, all those of the
// leaf together, and the text that goes into a node and comes out of it, beyond
// what the document's own size explains.
const (
	maxCombinations = 1 << 18
	maxText         = 64 << 20
	maxTextPerByte  = 4
)

// loop is one evaluation of a leaf on one document.
type loop struct {
	fields       fields
	doc          *event.Document
	combinations int   // of several loops, so far
	err          error // the first failure of a combination
}

// combine applies an operation to every combination of the operands' results
// and returns its distinct results, in the order of their first appearance.
func (l *loop) combine(operands [][]value.Value, apply func([]value.Value) (value.Value, error)) []value.Value {
	if l.tooMany(operands) {
		l.err = ErrTooManyCombinations
		return nil
	}
	var results []value.Value
	seen := map[value.Value]bool{}
	text := maxText + maxTextPerByte*len(l.doc.Raw)
	args := make([]value.Value, len(operands))
	for combination := range combinations(operands) {
		for i, at := range combination {
			args[i] = operands[i][at]
			text -= len(args[i].Str())
		}
		if text < 0 {
			l.err = ErrTooManyCombinations
			return nil
		}
		result, err := apply(args)
		text -= len(result.Str())
		switch {
		case err != nil && l.err == nil:
			l.err = err
		case err == nil && !seen[result]:
			seen[result] = true
			results = append(results, result)
		}
	}
	return results
}

// tooMany counts the combinations of a node, if there is more than one loop in
// it, and reports whether the leaf has gone beyond the bound.
func (l *loop) tooMany(operands [][]value.Value) bool {
	product, longest := 1, 0
	for _, o := range operands {
		longest = max(longest, len(o))
		if product *= len(o); product > maxCombinations && product > longest {
			return true
		}
	}
	if product > longest {
		l.combinations += product
	}
	return l.combinations > maxCombinations
}

// combinations yields the indexes of one result of each operand, the last
// operand's running fastest. The slice is used again for the next one.
func combinations(operands [][]value.Value) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		for _, o := range operands {
			if len(o) == 0 {
				return
			}
		}
		at := make([]int, len(operands))
		for yield(at) {
			i := len(at) - 1
			for ; i >= 0; i-- {
				if at[i]++; at[i] < len(operands[i]) {
					break
				}
				at[i] = 0
			}
			if i < 0 {
				return
			}
		}
	}
}
