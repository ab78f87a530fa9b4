package state

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/rule"
)

// model is what a state should be, in plain maps and lists.
type model struct {
	alerts  []*standing
	gone    map[string]bool // deleted
	counted map[string]bool // suppressed
	waiting map[string][]*Candidate
	used    map[string]int
}

type standing struct {
	c                  *Candidate
	counted            int
	closed, superseded bool
}

func (m *model) waits(id string) bool {
	for _, list := range m.waiting {
		if slices.ContainsFunc(list, func(c *Candidate) bool { return c.ID == id }) {
			return true
		}
	}
	return false
}

// take tells a candidate, counts it, or says that there is no room.
func (m *model) take(c *Candidate, room bool) (told, counted bool) {
	if s := c.Suppression; s != nil {
		var newest *standing
		for _, a := range m.alerts {
			if a.c.Suppression != nil && a.c.Suppression.Instance == s.Instance && !a.closed && (newest == nil || !a.c.Made.Before(newest.c.Made)) {
				newest = a
			}
		}
		within := newest != nil && (s.Duration == 0 && newest.c.Run == c.Run || s.Duration > 0 && !newest.c.Made.Before(c.Made.Add(-s.Duration)))
		if within {
			newest.counted++
			m.counted[c.ID] = true
			return false, true
		}
	}
	if room {
		m.alerts = append(m.alerts, &standing{c: c})
	}
	return room, false
}

func (m *model) commit(c *Commit) (sum Counts) {
	for _, id := range c.Superseded {
		for _, a := range m.alerts {
			a.superseded = a.superseded || a.c.ID == id
		}
		for rule, list := range m.waiting {
			m.waiting[rule] = slices.DeleteFunc(list, func(c *Candidate) bool { return c.ID == id })
		}
	}
	rules := map[string]bool{}
	for _, one := range c.Caps {
		rules[one.Rule] = true
	}
	for _, one := range c.Candidates {
		rules[one.Rule] = true
	}
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		room, key := math.MaxInt, ""
		for _, one := range c.Caps {
			if one.Rule == rule {
				key = rule + one.Interval.String()
				room = max(one.Most-m.used[key], 0)
			}
		}
		told := 0
		for room-told > 0 && len(m.waiting[rule]) > 0 {
			one := *m.waiting[rule][0]
			m.waiting[rule] = m.waiting[rule][1:]
			one.Made = c.Now
			sum.Released++
			if now, _ := m.take(&one, true); now {
				told++
				sum.New++
			} else {
				sum.Suppressed++
			}
		}
		var list []*Candidate
		for _, one := range c.Candidates {
			if one.Rule == rule {
				list = append(list, one)
			}
		}
		if len(list) > 0 && list[0].Suppression != nil {
			slices.SortStableFunc(list, func(a, b *Candidate) int { return a.Suppression.Start.Compare(b.Suppression.Start) })
		}
		for _, one := range list {
			stored := slices.ContainsFunc(m.alerts, func(a *standing) bool { return a.c.ID == one.ID })
			switch {
			case stored || m.counted[one.ID] || m.waits(one.ID):
				sum.Existing++
				continue
			case m.gone[one.ID]:
				sum.Deleted++
				continue
			}
			switch now, counted := m.take(one, room-told > 0); {
			case now:
				told++
				sum.New++
			case counted:
				sum.Suppressed++
			default:
				m.waiting[rule] = append(m.waiting[rule], one)
				sum.Carried++
			}
		}
		m.used[key] += told
	}
	return sum
}

// Any sequence of commits and of what people do leaves what the model has.
func TestStateIsTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			againstModel(t, rand.New(rand.NewPCG(seed, 7)))
		})
	}
}

func againstModel(t *testing.T, r *rand.Rand) {
	t.Helper()
	s := inMemory(t)
	m := &model{gone: map[string]bool{}, counted: map[string]bool{}, waiting: map[string][]*Candidate{}, used: map[string]int{}}
	plain, within, across := shell(), shell(suppressing(nil)), shell(suppressing(hour))
	within.ID, across.ID = "22222222-2222-3333-4444-555555555555", "33333333-2222-3333-4444-555555555555"
	var pool []*Candidate
	for i := range 60 {
		of := []*rule.Rule{plain, within, across}[r.IntN(3)]
		one := candidate(t, s, of, fmt.Sprint(i), string(rune('a'+r.IntN(3))), minute(r.IntN(30)), "")
		pool = append(pool, one)
	}
	for op := range 120 {
		now := minute(op)
		switch r.IntN(10) {
		case 0:
			if len(m.alerts) == 0 {
				continue
			}
			one := m.alerts[r.IntN(len(m.alerts))]
			a, err := s.Find(ctx, one.c.ID)
			if err != nil {
				t.Fatal(err)
			}
			one.closed = r.IntN(3) > 0
			status := StatusOpen
			if one.closed {
				status = Closed
			}
			if _, err := s.SetStatus(ctx, []int64{a.Seq}, status, "", By{"ann", now}); err != nil {
				t.Fatal(err)
			}
		case 1:
			if len(m.alerts) == 0 {
				continue
			}
			i := r.IntN(len(m.alerts))
			a, err := s.Find(ctx, m.alerts[i].c.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Delete(ctx, []int64{a.Seq}, By{"ann", now}); err != nil {
				t.Fatal(err)
			}
			m.gone[a.ID] = true
			m.alerts = slices.Delete(m.alerts, i, i+1)
		default:
			c := &Commit{Now: now}
			run := fmt.Sprint("run", op/3)
			for range r.IntN(7) {
				one := *pool[r.IntN(len(pool))]
				one.Run, one.Made = run, now
				c.Candidates = append(c.Candidates, &one)
			}
			for _, rule := range []string{plain.UUID(), within.UUID(), across.UUID()} {
				if r.IntN(4) > 0 {
					c.Caps = append(c.Caps, Cap{rule, minute(op - op%10), 1 + r.IntN(4)})
				}
			}
			if r.IntN(5) == 0 {
				c.Superseded = []string{pool[r.IntN(len(pool))].ID}
			}
			want := m.commit(c)
			got := commit(t, s, c).Counts
			got.Blocks = 0
			if got != want {
				t.Fatalf("op %d: %+v, want %+v", op, got, want)
			}
		}
	}
	type row struct {
		id      string
		made    time.Time
		counted int
		status  Status
		super   bool
	}
	var got, want []row
	if err := s.InOrder(ctx, Filter{}, 0, func(a *Alert) error {
		got = append(got, row{a.ID, a.Made, a.Counted, a.Status, !a.Superseded.IsZero()})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, a := range m.alerts {
		status := StatusOpen
		if a.closed {
			status = Closed
		}
		want = append(want, row{a.c.ID, a.c.Made, a.counted, status, a.superseded})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("alerts\n%v\nwant\n%v", got, want)
	}
	waiting, err := s.Waiting(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range waiting {
		if w.Carried != len(m.waiting[w.Rule]) {
			t.Errorf("%d wait of %s, want %d", w.Carried, w.Rule, len(m.waiting[w.Rule]))
		}
		delete(m.waiting, w.Rule)
	}
	for rule, list := range m.waiting {
		if len(list) > 0 {
			t.Errorf("none wait of %s, want %d", rule, len(list))
		}
	}
}
