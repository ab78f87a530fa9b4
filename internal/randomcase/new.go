package randomcase

import "math/rand/v2"

// New draws a case. What it returns loads.
func New(r *rand.Rand) Case {
	a := &author{Rand: r}
	a.draw()
	c := Case{
		Lateness: a.late, Size: -1, Tolerant: a.chance(0.6), Docs: a.stream(), Tiebreaker: a.tiebreaker, PerKey: pick(a, 0, 0, 1, 2, 3),
	}
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
	for { // a query that a check refuses is drawn again
		c.Query = a.query()
		if err := (&Loaded{Case: c}).check(); err == nil {
			return c
		}
	}
}
