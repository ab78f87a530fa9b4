package pass

import (
	"strconv"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// limit is what a search gives of what it finds.
func (e *elasticRule) limit(found []engine.Match, size int) []engine.Match {
	list := make([]Match, len(found))
	for i, m := range found {
		list[i].Match = m
	}
	pipes := e.rec.program.Query(e.rule).Checked.Pipes
	list = keep(list, int64(size), len(pipes) > 0 && pipes[0].Name == "head")
	for _, p := range pipes {
		list = keep(list, p.Count, p.Name == "head")
	}
	out := make([]engine.Match, len(list))
	for i := range list {
		out[i] = list[i].Match
	}
	return out
}

// tell tells an alert, unless it has been told.
func (e *elasticRule) tell(m engine.Match, run time.Time) {
	one := e.opts.Alert(e.rule, m, run)
	if one == nil || e.told[one.ID] {
		return
	}
	e.told[one.ID] = true
	t := Told{Alert: one, Match: m, Rule: e.rule, Run: run}
	if last, ok := e.last(m); ok {
		t.After = run.Sub(last)
	}
	e.out.Told = append(e.out.Told, t)
}

// keyOf tells matches of a rule apart.
func keyOf(m engine.Match) string {
	var b []byte
	for _, h := range m.Events {
		b = append(b, ' ')
		if h != nil {
			b = strconv.AppendUint(b, h.Arrival, 36)
		}
	}
	return string(b)
}

// facts are what is known of the events of a match.
func (e *elasticRule) facts(m engine.Match) []*facts {
	var out []*facts
	for _, h := range m.Events {
		if h != nil {
			out = append(out, e.rec.facts[h.Arrival])
		}
	}
	return out
}

// last is the time of the latest event of a match.
func (e *elasticRule) last(m engine.Match) (last time.Time, ok bool) {
	for _, f := range e.facts(m) {
		if at := f.times[schedule.Timestamp]; len(at) > 0 && (!ok || at[0].After(last)) {
			last, ok = at[0], true
		}
	}
	return last, ok
}
