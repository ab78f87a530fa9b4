package value

import "strings"

// startsWith(s, t): whether t is the start of s.
var fnStartsWith = Function{
	Name:    "startsWith",
	MinArgs: 2, MaxArgs: 2,
	FoldVariant: true,
	Params:      []Param{{Kind: ParamString}},
	Returns:     TypeBoolean,
	Call: func(args []Value, fold bool) (Value, error) {
		return textTest(args, fold, strings.HasPrefix)
	},
}

// textTest applies test to two texts; null when either is none.
func textTest(args []Value, fold bool, test func(s, t string) bool) (Value, error) {
	s, ok1 := textArg(args, 0)
	t, ok2 := textArg(args, 1)
	if !ok1 || !ok2 {
		return Value{}, nil
	}
	if fold {
		s, t = foldText(s), foldText(t)
	}
	return OfBool(test(s, t)), nil
}
