package sequence

import (
	"testing"
	"time"
)

// benchmark feeds hits of many keys, half of which begin and half of which end a
// sequence, and says what one costs.
func benchmark(b *testing.B, opts Options, q Query, keys int, filters int32) {
	b.Helper()
	f := newFeeder(New([]Query{q}, opts), 100_000)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		f.feed(n, time.Duration(n)*100*time.Microsecond, n*7919%keys, int32(n/keys)%filters)
		n++
	}
	b.ReportMetric(float64(f.s.Stats().Bookkeeping), "bytes")
}

func BenchmarkHit(b *testing.B) {
	runs := Query{Until: -1, Span: 10 * time.Second, HasSpan: true}
	for range 60 {
		runs.Terms = append(runs.Terms, Term{})
	}
	missing := pairQuery()
	missing.Terms[1].Missing = true
	stream := Options{Lateness: 5 * time.Second}
	b.Run("sorted", func(b *testing.B) { benchmark(b, Options{Sorted: true}, pairQuery(), 10_000, 2) })
	b.Run("stream", func(b *testing.B) { benchmark(b, stream, pairQuery(), 10_000, 2) })
	b.Run("sorted hot", func(b *testing.B) { benchmark(b, Options{Sorted: true}, pairQuery(), 1, 2) })
	b.Run("stream hot", func(b *testing.B) { benchmark(b, stream, pairQuery(), 1, 2) })
	b.Run("sorted missing", func(b *testing.B) { benchmark(b, Options{Sorted: true}, missing, 10_000, 2) })
	b.Run("stream missing", func(b *testing.B) { benchmark(b, stream, missing, 10_000, 2) })
	b.Run("sorted runs", func(b *testing.B) { benchmark(b, Options{Sorted: true}, runs, 100, 1) })
	b.Run("stream runs", func(b *testing.B) { benchmark(b, stream, runs, 100, 1) })
}
