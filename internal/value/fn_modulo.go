package value

// modulo(a, b): the remainder, as the operator gives it.
var fnModulo = Function{
	Name:    "modulo",
	MinArgs: 2, MaxArgs: 2,
	Params:  []Param{{Kind: ParamNumeric}},
	Returns: TypeLong,
	Call: func(args []Value, _ bool) (Value, error) {
		return Modulo(argAt(args, 0), argAt(args, 1))
	},
}
