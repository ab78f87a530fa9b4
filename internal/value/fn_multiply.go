package value

// multiply(a, b): the product, as the operator gives it.
var fnMultiply = Function{
	Name:    "multiply",
	MinArgs: 2, MaxArgs: 2,
	Params:  []Param{{Kind: ParamNumeric}},
	Returns: TypeLong,
	Call: func(args []Value, _ bool) (Value, error) {
		return Multiply(argAt(args, 0), argAt(args, 1))
	},
}
