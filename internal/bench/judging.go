package main

import (
	"errors"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
)

// judgeRow is the engine alone: each document in memory is judged by a new judge.
// There is no input, no order, no sequence.
func judgeRow(c *corpus, rules *ruleSet) *row {
	r := &row{name: "judge, " + rules.name, events: c.facts.Events, bytes: c.facts.Bytes}
	r.run = func() (outcome, error) {
		j, out, n := rules.program.NewJudge(), outcome{judged: true}, uint64(0)
		err := lines(c.data, func(raw []byte) error {
			n++
			_, err := j.Judge(raw, event.Identity{}, n)
			return err
		})
		out.counts = j.Counters()
		return out, err
	}
	return r
}

// scanRow is the JSON scanner alone, with the fields that some rules name.
func scanRow(c *corpus, rules *ruleSet) *row {
	r := &row{name: "scanner, fields of " + rules.name, events: c.facts.Events, bytes: c.facts.Bytes}
	r.run = func() (outcome, error) {
		schema := rules.program.Schema()
		scanner, to := event.NewScanner(schema), event.NewRow(schema)
		return outcome{}, lines(c.data, func(raw []byte) error { return scanner.Scan(raw, to) })
	}
	return r
}

// quiet is how many objects are allocated for events without a hit. What accepts an
// event as one that must be missing does not count as a hit: there are rules by
// which nothing at all may follow.
type quiet struct {
	events int
	warm   float64 // by event, by a judge that has seen them
	fresh  float64 // by event, by one that has seen as many others
}

// warming is how often the events are judged again at the most until none of them
// allocates: a judge's tables grow ever more seldom.
const warming = 20

// quietEvents counts allocations for the events of a corpus without a hit. A judge
// sees the first half of them, then the second, then the second again.
func quietEvents(c *corpus, rules *ruleSet) (quiet, error) {
	j := rules.program.NewJudge()
	var docs [][]byte
	err := lines(c.data, func(raw []byte) error {
		v, err := j.Judge(raw, event.Identity{}, uint64(len(docs)))
		if err == nil && !hit(rules.program, v) {
			docs = append(docs, raw)
		}
		return err
	})
	if err != nil {
		return quiet{}, err
	}
	j = rules.program.NewJudge()
	half := len(docs) / 2
	if half == 0 {
		return quiet{}, errors.New("count allocations: every event is a hit")
	}
	q := quiet{events: len(docs) - half}
	allocated(j, docs[:half])
	q.fresh = float64(allocated(j, docs[half:])) / float64(q.events)
	for range warming {
		if q.warm = float64(allocated(j, docs[half:])) / float64(q.events); q.warm == 0 {
			break
		}
	}
	return q, nil
}

// hit reports whether a condition accepts an event that is looked for.
func hit(p *engine.Program, v *engine.Verdict) bool {
	if len(v.Singles) > 0 {
		return true
	}
	for n, o := range p.Orders() {
		for _, h := range v.Events[n].Hits {
			if !p.Absent(int(o.Queries[h.Query]), h.Filter) {
				return true
			}
		}
	}
	return false
}

// allocated counts the objects that judging allocates.
func allocated(j *engine.Judge, docs [][]byte) uint64 {
	return mallocs(func() {
		for i, raw := range docs {
			_, _ = j.Judge(raw, event.Identity{}, uint64(i)) //nolint:gosec // it has been read before
		}
	})
}
