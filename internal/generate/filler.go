package generate

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// fillers are values for a field of which nothing is asked but that it has one, or
// nothing that gives a better idea.
func fillers(f *eql.Field) []shape {
	switch t := f.Type; {
	case t == value.TypeIP:
		return texts("203.0.113.9", "1.1.1.1", "9.9.9.9", "10.0.0.5", "127.0.0.1", "2606:4700::1111", "2001:db8::5", "::1", "0.0.0.0")
	case t == value.TypeDate:
		return texts("2026-01-01T00:00:00Z", "2001-02-03T04:05:06.789Z")
	case t == value.TypeVersion:
		return texts("1.0.0", "8.19.2", "0.1")
	case t == value.TypeBoolean:
		return []shape{exact(value.OfBool(true)), exact(value.OfBool(false))}
	case t.IsNumeric():
		return numbers
	case t.IsString():
		return words(f)
	}
	return append(append(words(f), numbers...), exact(value.OfBool(true)), exact(value.OfBool(false)))
}

// words are texts: the first after the field's own name.
func words(f *eql.Field) []shape {
	name := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
	list := texts(name+"-1", "x", "x-7", "QZ", "2", "/x/y", "zzzzzz.q", "")
	return append(list, shape{text: run, isText: true})
}

var numbers = []shape{
	exact(value.OfInt(1)), exact(value.OfInt(0)), exact(value.OfInt(2)), exact(value.OfInt(7)), exact(value.OfInt(49152)),
	exact(value.OfInt(-1)), exact(value.OfFloat(0.5)), exact(value.OfInt(1 << 40)),
}

func texts(list ...string) []shape {
	var out []shape
	for _, s := range list {
		out = append(out, exact(value.OfString(s)))
	}
	return out
}
