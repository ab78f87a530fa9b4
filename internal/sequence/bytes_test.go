package sequence

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
)

// checkBytes holds that what the queries take is all that is taken, but for what
// belongs to none of them, and that each has its share of the table.
func checkBytes(t *testing.T, s *State) {
	t.Helper()
	sum, lanes, shares := int64(0), 0, int64(0)
	for i, p := range s.plans {
		if p == nil {
			continue
		}
		sum += p.bytes
		lanes += int(s.doors[i].lanes)
		shares++
	}
	want := s.lanes.bytes() + s.extras.bytes() + s.partials.bytes() + s.cells.bytes() + s.records.bytes() + s.ties.bytes() +
		s.hits.bytes() + s.undos.bytes() + s.loose + int64(s.stream.folds.size)*foldSize
	if sum != want || lanes != s.lanes.live() || lanes != s.table.used {
		t.Fatalf("the queries take %d bytes and %d lanes of %d and %d", sum, lanes, want, s.lanes.live())
	}
	told := int64(0)
	stats := s.Stats()
	for _, q := range stats.Queries {
		told += q.Bytes
	}
	if lanes > 0 {
		want += s.tableBytes()
	}
	if told > want || told < want-shares || told > stats.Bookkeeping {
		t.Fatalf("the queries are said to take %d bytes, want %d less %d at most", told, want, shares)
	}
}

// TestBytesByQuery holds that over random streams, with and without a budget.
func TestBytesByQuery(t *testing.T) {
	t.Parallel()
	most := int64(0)
	for i := range cases(t, 2000) {
		r := rand.New(rand.NewPCG(29, uint64(i)))
		c := newCase(r)
		sorted := r.IntN(3) == 0
		events := c.events
		if sorted {
			events = arrange(events, c.byAgent)
		} else {
			c.disorder(r, 10*time.Millisecond, 10)
			events = c.events
		}
		var queries []Query
		for _, q := range c.queries {
			queries = append(queries, q.query())
		}
		s := New(queries, Options{
			Sorted: sorted, Lateness: 10 * time.Millisecond, Idle: 20 * time.Millisecond, Hold: r.IntN(4) == 0, Budget: r.Int64N(4) * 2000,
			Match: func(Match) {},
		})
		held := map[int]*event.Held{}
		for _, e := range events {
			s.Feed(c.event(e, held))
			checkBytes(t, s)
			most = max(most, s.Stats().Queries[0].Bytes)
		}
		s.Close()
		checkBytes(t, s)
		checkEmpty(t, s, held)
	}
	if most == 0 {
		t.Error("nothing ever waited")
	}
}
