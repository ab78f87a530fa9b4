package value

// divide(a, b): the quotient, as the operator gives it.
var fnDivide = Function{
	Name:    "divide",
	MinArgs: 2, MaxArgs: 2,
	Params:  []Param{{Kind: ParamNumeric}},
	Returns: TypeLong,
	Call: func(args []Value, _ bool) (Value, error) {
		return Divide(argAt(args, 0), argAt(args, 1))
	},
}
