package engine_test

import (
	"sync"
	"testing"

	"github.com/tripline-sec/tripline/internal/randomcase"
)

// shares counts in how many cases something happens. Cases in which nothing does
// test little.
type shares struct {
	sync.Mutex
	cases                              int
	match, late, until, absent, matter int
	failed                             int
}

func (s *shares) add(f randomcase.Facts) {
	s.Lock()
	defer s.Unlock()
	s.cases++
	for counter, is := range map[*int]bool{
		&s.match: f.Match, &s.late: f.LateHit, &s.until: f.UntilCut, &s.absent: f.Missing, &s.matter: f.MissingMattered, &s.failed: f.Failed,
	} {
		if is {
			*counter++
		}
	}
}

// report prints the shares; those that a test of sequences stands on are each a
// tenth at least.
func (s *shares) report(t *testing.T) {
	t.Helper()
	percent := func(n int) float64 { return 100 * float64(n) / float64(max(s.cases, 1)) }
	t.Logf("%d cases: match %.1f %%, late hit %.1f %%, until cut %.1f %%, missing term %.1f %% (it mattered: %.1f %%), bad value or no time %.1f %%",
		s.cases, percent(s.match), percent(s.late), percent(s.until), percent(s.absent), percent(s.matter), percent(s.failed))
	const enough = 1000 // cases, for shares to mean something
	if s.cases < enough {
		return
	}
	for name, n := range map[string]int{"match": s.match, "late hit": s.late, "until cut": s.until, "missing term": s.absent} {
		if percent(n) < 10 {
			t.Errorf("%s: in %.1f %% of the cases, want 10 %%", name, percent(n))
		}
	}
}
