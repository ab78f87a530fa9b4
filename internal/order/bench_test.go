package order

import (
	"fmt"
	"math/rand/v2"
	"testing"

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

// BenchmarkInOrder is what an event costs, taken and given, where all come in order.
func BenchmarkInOrder(b *testing.B) {
	for _, hits := range []bool{false, true} {
		b.Run(fmt.Sprintf("hits=%v", hits), func(b *testing.B) {
			in := one(b, rand.New(rand.NewPCG(1, 2)), shape{times: 1, hits: map[bool]float64{true: 1}[hits], agents: 4, padding: 1000}, 0, 0)
			e := in.event
			e.Agent, e.Sequence = 1, value.OfInt(1)
			o := New(Options{Budget: 64 << 20, Out: func(*sequence.Event) {}})
			b.ReportAllocs()
			for b.Loop() {
				e.Arrival++
				e.Time.Nsec += 1000
				if e.Time.Nsec >= 1e9 {
					e.Time.Sec, e.Time.Nsec = e.Time.Sec+1, 0
				}
				o.Add(&e)
			}
			if err := o.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
