package order

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// BenchmarkShuffled is the external sort: an event in, written, read and given.
func BenchmarkShuffled(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	in := one(b, r, shape{times: 1, hits: 1, agents: 1, padding: 1000}, 0, 0)
	const most = 1 << 20
	b.ReportAllocs()
	for b.Loop() {
		o := New(Options{Budget: 32 << 20, TempDir: b.TempDir(), Spill: true, Out: func(*sequence.Event) {}})
		for i := range most {
			e := sequence.Event{HasTime: true, Time: value.InstantOfMilli(r.Int64N(most)), Arrival: uint64(i), Agent: 1, Sequence: value.OfInt(1)}
			if i%20 == 0 {
				e.Doc, e.Hits = in.event.Doc, in.event.Hits
			}
			o.Add(&e)
		}
		if err := o.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/most, "ns/event")
}

// BenchmarkInOrder is what an event costs, taken and given, where all come in
// order, or some places from it.
func BenchmarkInOrder(b *testing.B) {
	hits := []sequence.Hit{{Query: 1, Keys: []sequence.Key{{1, 2}}}, {Query: 2, Keys: []sequence.Key{{1, 2}}}}
	for _, hit := range []int{0, 2} {
		for _, disorder := range []int32{0, 20} {
			b.Run(fmt.Sprintf("hits=%d/disorder=%d", hit, disorder), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				docs := make([]event.Held, 1<<12) // held by reference
				o := New(Options{Budget: 64 << 20, Out: func(*sequence.Event) {}})
				e := sequence.Event{HasTime: true, Agent: 1, Sequence: value.OfInt(1), Hits: hits[:hit]}
				b.ReportAllocs()
				for b.Loop() {
					e.Arrival++
					at := int64(e.Arrival) + int64(r.Int32N(disorder+1))
					e.Time = value.Instant{Sec: at / 1e6, Nsec: int32(at % 1e6 * 1e3)}
					if hit > 0 {
						e.Doc = &docs[e.Arrival%uint64(len(docs))]
					}
					o.Add(&e)
				}
				if err := o.Close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
