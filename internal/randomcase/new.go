package randomcase

import "math/rand/v2"

// New draws a case. What it returns loads.
func New(r *rand.Rand) Case {
	a := &author{Rand: r}
	a.draw()
	c := a.options()
	c.Docs = a.stream()
	l := &Loaded{Case: c}
	c.Query = a.accepted(l)
	if a.chance(0.3) {
		for range 1 + a.IntN(3) {
			c.With = append(c.With, a.accepted(l))
		}
	}
	return c
}

// Query draws a case without documents.
func Query(r *rand.Rand) Case {
	a := &author{Rand: r}
	a.draw()
	c := a.options()
	c.Query = a.accepted(&Loaded{Case: c})
	return c
}

func (a *author) options() Case {
	c := Case{Lateness: a.late, Size: -1, Tolerant: a.chance(0.6), Tiebreaker: a.tiebreaker, PerKey: pick(a, 0, 0, 1, 2, 3)}
	if a.timestamp != "@timestamp" {
		c.Timestamp = a.timestamp
	}
	if a.category != "event.category" {
		c.Category = a.category
	}
	if a.mapped {
		c.Mapping = a.mapping()
	}
	if a.index && a.chance(0.5) {
		c.Accept = indices[:1]
	}
	if a.chance(0.25) {
		c.Size, c.Head = a.IntN(6), a.chance(0.5)
	}
	return c
}

// accepted draws a query until a check accepts one.
func (a *author) accepted(l *Loaded) string {
	if err := l.mapping(); err != nil {
		panic(err) // the author's own
	}
	for {
		query := a.query()
		if _, err := l.checked(query); err == nil {
			return query
		}
	}
}
