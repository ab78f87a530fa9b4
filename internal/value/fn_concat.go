package value

import "strings"

// concat(v, ...): the texts of the arguments, one after the other.
var fnConcat = Function{
	Name:    "concat",
	MinArgs: 1, MaxArgs: -1,
	Params:  []Param{{Kind: ParamAny}},
	Returns: TypeKeyword,
	Call:    callConcat,
}

func callConcat(args []Value, _ bool) (Value, error) {
	var b strings.Builder
	for _, v := range args {
		if v.IsNull() {
			return Value{}, nil
		}
		b.WriteString(v.Text())
	}
	return OfString(b.String()), nil
}
