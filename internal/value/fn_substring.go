package value

// substring(s, start[, end]): the units of s from start up to end. A negative
// position counts from the end. Without a start it is s.
var fnSubstring = Function{
	Name:    "substring",
	MinArgs: 2, MaxArgs: 3,
	Params:  []Param{{Kind: ParamString}, {Kind: ParamInteger}},
	Returns: TypeKeyword,
	Call:    callSubstring,
}

func callSubstring(args []Value, _ bool) (Value, error) {
	s, ok := textArg(args, 0)
	if !ok {
		return Value{}, nil
	}
	if argAt(args, 1).IsNull() {
		return OfString(s), nil
	}
	length := unitLen(s)
	start, ok1 := unitArg(argAt(args, 1), length)
	end, ok2 := unitArg(argAt(args, 2), length)
	if !ok1 || !ok2 {
		return Value{}, nil
	}
	if argAt(args, 2).IsNull() {
		end = length
	}
	if start < 0 {
		start += length
	}
	if end < 0 {
		end += length
	}
	if start >= end {
		return OfString(""), nil
	}
	return OfString(cutUnits(s, start, end)), nil
}

// cutUnits returns units start to end of s, start < end. UTF-8 has no half of a
// surrogate pair: one that is cut off becomes U+FFFD, which is one unit as well.
func cutUnits(s string, start, end int) string {
	from, splitStart := unitOffset(s, start)
	to, splitEnd := unitOffset(s, end)
	if !splitStart && !splitEnd {
		return s[from:to]
	}
	head, tail := "", ""
	if splitStart {
		head, from = "\uFFFD", from+4
	}
	if splitEnd {
		tail = "\uFFFD"
	}
	return head + s[from:to] + tail
}
