package value

import "net/netip"

// cidrMatch(ip, block, ...): whether the address is in one of the blocks. Text
// that is no address is in none of them.
//
// A block that is none fails whatever the address is.
var fnCIDRMatch = Function{
	Name:    "cidrMatch",
	MinArgs: 2, MaxArgs: -1,
	Params:  []Param{{Kind: ParamIP}, {Kind: ParamString, Constant: true}},
	Returns: TypeBoolean,
	Call:    callCIDRMatch,
}

func callCIDRMatch(args []Value, _ bool) (Value, error) {
	if len(args) == 0 {
		return Value{}, nil
	}
	addr, known, isNull := addressArg(args[0])
	matched := false
	for i := range args[1:] {
		block, ok := textArg(args, i+1)
		if !ok {
			isNull = true
			continue
		}
		cidr, err := ParseCIDR(block)
		if err != nil {
			return Value{}, err
		}
		matched = matched || known && cidr.Contains(addr)
	}
	if isNull {
		return Value{}, nil
	}
	return OfBool(matched), nil
}

// addressArg returns the address v holds, whether there is one, and whether v is
// of a kind that holds none.
func addressArg(v Value) (addr netip.Addr, known, isNull bool) {
	switch v.kind {
	case IP:
		return v.Addr(), true, false
	case String:
		addr, known = ParseIP(v.str)
		return addr, known, false
	}
	return netip.Addr{}, false, true
}
