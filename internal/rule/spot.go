package rule

// spot is a line and a column of a file, both from 1.
type spot struct{ line, col int }

// spots notes where the values of an object's keys stand.
func (r *reading) spots(at string, m map[string]any) map[string]spot {
	all := make(map[string]spot, len(m))
	for key := range m {
		var s spot
		s.line, s.col = r.lineCol(join(at, key), false)
		all[key] = s
	}
	return all
}

// Place returns where a field's value stands in the rule's file, or, of a field
// that is not written there, where the rule itself starts.
func (r *Rule) Place(field string) (line, col int) {
	if s, ok := r.spots[field]; ok {
		return s.line, s.col
	}
	return r.Line, 1
}
