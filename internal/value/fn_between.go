package value

import "strings"

// between(s, left, right[, greedy]): the text after the first left and before
// the first right that follows it; greedy, before the last right of all. A text
// that is not found gives "", an empty argument gives s back.
var fnBetween = Function{
	Name:    "between",
	MinArgs: 3, MaxArgs: 4,
	FoldVariant: true,
	Params: []Param{
		{Kind: ParamString},
		{Kind: ParamString},
		{Kind: ParamString},
		{Kind: ParamBoolean, Constant: true},
	},
	Returns: TypeKeyword,
	Call:    callBetween,
}

func callBetween(args []Value, fold bool) (Value, error) {
	s, ok1 := textArg(args, 0)
	left, ok2 := textArg(args, 1)
	right, ok3 := textArg(args, 2)
	greedy := argAt(args, 3)
	if !ok1 || !ok2 || !ok3 || greedy.kind != Bool && greedy.kind != Null {
		return Value{}, nil
	}
	if s == "" || left == "" || right == "" {
		return OfString(s), nil
	}
	from, to := betweenAt(s, left, right, greedy.Bool(), fold)
	return OfString(s[from:to]), nil
}

// betweenAt returns the bounds in s of the text between left and right; an empty
// range when either is not found.
//
// A last right that lies before the end of the first left makes Elasticsearch
// fail the query; here the text between them is empty.
func betweenAt(s, left, right string, greedy, fold bool) (from, to int) {
	in := s
	if fold {
		in, left, right = foldText(s), foldText(left), foldText(right)
	}
	from = strings.Index(in, left)
	if from < 0 {
		return 0, 0
	}
	from += len(left)
	if greedy {
		to = strings.LastIndex(in, right)
	} else if to = strings.Index(in[from:], right); to >= 0 {
		to += from
	}
	if to < from {
		return 0, 0
	}
	if fold && asciiPrefix(s) < len(s) {
		// Folding keeps the length in UTF-16 units, not that in bytes.
		from, _ = unitOffset(s, unitLen(in[:from]))
		to, _ = unitOffset(s, unitLen(in[:to]))
	}
	return from, to
}
