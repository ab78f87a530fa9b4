package value

import "strings"

// endsWith(s, t): whether t is the end of s.
var fnEndsWith = Function{
	Name:    "endsWith",
	MinArgs: 2, MaxArgs: 2,
	FoldVariant: true,
	Params:      []Param{{Kind: ParamString}},
	Returns:     TypeBoolean,
	Call: func(args []Value, fold bool) (Value, error) {
		return textTest(args, fold, strings.HasSuffix)
	},
}
