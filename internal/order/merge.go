package order

// source gives events in order, one after the other.
type source interface {
	// peek shows the next event; false when there is none.
	peek(h *head) (bool, error)
	// pass goes behind the event that peek showed last.
	pass()
}

// head is the next event of a source.
type head struct {
	record
	kept *kept // nil: an event without a hit
	from source
}

func (h *head) before(g *head) bool { return h.compare(&g.record, h.kept, g.kept) < 0 }

// merge gives the events of several sources in order: a heap of their heads.
type merge struct{ heads []head }

func newMerge(sources []source) (*merge, error) {
	m := &merge{heads: make([]head, 0, len(sources))}
	for _, s := range sources {
		h := head{from: s}
		ok, err := s.peek(&h)
		if err != nil {
			return nil, err
		}
		if ok {
			m.heads = append(m.heads, h)
		}
	}
	for i := len(m.heads)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

// head is the next event, as long as there is one: see empty.
func (m *merge) head() *head { return &m.heads[0] }

func (m *merge) empty() bool { return len(m.heads) == 0 }

// pass goes behind the next event.
func (m *merge) pass() error {
	top := &m.heads[0]
	top.from.pass()
	ok, err := top.from.peek(top)
	if err != nil {
		return err
	}
	if !ok {
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
