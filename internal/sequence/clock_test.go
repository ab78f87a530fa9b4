package sequence

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// script feeds events written as "host second filter", all of one key, and
// collects what is told.
type script struct {
	s    *State
	told []string
	n    uint64
}

func newScript(q Query, opts Options) *script {
	c := new(script)
	opts.Match = func(m Match) {
		text := map[bool]string{true: "-"}[m.Superseded]
		for _, e := range m.Events {
			if e == nil {
				text += "!"
				continue
			}
			text += e.ID
		}
		c.told = append(c.told, text)
	}
	c.s = New([]Query{q}, opts)
	return c
}

// feed feeds an event; filter -1 is none.
func (c *script) feed(host uint64, second float64, filter int32) {
	c.feedFrom(1, host, second, filter)
}

func (c *script) feedFrom(source uint32, host uint64, second float64, filter int32) {
	c.n++
	whole := math.Floor(second)
	e := &Event{HasTime: true, Time: value.Instant{Sec: int64(whole), Nsec: int32((second - whole) * 1e9)}, Host: host, Source: source, Arrival: c.n}
	if filter >= 0 {
		e.Doc = &event.Held{ID: fmt.Sprintf("%c", 'a'+c.n-1), Arrival: c.n}
		e.Hits = []Hit{{Filter: filter, Keys: []Key{{uint64(host), 1}}}}
		if !c.s.plans[0].Local {
			e.Hits[0].Keys[0] = Key{}
		}
	}
	c.s.Feed(e)
}

func (c *script) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(c.told, want) {
		t.Errorf("told %q, want %q", c.told, want)
	}
	c.told = nil
}

func TestSuperseded(t *testing.T) {
	c := newScript(pairQuery(), Options{Lateness: 10 * time.Second})
	c.feed(1, 1, 0)
	c.feed(1, 5, 1)
	c.expect(t, "ab")
	c.feed(1, 3, 0) // a newer first event takes the place of the older
	c.expect(t, "-ab", "cb")
	c.feed(1, 2, 1) // and the older one is free again
	c.expect(t, "ad")
	c.feed(1, 1.5, 1)
	c.expect(t, "ae", "-ad")
	c.s.Close()
	c.expect(t)
	if got := c.s.Stats().Queries[0]; got.Matches != 4 || got.Superseded != 2 {
		t.Errorf("%+v", got)
	}
}

func TestHold(t *testing.T) {
	c := newScript(pairQuery(), Options{Lateness: 10 * time.Second, Hold: true})
	c.feed(1, 1, 0)
	c.feed(1, 5, 1)
	c.feed(1, 3, 0)
	c.feed(1, 15, -1)
	c.expect(t) // an event of second 5 may still come
	c.feed(1, 15.1, -1)
	c.expect(t, "cb")
	c.feed(1, 20, 0)
	c.feed(1, 21, 1)
	c.s.Close()
	c.expect(t, "fg")
}

func TestLate(t *testing.T) {
	c := newScript(pairQuery(), Options{Lateness: 10 * time.Second})
	c.feed(1, 100, 0)
	c.feed(1, 90, 0) // just in time
	c.feed(1, 89.9, 0)
	c.feedFrom(7, 1, 20, 0) // another source, another clock
	c.feedFrom(7, 1, 5, 1)
	c.feed(2, 10, 1) // another host as well
	c.s.Feed(&Event{Doc: new(event.Held), Hits: []Hit{{Keys: []Key{{}}}}})
	got := c.s.Stats()
	if q := got.Queries[0]; q.Late != 2 || q.NoTime != 1 || got.LateBySource[1] != 1 || got.LateBySource[7] != 1 || got.Clocks != 3 {
		t.Errorf("%+v", got)
	}
}

// TestClockAhead holds that a host whose clock is ahead makes nobody else late.
func TestClockAhead(t *testing.T) {
	for _, local := range []bool{true, false} {
		q := pairQuery()
		q.Local = local
		c := newScript(q, Options{Lateness: time.Second})
		const ahead = 365 * 86400
		for i := range 600 {
			c.feed(2, float64(i), -1)
			c.feed(1, float64(i+ahead), 0)
			c.feed(2, float64(i), 0)
			c.feed(2, float64(i)+.5, 1)
		}
		if got := c.s.Stats(); got.Queries[0].Late != 0 || len(c.told) != 600 {
			t.Errorf("local %v: %d matches, %+v", local, len(c.told), got)
		}
		if local && c.s.hits.live() > 20 {
			t.Errorf("%d hits are retained", c.s.hits.live())
		}
	}
}

