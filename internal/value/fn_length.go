package value

// length(s): the number of UTF-16 units of s.
var fnLength = Function{
	Name:    "length",
	MinArgs: 1, MaxArgs: 1,
	Params:  []Param{{Kind: ParamString}},
	Returns: TypeInteger,
	Call: func(args []Value, _ bool) (Value, error) {
		s, ok := textArg(args, 0)
		if !ok {
			return Value{}, nil
		}
		return OfInt(int64(unitLen(s))), nil
	},
}
