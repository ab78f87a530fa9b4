package reference

import (
	"math"
	"slices"
	"sort"
)

// withoutOffenders returns the completed sequences that no missing event,
// `![..]`, speaks against. Offenders are looked for in all the documents in
// scope, and in whole milliseconds with exclusive bounds: an offender in the
// same millisecond as a neighbouring event of the sequence does not count.
func (m *matcher) withoutOffenders(moments []moment) ([]*match, error) {
	if len(m.terms) == len(m.stages) {
		return m.completed, nil
	}
	found := make([]offenders, len(m.terms))
	for i, t := range m.terms {
		if !t.missing || i > 0 && m.terms[i-1] == t {
			continue // `with runs` repeats a term; asking once is enough
		}
		var err error
		if found[i], err = m.offenders(t, moments); err != nil {
			return nil, err
		}
	}
	var accepted []*match
	for _, p := range m.completed {
		if m.undisturbed(p, found) {
			accepted = append(accepted, p)
		}
	}
	return accepted, nil
}

// offenders are the times, in epoch milliseconds and ascending, of the events
// that a missing term accepts, by key id.
type offenders map[int][]int64

// offenders finds the events of a missing term. An event without timestamp
// stands nowhere, so it is before and after nothing.
func (m *matcher) offenders(t *term, moments []moment) (offenders, error) {
	found := offenders{}
	for _, e := range moments {
		if !e.hasTime {
			continue
		}
		keys, err := m.hit(t, e, false)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			found[k.id] = append(found[k.id], e.at.UnixMilli())
		}
	}
	return found, nil
}

// before returns the newest offender strictly before a time.
func (o offenders) before(id int, ms int64) (int64, bool) {
	i, _ := slices.BinarySearch(o[id], ms)
	if i == 0 {
		return 0, false
	}
	return o[id][i-1], true
}

// after returns the oldest offender strictly after a time.
func (o offenders) after(id int, ms int64) (int64, bool) {
	i := sort.Search(len(o[id]), func(i int) bool { return o[id][i] > ms })
	if i == len(o[id]) {
		return 0, false
	}
	return o[id][i], true
}

// undisturbed reports whether a completed sequence stands.
//
// Between two positive events there must be no offender at all. Before the
// first and after the last there may be, as long as the sequence fits into a
// window of length maxspan without one: a window that ends at the last event
// for leading missing terms, that starts at the first for trailing ones, and
// any window when the sequence begins and ends with a missing term.
func (m *matcher) undisturbed(p *match, found []offenders) bool {
	first, last := p.first().at.UnixMilli(), p.last().at.UnixMilli()
	span := m.span.Milliseconds()
	var left, right int64 // the newest offender before, the oldest after
	var hasLeft, hasRight bool
	positives := 0 // how many positive events precede the term
	for i, t := range m.terms {
		switch {
		case !t.missing:
			positives++
		case positives == 0:
			if ms, ok := found[i].before(p.key.id, first); ok && (!hasLeft || ms > left) {
				left, hasLeft = ms, true
			}
		case positives == len(m.stages):
			if ms, ok := found[i].after(p.key.id, last); ok && (!hasRight || ms < right) {
				right, hasRight = ms, true
			}
		default:
			from, to := p.moments[positives-1].at.UnixMilli(), p.moments[positives].at.UnixMilli()
			if ms, ok := found[i].after(p.key.id, from); ok && ms < to {
				return false
			}
		}
	}
	// Only a leading missing term gives a left offender and only a trailing one
	// a right offender, so what the sequence begins and ends with is known here.
	leading, trailing := m.terms[0].missing, m.terms[len(m.terms)-1].missing
	switch {
	case leading && !hasLeft, trailing && !hasRight, !hasLeft && !hasRight:
		return true
	case leading && trailing:
		return apart(left, right) > span
	case leading:
		return apart(left, last) > span
	}
	return apart(first, right) > span
}

// apart returns how many milliseconds lie between two times, or the most that
// can be said.
func apart(from, to int64) int64 {
	if d := to - from; d >= 0 {
		return d
	}
	return math.MaxInt64 // to is never before from
}
