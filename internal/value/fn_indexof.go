package value

import "strings"

// indexOf(s, t[, start]): the position of the first t at or after start; null
// when there is none.
var fnIndexOf = Function{
	Name:    "indexOf",
	MinArgs: 2, MaxArgs: 3,
	FoldVariant: true,
	Params:      []Param{{Kind: ParamString}, {Kind: ParamString}, {Kind: ParamInteger}},
	Returns:     TypeInteger,
	Call:        callIndexOf,
}

func callIndexOf(args []Value, fold bool) (Value, error) {
	s, ok1 := textArg(args, 0)
	t, ok2 := textArg(args, 1)
	start, ok3 := unitArg(argAt(args, 2), len(s)) // no text has more units than bytes
	if !ok1 || !ok2 || !ok3 {
		return Value{}, nil
	}
	start = max(start, 0)
	if fold {
		s, t = foldText(s), foldText(t)
	}
	if t == "" {
		return OfInt(int64(min(start, unitLen(s)))), nil
	}
	from, split := unitOffset(s, start)
	if split {
		from += 4 // no text starts within a code point
	}
	i := strings.Index(s[from:], t)
	if i < 0 {
		return Value{}, nil
	}
	return OfInt(int64(unitLen(s[:from+i]))), nil
}

// unitArg returns an argument that counts UTF-16 units, 0 for null, cut to
// -limit and +limit; not ok when it is no integer.
func unitArg(v Value, limit int) (n int, ok bool) {
	switch v.kind {
	case Null:
		return 0, true
	case Int:
		return int(max(min(v.Int(), int64(limit)), -int64(limit))), true
	case Uint:
		return limit, true
	}
	return 0, false
}
