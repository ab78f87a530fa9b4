package generate

import (
	"net/netip"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// near returns shapes of values for which `x op c` is true, or is false.
func near(op eql.Op, t value.Type, c value.Value, want bool) []shape {
	if !want {
		op = opposite(op)
	}
	switch {
	case t == value.TypeDate:
		return nearDate(op, c)
	case t == value.TypeIP && strings.Contains(c.Str(), "/"):
		return nearBlock(c.Str(), op == eql.Eq)
	case t == value.TypeIP && c.Kind() == value.String:
		return nearAddress(op, c.Str())
	case c.Kind() == value.String:
		return nearText(op, c.Str())
	case c.IsNumber():
		return nearNumber(op, c)
	case c.Kind() == value.Bool:
		return []shape{exact(value.OfBool(c.Bool() == (op == eql.Eq)))}
	}
	return nil
}

// opposite returns the operator that holds where op does not.
func opposite(op eql.Op) eql.Op {
	switch op {
	case eql.Eq:
		return eql.Ne
	case eql.Lt:
		return eql.Ge
	case eql.Le:
		return eql.Gt
	case eql.Gt:
		return eql.Le
	case eql.Ge:
		return eql.Lt
	}
	return op
}

// nearText returns texts below, at or above c.
func nearText(op eql.Op, c string) []shape {
	at, above := exact(value.OfString(c)), exact(value.OfString(c+"x"))
	below := exact(value.OfString(""))
	if c != "" {
		below = exact(value.OfString(c[:len(c)-1]))
	}
	switch op {
	case eql.Eq:
		return []shape{at}
	case eql.Lt:
		return []shape{below, exact(value.OfString(""))}
	case eql.Le:
		return []shape{at, below}
	case eql.Gt:
		return []shape{above, exact(value.OfString("~" + c))}
	case eql.Ge:
		return []shape{at, above}
	}
	return []shape{above, exact(value.OfString("x" + c)), exact(value.OfString("not-" + c)), below}
}

// nearDate returns times before, in or after the unit that a date is written to.
func nearDate(op eql.Op, c value.Value) []shape {
	span, ok := value.ParseDate(c.Text())
	if !ok {
		return nil
	}
	stamp := func(t value.Instant, add time.Duration) shape {
		return exact(value.OfString(value.InstantOfTime(t.Time().Truncate(time.Millisecond).Add(add)).String()))
	}
	before, in, after := stamp(span.From, -time.Hour), stamp(span.From, 0), stamp(span.To, time.Hour)
	switch op {
	case eql.Eq:
		return []shape{in}
	case eql.Lt:
		return []shape{before}
	case eql.Le:
		return []shape{in, before}
	case eql.Gt:
		return []shape{after}
	case eql.Ge:
		return []shape{in, after}
	}
	return []shape{after, before}
}

// nearAddress returns addresses below, at or above one.
func nearAddress(op eql.Op, c string) []shape {
	addr, ok := value.ParseIP(c)
	if !ok {
		return nil
	}
	switch op {
	case eql.Eq:
		return addresses(addr)
	case eql.Lt:
		return addresses(addr.Prev())
	case eql.Le:
		return addresses(addr, addr.Prev())
	case eql.Gt:
		return addresses(addr.Next())
	case eql.Ge:
		return addresses(addr, addr.Next())
	}
	return addresses(addr.Next(), addr.Prev())
}

// nearBlock returns addresses in a block, or on both sides of it.
func nearBlock(c string, inside bool) []shape {
	prefix, err := netip.ParsePrefix(c)
	if err != nil {
		if inside {
			return nearAddress(eql.Eq, c)
		}
		return nearAddress(eql.Ne, c)
	}
	first := prefix.Masked().Addr()
	if inside {
		return addresses(first.Next(), first, last(prefix))
	}
	return addresses(last(prefix).Next(), first.Prev())
}

// last returns the last address of a block.
func last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr
}

func addresses(list ...netip.Addr) []shape {
	var out []shape
	for _, a := range list {
		if a.IsValid() {
			out = append(out, exact(value.OfString(a.Unmap().String())))
		}
	}
	return out
}
