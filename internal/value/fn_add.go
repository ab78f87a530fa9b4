package value

// add(a, b): the sum, as the operator gives it.
var fnAdd = Function{
	Name:    "add",
	MinArgs: 2, MaxArgs: 2,
	Params:  []Param{{Kind: ParamNumeric}},
	Returns: TypeLong,
	Call: func(args []Value, _ bool) (Value, error) {
		return Add(argAt(args, 0), argAt(args, 1))
	},
}
