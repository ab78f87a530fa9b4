package value

// string(v): the text of v.
var fnString = Function{
	Name:    "string",
	MinArgs: 1, MaxArgs: 1,
	Params:  []Param{{Kind: ParamAny}},
	Returns: TypeKeyword,
	Call: func(args []Value, _ bool) (Value, error) {
		v := argAt(args, 0)
		if v.IsNull() {
			return Value{}, nil
		}
		return OfString(v.Text()), nil
	},
}
