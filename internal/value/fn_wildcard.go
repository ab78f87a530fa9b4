package value

// wildcard(s, pattern, ...): what s like (pattern, ...) is. Elasticsearch does
// not document it.
//
// It compiles the patterns at each call; an evaluator that meets it often treats
// it as the operator.
var fnWildcard = Function{
	Name:    "wildcard",
	MinArgs: 2, MaxArgs: -1,
	FoldVariant: true,
	Params:      []Param{{Kind: ParamString}, {Kind: ParamString, Constant: true}},
	Returns:     TypeBoolean,
	Call:        callWildcard,
}

func callWildcard(args []Value, fold bool) (Value, error) {
	s, ok := textArg(args, 0)
	if !ok {
		return Value{}, nil
	}
	for i := range args[1:] {
		pattern, ok := textArg(args, i+1)
		if !ok {
			return Value{}, nil
		}
		if CompileWildcard(pattern, fold).Match(s) {
			return OfBool(true), nil
		}
	}
	return OfBool(false), nil
}
