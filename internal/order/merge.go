package order

// source gives events in order, a chunk's worth after the other.
type source interface {
	// next shows the chunk that has the next events, and from which record on; nil
	// when there are none.
	next() (c *chunk, at int, err error)
	// pass goes behind so many of them. A chunk that is used up may be changed.
	pass(n int)
}

// head is what comes next of a source.
type head struct {
	chunk *chunk
	at    int
	from  source
}

func (h *head) record() *record { return &h.chunk.records[h.at] }

func (h *head) before(g *head) bool { return h.record().compare(g.record(), h.chunk, g.chunk) < 0 }

// merge gives the events of several sources in order: a heap of their heads.
type merge struct{ heads []head }

func newMerge(sources []source) (*merge, error) {
	m := &merge{heads: make([]head, 0, len(sources))}
	for _, s := range sources {
		c, at, err := s.next()
		if err != nil {
			return nil, err
		}
		if c != nil {
			m.heads = append(m.heads, head{c, at, s})
		}
	}
	for i := len(m.heads)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

func (m *merge) empty() bool { return len(m.heads) == 0 }

// stretch is a number of events that come one after the other, in one chunk.
type stretch struct {
	chunk    *chunk
	from, to int
	whole    bool // the next event is known to be of another time than the last of these
}

func (s *stretch) records() []record { return s.chunk.records[s.from:s.to] }

// cut makes it n events long.
func (s *stretch) cut(n int) {
	if to := s.from + n; to < s.to {
		s.to, s.whole = to, !s.chunk.records[to].sameTime(&s.chunk.records[to-1])
	}
}

// stretch returns the events that come before those of any other source, one at
// least. There must be one: see empty.
func (m *merge) stretch() stretch {
	h := &m.heads[0]
	s := stretch{chunk: h.chunk, from: h.at, to: len(h.chunk.records)}
	if len(m.heads) == 1 {
		return s
	}
	other := &m.heads[1]
	if len(m.heads) > 2 && m.heads[2].before(other) {
		other = &m.heads[2]
	}
	if to := h.upTo(other); to < s.to {
		s.to, s.whole = to, !s.chunk.records[to-1].sameTime(other.record())
	}
	return s
}

// upTo returns where the records of h end that come before those of g. The first
// is one of them.
func (h *head) upTo(g *head) int {
	rs, limit := h.chunk.records, g.record()
	behind := func(i int) bool { return rs[i].compare(limit, h.chunk, g.chunk) >= 0 }
	low, high := h.at+1, len(rs) // what lies before low comes before, high is where it ends at most
	if high == low || !behind(high-1) {
		return high
	}
	for step := 1; low < high; step *= 2 {
		i := min(low+step, high) - 1
		if behind(i) {
			high = i
			break
		}
		low = i + 1
	}
	for low < high {
		if i := (low + high) / 2; behind(i) {
			high = i
		} else {
			low = i + 1
		}
	}
	return low
}

// pass goes behind the next n events, which are of the stretch.
func (m *merge) pass(n int) error {
	top := &m.heads[0]
	top.from.pass(n)
	var err error
	if top.chunk, top.at, err = top.from.next(); err != nil {
		return err
	}
	if top.chunk == nil {
		last := len(m.heads) - 1
		m.heads[0] = m.heads[last]
		m.heads[last] = head{}
		m.heads = m.heads[:last]
	}
	m.down(0)
	return nil
}

// down moves a head to its place among those beneath it.
func (m *merge) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m.heads); child++ {
			if m.heads[child].before(&m.heads[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		m.heads[i], m.heads[least] = m.heads[least], m.heads[i]
		i = least
	}
}
