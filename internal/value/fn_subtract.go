package value

// subtract(a, b): the difference, as the operator gives it.
var fnSubtract = Function{
	Name:    "subtract",
	MinArgs: 2, MaxArgs: 2,
	Params:  []Param{{Kind: ParamNumeric}},
	Returns: TypeLong,
	Call: func(args []Value, _ bool) (Value, error) {
		return Subtract(argAt(args, 0), argAt(args, 1))
	},
}
