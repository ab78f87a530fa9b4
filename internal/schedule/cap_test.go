package schedule

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Acceptance point 7 by default: whole groups, the oldest unreported first, and the
// remainder is said and carried on.
func TestCapCarriesTheRemainder(t *testing.T) {
	var c Cap
	c.Renew(at(t, "12:00"), 5*time.Minute)
	told, left := Admit(&c, 1, []int{2, 1}, cmp.Compare)
	if !slices.Equal(told, []int{1}) || !slices.Equal(left, []int{2}) || c.Text(1) != "max_signals is 1: 1 alert waits for the next interval" {
		t.Errorf("told %v, carried %v: %s", told, left, c.Text(1))
	}
	c.Renew(at(t, "12:04:59"), 5*time.Minute) // the stream finds another one in the same interval
	told, left = Admit(&c, 1, append(left, 3), cmp.Compare)
	if len(told) > 0 || c.Carried != 2 {
		t.Errorf("told %v, carried %v", told, left)
	}
	c.Renew(at(t, "12:05"), 5*time.Minute)
	if told, left = Admit(&c, 1, left, cmp.Compare); !slices.Equal(told, []int{2}) || !slices.Equal(left, []int{3}) {
		t.Errorf("told %v, carried %v", told, left)
	}
	if c.Renew(at(t, "12:31"), 5*time.Minute); !c.Start.Equal(at(t, "12:30")) || c.Left(1) != 1 {
		t.Errorf("%+v", c)
	}
	if told, _ = Admit(&c, 1, left, cmp.Compare); len(told) != 1 || c.Text(1) != "" {
		t.Errorf("told %v: %s", told, c.Text(1))
	}
}

// However alerts come, each is told once, no interval tells more than the cap, and
// an older one is never told after a newer one that waited with it.
func TestCapTellsEachOnce(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		most, interval := 1+r.IntN(4), 5*time.Minute
		var c Cap
		now := day
		var waiting []int
		told := map[int]bool{}
		inInterval := map[time.Time]int{}
		next := 0
		for n := 0; n < 40 || len(waiting) > 0; n++ {
			now = now.Add(time.Duration(r.IntN(int(3 * time.Minute))))
			for range r.IntN(4) {
				if n < 40 {
					waiting = append(waiting, next^r.IntN(4)<<20) // not in order
					next++
				}
			}
			c.Renew(now, interval)
			if now.Before(c.Start) || now.Sub(c.Start) >= interval {
				t.Fatalf("seed %d: %s is not in the interval of %s", seed, now, c.Start)
			}
			var some []int
			some, waiting = Admit(&c, most, waiting, cmp.Compare)
			for _, x := range some {
				if told[x] || len(waiting) > 0 && x > slices.Min(waiting) {
					t.Fatalf("seed %d: %d told, %v wait", seed, x, waiting)
				}
				told[x] = true
				if inInterval[c.Start]++; inInterval[c.Start] > most {
					t.Fatalf("seed %d: %d told in one interval", seed, inInterval[c.Start])
				}
			}
			if c.Carried != len(waiting) {
				t.Fatalf("seed %d: %d carried, %d wait", seed, c.Carried, len(waiting))
			}
		}
		if len(told) != next {
			t.Fatalf("seed %d: %d of %d told", seed, len(told), next)
		}
	}
}

// Before the first run, too, alerts of the stream share an interval.
func TestCapBeforeTheFirstRun(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, nil))
	a, b := d.Cap(0, at(t, "12:01")), d.Cap(0, at(t, "12:04:59"))
	if c := d.Cap(0, at(t, "12:05")); !a.Start.Equal(b.Start) || a.Start.Equal(c.Start) {
		t.Errorf("%s, %s, %s", clock(a.Start), clock(b.Start), clock(c.Start))
	}
}

// A scheduled run begins an interval, so that each has the whole allowance.
func TestScheduledRunRenewsTheCap(t *testing.T) {
	d := newDriver(t, Tripline(Limits{}), "12:00", seedLike(t, single, nil))
	d.pass()
	d.SetCap(0, Cap{Start: at(t, "12:00"), Told: 100, Carried: 20})
	d.now = at(t, "12:04:59")
	if c := d.Cap(0, d.now); c.Left(100) != 0 {
		t.Errorf("%+v", c)
	}
	d.now = at(t, "12:05:00.2")
	d.pass()
	if c := d.Cap(0, d.now); c.Left(100) != 100 || c.Carried != 20 || !c.Start.Equal(at(t, "12:05")) {
		t.Errorf("%+v", c)
	}
	d.now = at(t, "12:10:00.1") // a little less than an interval later
	d.pass()
	if c := d.Cap(0, d.now); c.Left(100) != 100 || !c.Start.Equal(at(t, "12:10")) {
		t.Errorf("%+v", c)
	}
}
