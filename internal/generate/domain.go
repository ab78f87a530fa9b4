package generate

import (
	"slices"

	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// value finds what a domain's places hold: none if that will do, else one value
// that all literals accept, else several values.
func (s *search) value(d *domain, literals []*literal) ([]value.Value, bool) {
	if d.prefer != nil && s.accepts(literals, d.prefer...) {
		return d.prefer, true
	}
	absent := !d.mandatory && s.accepts(literals)
	if absent && d.prefer == nil {
		return nil, true
	}
	var needs, rest []*literal // those that ask for a value, and the others
	for _, l := range literals {
		if s.accepts([]*literal{l}) {
			rest = append(rest, l)
		} else {
			needs = append(needs, l)
		}
	}
	known, _ := ecs.Lookup(d.field.Path)
	several := len(needs) > 1 && !d.joined
	if several && known.Array {
		if list, ok := s.several(d, needs, rest); ok {
			return list, true
		}
	}
	for _, v := range s.candidates(d, needs, rest) {
		if s.accepts(literals, v) {
			return []value.Value{v}, true
		}
	}
	if several {
		if list, ok := s.several(d, needs, rest); ok {
			return list, true
		}
	}
	return nil, absent
}

// accepts reports whether all literals of a domain are satisfied by the values.
func (s *search) accepts(literals []*literal, vs ...value.Value) bool {
	var doc *event.Document
	for i, l := range literals {
		if path := l.fields[0].Path; i == 0 || path != literals[i-1].fields[0].Path {
			doc = values{path: vs}.document()
		}
		if s.judge.holds(l.expr, doc) != l.want {
			return false
		}
	}
	return true
}

// several finds a value for each literal that needs one, such that the others
// accept them all.
func (s *search) several(d *domain, needs, rest []*literal) ([]value.Value, bool) {
	var list []value.Value
	for _, l := range needs {
		if s.accepts([]*literal{l}, list...) {
			continue
		}
		found := false
		for _, v := range s.candidates(d, []*literal{l}, rest) {
			if with := append(slices.Clip(list), v); s.accepts([]*literal{l}, v) && s.accepts(rest, with...) {
				list, found = with, true
				break
			}
		}
		if !found {
			return nil, false
		}
	}
	return list, s.accepts(needs, list...)
}

// How many shapes of a literal are tried together with those of others, and how
// many meetings of shapes there may be.
const (
	maxTogether = 12
	maxMeetings = 60
)

// candidates guesses values, the likeliest first: texts that fit a shape of every
// literal that needs a value, then what fits one of them, then any of the field's
// type and values near those that the other literals exclude.
func (s *search) candidates(d *domain, needs, rest []*literal) []value.Value {
	var out []value.Value
	shapes := make([][]shape, len(needs))
	for i, l := range needs {
		shapes[i] = s.shapes(l)
	}
	for _, text := range meetings(shapes) {
		out = appendFitting(out, shape{text: text, isText: true})
	}
	for _, list := range shapes {
		for _, sh := range list {
			out = appendFitting(out, sh)
		}
	}
	var typical, near []value.Value
	for _, sh := range fillers(d.field) {
		typical = appendFitting(typical, sh)
	}
	for _, l := range rest {
		for _, sh := range s.shapes(l) {
			near = appendFitting(near, sh)
		}
	}
	out = slices.Concat(out, typical, near)
	if d.prefer != nil { // what was there was refused: stay near it
		out = slices.Concat(near, out)
	}
	return slices.DeleteFunc(unique(out), func(v value.Value) bool { return !suits(d.field.Type, v) })
}

// suits reports whether a field of the type can hold the value: whether it is of
// that type once the document is read.
func suits(t value.Type, v value.Value) bool {
	kind := value.Coerce(v, t, "").Kind()
	switch {
	case t == value.TypeIP:
		return kind == value.IP
	case t == value.TypeDate:
		return kind == value.Date
	case t == value.TypeBoolean:
		return kind == value.Bool
	case t.IsNumeric():
		return kind == value.Int || kind == value.Uint || kind == value.Float
	}
	return true
}

// shapes returns what values of a single-field literal may look like.
func (s *search) shapes(l *literal) []shape {
	var out []shape
	for _, b := range guesses(l.expr, l.want) {
		if sh, ok := b[l.fields[0].Path]; ok && !sh.absent {
			out = append(out, sh)
		}
	}
	return out
}

func appendFitting(out []value.Value, sh shape) []value.Value {
	switch {
	case sh.absent:
	case sh.isText:
		for _, text := range sh.texts() {
			out = append(out, value.OfString(text))
		}
	default:
		out = append(out, sh.value)
	}
	return out
}

// meetings returns texts' shapes that are of every list.
func meetings(lists [][]shape) [][]element {
	if len(lists) < 2 {
		return nil
	}
	var found [][]element
	var meetRest func(text []element, at int)
	meetRest = func(text []element, at int) {
		if at == len(lists) {
			found = append(found, text)
			return
		}
		tried := 0
		for _, sh := range lists[at] {
			if tried == maxTogether || len(found) >= maxMeetings {
				return
			}
			if !sh.isText {
				continue
			}
			if both, ok := meet(text, sh.text); ok {
				tried++
				meetRest(both, at+1)
			}
		}
	}
	meetRest([]element{{r: anyRun}}, 0)
	return found
}
