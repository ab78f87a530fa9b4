package value

import "strings"

// stringContains(s, t): whether t is somewhere in s. Unlike at the start and the
// end, the empty text is in no text.
var fnStringContains = Function{
	Name:    "stringContains",
	MinArgs: 2, MaxArgs: 2,
	FoldVariant: true,
	Params:      []Param{{Kind: ParamString}},
	Returns:     TypeBoolean,
	Call: func(args []Value, fold bool) (Value, error) {
		return textTest(args, fold, func(s, t string) bool {
			return t != "" && strings.Contains(s, t)
		})
	},
}
