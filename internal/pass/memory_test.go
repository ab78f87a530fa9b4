package pass_test

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/tripline-sec/tripline/internal/schedule"
)

// memory is a store in memory. It gives batches of any size, and now and then events
// that nobody wants.
type memory struct {
	events []schedule.Event
	rand   *rand.Rand
	fail   error // after the first batch
	reads  int
	given  int
}

func (m *memory) add(e schedule.Event) {
	e.Arrival = uint64(len(m.events) + 1)
	m.events = append(m.events, e)
}

func (m *memory) last() uint64 { return uint64(len(m.events)) }

func (m *memory) Read(ctx context.Context, want schedule.Want) iter.Seq2[schedule.Batch, error] {
	m.reads++
	return func(yield func(schedule.Batch, error) bool) {
		var batch []schedule.Event
		give := func() bool {
			m.given += len(batch)
			b := schedule.Batch{Events: batch}
			batch = nil
			return yield(b, ctx.Err())
		}
		for i := range m.events {
			e := m.events[i]
			if !want.Wants(&e) && (m.rand == nil || m.rand.IntN(4) > 0) {
				continue
			}
			batch = append(batch, e)
			if m.rand == nil || m.rand.IntN(3) == 0 {
				if !give() {
					return
				}
				if m.fail != nil {
					yield(schedule.Batch{}, m.fail)
					return
				}
			}
		}
		if len(batch) > 0 {
			give()
		}
	}
}
