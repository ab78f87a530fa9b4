package sequence

// Reload changes the queries between two events. From[i] is the number that the
// new query i had before, and then it means the same: what waits for it stays, as
// do its figures. It is -1 for a query that is new, and a second query that names
// the same one is new too. What waited for a query that is not named is forgotten
// and not reported.
func (s *State) Reload(queries []Query, from []int32) {
	old := s.number
	s.number = make([]int32, len(queries))
	for _, q := range old {
		s.plans[q].number = -1
	}
	for i := range queries {
		s.number[i] = -1
		if f := from[i]; f >= 0 && s.plans[old[f]].number < 0 {
			s.number[i] = old[f]
			s.plans[old[f]].number = int32(i) //nolint:gosec // a few thousand
		}
	}
	s.purgeAll(func(q int32) bool { return s.plans[q].number < 0 })
	s.dropShells()
	for _, q := range old {
		if s.plans[q].number < 0 {
			s.plans[q] = nil
		}
	}
	for i, q := range queries {
		if s.number[i] < 0 {
			s.number[i] = s.addPlan(q, int32(i)) //nolint:gosec // a few thousand
		}
	}
}

// dropShells forgets what lanes of queries that are gone leave in stream.folds.
func (s *State) dropShells() {
	for n := s.stream.folds.size; n > 0; n-- {
		t := s.stream.folds.pop()
		if found := s.lanes.at(t.id); s.plans[found.query].number >= 0 {
			s.stream.folds.push(t)
		} else {
			s.leaveFolds(t.id)
			s.dropIfEmpty(t.id)
		}
	}
}
