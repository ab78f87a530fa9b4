package engine

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// operand is the constant of a comparison, read as the type of what it is
// compared with. Of unknown type it is as written, and values of another kind
// do not compare.
type operand struct {
	v      value.Value
	span   value.DateRange // of a date: the unit that is written
	isDate bool
	block  value.CIDR // of an address: the block that is written
	isNet  bool
}

func newOperand(t value.Type, v value.Value) operand {
	o := operand{v: v}
	text := v.Str()
	switch t {
	case value.TypeDate:
		switch v.Kind() {
		case value.String:
			o.span, o.isDate = value.ParseDate(text)
		case value.Int: // what a date field holds is a whole millisecond
			from := value.InstantOfMilli(v.Int())
			o.span, o.isDate = value.DateRange{From: from, To: value.Instant{Sec: from.Sec, Nsec: from.Nsec + 999_999}}, true
		}
	case value.TypeIP:
		if strings.Contains(text, "/") {
			block, err := value.ParseCIDR(text)
			o.block, o.isNet = block, err == nil
		} else if a, ok := value.ParseIP(text); ok {
			o.v = value.OfIP(a)
		}
	case value.TypeVersion:
		if v.Kind() == value.String {
			o.v = value.OfVersion(text)
		}
	}
	return o
}

// compare reports whether `s op o`, and whether the two compare at all.
func (o *operand) compare(op eql.Op, s *subject) (holds, known bool) {
	if o.isNet {
		return op == eql.Eq && s.kind() == value.IP && o.block.Contains(s.address()), s.kind() == value.IP
	}
	return o.compareValue(op, s.value())
}

func (o *operand) compareValue(op eql.Op, v value.Value) (holds, known bool) {
	switch {
	case o.isDate:
		return v.Kind() == value.Date && within(v.Instant(), op, o.span), v.Kind() == value.Date
	case o.isNet:
		return op == eql.Eq && v.Kind() == value.IP && o.block.Contains(v.Addr()), v.Kind() == value.IP
	}
	order, known := value.Compare(v, o.v)
	return eql.Holds(op, order), known
}

// within compares an instant with a unit of time: it equals any instant of it
// (Elasticsearch rounds a date up for `>` and `<=`, and down for `>=` and `<`).
func within(at value.Instant, op eql.Op, span value.DateRange) bool {
	started, over := at.Compare(span.From) >= 0, at.Compare(span.To) > 0
	switch op {
	case eql.Lt:
		return !started
	case eql.Le:
		return !over
	case eql.Gt:
		return over
	case eql.Ge:
		return started
	}
	return started && !over
}
