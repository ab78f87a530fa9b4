package reference

import (
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// constant is the right side of a comparison, read under the type of the field
// that it is compared with: the check has made it text, a number or a boolean,
// and what stays to be read are dates, addresses and versions. On a field of
// unknown type it is as written, and values of another kind do not compare.
type constant struct {
	value value.Value
	dates *value.DateRange // for a date field: the span of the unit written
	block *value.CIDR      // for an ip field: the addresses of a block
}

func newConstant(t value.Type, v value.Value) constant {
	c := constant{value: v}
	switch {
	case t == value.TypeDate:
		if span, ok := readDate(v); ok {
			c.dates = &span
		}
	case t == value.TypeIP && strings.Contains(v.Str(), "/"):
		if block, err := value.ParseCIDR(v.Str()); err == nil {
			c.block = &block
		}
	case t == value.TypeIP:
		if addr, ok := value.ParseIP(v.Str()); ok {
			c.value = value.OfIP(addr)
		}
	case t == value.TypeVersion && v.Kind() == value.String:
		c.value = value.OfVersion(v.Str())
	}
	return c
}

// readDate reads a date constant. Text is the whole of the unit it is written
// to; a number is the whole millisecond since the epoch, because that is what a
// date field holds even where a timestamp has nanoseconds.
func readDate(v value.Value) (value.DateRange, bool) {
	switch v.Kind() {
	case value.String:
		return value.ParseDate(v.Str())
	case value.Int:
		from := value.InstantOfMilli(v.Int())
		return value.DateRange{From: from, To: value.Instant{Sec: from.Sec, Nsec: from.Nsec + 999_999}}, true
	}
	return value.DateRange{}, false
}

// holds reports whether `v op constant`.
func (c constant) holds(op eql.Op, v value.Value) bool {
	ok, known := c.compare(op, v)
	return ok && known
}

// compare reports whether `v op constant`, and whether the two compare at all.
func (c constant) compare(op eql.Op, v value.Value) (ok, known bool) {
	switch {
	case c.dates != nil:
		return v.Kind() == value.Date && inSpan(v.Instant(), op, *c.dates), v.Kind() == value.Date
	case c.block != nil:
		return op == eql.Eq && v.Kind() == value.IP && c.block.Contains(v.Addr()), v.Kind() == value.IP
	}
	order, known := value.Compare(v, c.value)
	return eql.Holds(op, order), known
}

// inSpan compares an instant with a span: it equals any instant of it, is above
// it after its end and below it before its start (Elasticsearch rounds a date
// up for `>` and `<=`, and down for `>=` and `<`).
func inSpan(at value.Instant, op eql.Op, span value.DateRange) bool {
	afterStart, afterEnd := at.Compare(span.From) >= 0, at.Compare(span.To) > 0
	switch op {
	case eql.Lt:
		return !afterStart
	case eql.Le:
		return !afterEnd
	case eql.Gt:
		return afterEnd
	case eql.Ge:
		return afterStart
	}
	return afterStart && !afterEnd
}

// fits reports whether a value is of a field's type. Indexing would have refused
// one that is not; it is present, and meets no test.
func fits(t value.Type, v value.Value) bool {
	switch {
	case t.IsString():
		return v.Kind() == value.String
	case t.IsNumeric():
		return v.IsNumber()
	case t == value.TypeBoolean:
		return v.Kind() == value.Bool
	case t == value.TypeDate:
		return v.Kind() == value.Date
	case t == value.TypeIP:
		return v.Kind() == value.IP
	case t == value.TypeVersion:
		return v.Kind() == value.Version
	}
	return true
}

// list is the right side of `in`. Nulls in it are ignored. Text, numbers and
// booleans are looked up; dates, addresses and versions are asked one by one.
type list struct {
	exact   map[value.Key]bool
	folded  map[string]bool // of `in~`
	members []constant
}

// newList reads the constants of an `in` under a field's type.
func newList(t value.Type, in *eql.In) (list, error) {
	l := list{exact: map[value.Key]bool{}, folded: map[string]bool{}}
	for _, e := range in.List {
		lit, ok := e.(*eql.Literal)
		if !ok {
			return list{}, errUnexpected(e)
		}
		switch {
		case lit.Value.IsNull():
		case t == value.TypeDate || t == value.TypeIP || t == value.TypeVersion:
			l.members = append(l.members, newConstant(t, lit.Value))
		case in.Fold && lit.Value.Kind() == value.String:
			l.folded[value.Fold(lit.Value.Str())] = true
		default:
			l.exact[value.KeyOf(lit.Value)] = true
		}
	}
	return l, nil
}

// has reports whether v is a member. `in~` takes no notice of case.
func (l list) has(v value.Value) bool {
	switch {
	case v.Kind() == value.OutOfRange:
		return false
	case len(l.exact) > 0 && l.exact[value.KeyOf(v)]:
		return true
	case len(l.folded) > 0 && v.Kind() == value.String && l.folded[value.Fold(v.Str())]:
		return true
	}
	return slices.ContainsFunc(l.members, func(c constant) bool { return c.holds(eql.Eq, v) })
}