// TestMissingWaits holds when the absence of an event is told.
func TestMissingWaits(t *testing.T) {
	q := Query{Terms: []Term{{Filter: 0}, {Filter: 1, Missing: true}}, Until: -1, Span: 10 * time.Second, HasSpan: true, Local: true}
	opts := Options{Lateness: 5 * time.Second, Idle: time.Minute}
	c := newScript(q, opts)
	c.feed(1, 0, 0)
	c.feed(1, 10, -1)
	c.expect(t)
	c.feed(1, 10.0015, -1)
	c.expect(t, "a!")
	c.feed(1, 9, 1) // late, but not too late
	c.expect(t, "-a!")

	c = newScript(q, opts) // one that is silent is waited for, but not for ever
	c.feed(1, 0, 0)
	for i := range 60 {
		c.feed(2, float64(i), -1)
	}
	c.expect(t)
	for i := range 30 {
		c.feed(2, float64(60+i), -1)
	}
	c.expect(t, "a!")

	c = newScript(q, opts) // the clock of the wall does as well
	c.feed(1, 0, 0)
	for i := range 90 {
		c.s.Advance(value.Instant{Sec: int64(i)})
	}
	c.expect(t, "a!")

	opts.Hold = true
	c = newScript(q, opts)
	c.feed(1, 0, 0)
	c.feed(1, 15, -1)
	c.expect(t)
	c.feed(1, 15.002, -1)
	c.expect(t, "a!")
}

// TestWaitedForAsLateAsItMayBe holds that a host is waited for at least as long as
// its events may be late.
func TestWaitedForAsLateAsItMayBe(t *testing.T) {
	q := Query{Terms: []Term{{Filter: 0}, {Filter: 1, Missing: true}}, Until: -1, Span: 10 * time.Second, HasSpan: true, Local: true}
	c := newScript(q, Options{Lateness: 10 * time.Minute})
	c.feed(1, 0, 0)
	for i := range 400 {
		c.feed(2, float64(i), -1)
	}
	c.expect(t)
	c.feed(1, 9, 1)
	c.feed(1, 900, -1)
	c.expect(t)
}

// TestSilentHosts holds that what is kept of hosts does not grow for ever.
func TestSilentHosts(t *testing.T) {
	q := pairQuery()
	q.Local, q.Span = true, time.Second
	c := newScript(q, Options{Idle: time.Second})
	for i := range 3 * maxClocks {
		c.feed(uint64(i), float64(i)/1000, int32(i%100)-98)
	}
	if got := c.s.Stats().Clocks; got > maxClocks+2000 {
		t.Errorf("%d clocks", got)
	}
	if live := len(c.s.groups) - len(c.s.stream.unused); live > maxClocks+2100 {
		t.Errorf("%d groups", live)
	}
}

// TestFarTimes holds that instants beyond the years 1678 and 2262 are exact.
func TestFarTimes(t *testing.T) {
	for _, from := range []int64{-62_135_596_800, 253_402_300_000, math.MaxInt64 / 2000, math.MinInt64 / 2000} {
		for _, sorted := range []bool{true, false} {
			c := newScript(pairQuery(), Options{Sorted: sorted, Lateness: time.Second})
			for i, at := range []value.Instant{{Sec: from}, {Sec: from + 60}, {Sec: from + 100}, {Sec: from + 160, Nsec: 1}} {
				c.s.Feed(&Event{HasTime: true, Time: at, Doc: &event.Held{ID: fmt.Sprint(i)}, Hits: []Hit{{Filter: int32(i % 2), Keys: []Key{{}}}}})
			}
			c.s.Close()
			c.expect(t, "01")
		}
	}
}

// TestReloadForgets holds that a query that is not named goes, with all it held.
func TestReloadForgets(t *testing.T) {
	c := newScript(pairQuery(), Options{Lateness: time.Minute})
	c.feed(1, 1, 0)
	if c.s.Stats().Held.Documents != 1 {
		t.Fatal("nothing is held")
	}
	c.s.Reload([]Query{pairQuery(), pairQuery()}, []int32{0, 0})
	c.feed(1, 2, 1)
	c.expect(t, "ab")
	c.feed(1, 3, 0)
	c.s.Reload([]Query{pairQuery()}, []int32{-1})
	if got := c.s.Stats(); got.Held != (HeldStats{}) || c.s.lanes.live() != 0 || got.Queries[0].Matches != 0 {
		t.Errorf("%+v, %d lanes", got, c.s.lanes.live())
	}
	c.feed(1, 4, 1)
	c.feed(1, 5, 0)
	c.feed(1, 6, 1)
	c.expect(t, "ef")
}
