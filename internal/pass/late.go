package pass

import (
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
)

// Matters says to which rules an event matters: those of which a condition accepts
// it, be it that of a missing event or of until. It is for late events, which are few;
// see schedule.Scheduler.Arrive. It belongs to one goroutine.
type Matters struct {
	program *engine.Program
	judge   *engine.Judge
	orders  []engine.Order
	hit     []bool
}

// NewMatters makes a Matters for a program.
func NewMatters(p *engine.Program) *Matters {
	return &Matters{program: p, judge: p.NewJudge(), orders: p.Orders(), hit: make([]bool, p.Queries())}
}

// Of judges an event. What it returns says of a query whether the event matters to
// it, and is valid until the next.
func (m *Matters) Of(raw []byte, given event.Identity) func(query int) bool {
	clear(m.hit)
	if v, err := m.judge.Judge(raw, given, 0); err == nil {
		for _, q := range v.Singles {
			m.hit[q] = true
		}
		for n := range v.Events {
			for _, h := range v.Events[n].Hits {
				m.hit[m.orders[n].Queries[h.Query]] = true
			}
		}
	}
	return func(query int) bool { return m.hit[query] }
}
