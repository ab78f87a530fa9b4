package sequence

// A set says which conditions of a query accepted an event under one key: a bit
// for each, see plan.bits. The rare query with more than 64 conditions has the
// number of a wideSet instead.
type set uint64

type wideSet [5]uint64 // 256 terms and until

// wideSets numbers the wide sets that occurred.
type wideSets struct {
	sets    []wideSet
	numbers map[wideSet]set
}

func (w *wideSets) number(of wideSet) set {
	n, ok := w.numbers[of]
	if !ok {
		if w.numbers == nil {
			w.numbers = make(map[wideSet]set)
		}
		n = set(len(w.sets))
		w.sets = append(w.sets, of)
		w.numbers[of] = n
	}
	return n
}

func (s *State) has(p *plan, in set, bit int16) bool {
	if p.nbits <= 64 {
		return in>>uint(bit)&1 != 0 //nolint:gosec // a bit is not negative
	}
	return s.wide.sets[in][bit>>6]>>uint(bit&63)&1 != 0 //nolint:gosec // a bit is not negative
}
