package explain

import (
	"slices"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// missingEvent is what a stage counts that has no event of its category.
const missingEvent = 2

// sequence explains a sequence, or a sample, which is one without order.
type sequence struct {
	*explaining
	terms   []*term
	stages  []*term // those that are positive
	until   *term
	span    *eql.Span
	ordered bool

	variants map[variant]map[int][]reference.Sequence
}

func (x *explaining) terms(terms []*term, span *eql.Span, until *eql.Term, result *reference.Result) error {
	s := &sequence{explaining: x, terms: terms, span: span, ordered: result.Kind == reference.Sequences, variants: map[variant]map[int][]reference.Sequence{}}
	if until != nil {
		keys := x.body.(*eql.Sequence).Keys
		s.until = &term{source: until, keys: slices.Concat(keys, until.Keys)}
		if err := x.gather(s.until); err != nil {
			return err
		}
	}
	for i, t := range terms {
		if t.run > 1 {
			t.gathered = terms[i-1].gathered
		} else if err := x.gather(t); err != nil {
			return err
		}
		if !t.source.Missing {
			s.stages = append(s.stages, t)
		}
	}
	matched := map[int]bool{}
	for _, found := range result.Sequences {
		x.report.Matches = append(x.report.Matches, s.match(found))
		matched[x.keys.id(found.Keys)] = true
	}
	known := map[int]bool{}
	for _, t := range s.stages {
		for id, at := range t.byKey {
			if !known[id] && !matched[s.answered(at.key)] {
				known[id] = true
				x.report.Misses = append(x.report.Misses, s.miss(id, at.key))
			}
		}
	}
	x.noCategory(s.stages)
	x.keyless(s.stages)
	x.rank(s.fill)
	x.absent(s.stages)
	return nil
}

// answered returns the number of a key as an answer has it: dates are text in a
// sequence and milliseconds in a sample.
func (s *sequence) answered(key []value.Value) int {
	key = slices.Clone(key)
	for i, v := range key {
		switch {
		case v.Kind() != value.Date:
		case s.ordered:
			key[i] = value.OfString(v.Text())
		default:
			key[i] = value.OfInt(v.Instant().UnixMilli())
		}
	}
	return s.keys.id(key)
}

func (s *sequence) match(found reference.Sequence) *Match {
	m := &Match{Keys: s.stages[0].named(found.Keys)}
	for i, d := range found.Events {
		var p *reference.Placed
		if d != nil {
			p = s.place(d)
		}
		m.Stages = append(m.Stages, s.terms[i].stageAt(p))
	}
	return m
}

// place finds a document's place in time.
func (s *sequence) place(d *event.Document) *reference.Placed {
	if s.places == nil {
		s.places = make(map[*event.Document]*reference.Placed, len(s.placed))
		for i := range s.placed {
			s.places[s.placed[i].Document] = &s.placed[i]
		}
	}
	return s.places[d]
}

// miss measures how far a key is from a match.
func (s *sequence) miss(id int, key []value.Value) *Miss {
	m := &Miss{Keys: s.stages[0].named(key), id: id, key: key, first: len(s.placed)}
	chain := s.chain(id)
	m.reached = len(chain)
	complete := true
	for i, t := range s.stages {
		at := t.byKey[id]
		switch {
		case at == nil:
			m.cost += missingEvent
			complete = false
		case len(at.hits) > 0:
			m.held += t.most
			m.first = min(m.first, at.hits[0].Rank)
			if i == m.reached {
				m.cost++ // in the wrong order
			}
		default:
			m.cost += at.best.cost
			m.held += at.best.held
			m.first = min(m.first, at.near[0].Rank)
			complete = false
		}
	}
	if complete && m.reached == len(s.stages) {
		m.cost++ // a limit: maxspan, until, a missing event
	}
	return m
}

// chain is the longest beginning of the sequence that a key's events can make in
// order, whatever the time between them: of each stage the earliest hit.
func (s *sequence) chain(id int) []*reference.Placed {
	var chain []*reference.Placed
	after := -1
	for _, t := range s.stages {
		at := t.byKey[id]
		if at == nil {
			break
		}
		i := 0
		if s.ordered {
			i = slices.IndexFunc(at.hits, func(p reference.Placed) bool { return p.Rank > after && p.HasTime })
		}
		if i < 0 || len(at.hits) == 0 {
			break
		}
		chain = append(chain, &at.hits[i])
		after = at.hits[i].Rank
	}
	return chain
}

// tighten moves the events of a chain as near as they can be to what comes after
// it.
func (s *sequence) tighten(id int, chain []*reference.Placed, next int) {
	if !s.ordered {
		return
	}
	for i := len(chain) - 1; i >= 0; i-- {
		hits := s.stages[i].byKey[id].hits
		for j := range slices.Backward(hits) {
			if hits[j].Rank < next && hits[j].HasTime {
				chain[i] = &hits[j]
				break
			}
		}
		next = chain[i].Rank
	}
}

// fill finds the cause of a miss and what to show of each stage.
func (s *sequence) fill(m *Miss) {
	chain := s.chain(m.id)
	if len(chain) == len(s.stages) {
		s.limit(m, chain)
		return
	}
	failed := s.stages[len(chain)]
	var best *reference.Placed // the nearest event of the stage that fails
	at := failed.byKey[m.id]
	last := -1
	if len(chain) > 0 {
		last = chain[len(chain)-1].Rank
	}
	switch {
	case at == nil:
	case len(at.hits) > 0:
		best = &at.hits[len(at.hits)-1]
	default:
		best = pick(at.near, last, s.hitAfter(m.id, len(chain)))
	}
	next := len(s.placed)
	if best != nil && best.Rank > last {
		next = best.Rank
	}
	s.tighten(m.id, chain, next)
	m.Stages = s.show(m, chain, best)
	stage := &m.Stages[slices.IndexFunc(m.Stages, func(st Stage) bool { return st.Number == failed.number && st.Run == failed.run })]
	other := s.otherKey(m, failed, chain)
	switch {
	case at != nil && len(at.hits) > 0:
		m.Cause, m.Text = CauseOrder, s.orderText(failed, chain, at)
		stage.NoEvent = m.Text
	case other != nil && (at == nil || at.best.cost > 1):
		m.Cause, m.Text = CauseKey, s.keyText(m, failed, chain, other)
		*stage = failed.stageAt(&other.Placed)
		stage.NoEvent = m.Text
	case at == nil:
		m.Cause, m.Text = CauseNoEvent, failed.label()+": "+stage.NoEvent
	default:
		m.Cause, m.Text = CauseClause, failed.label()+", "+faultText(stage.Faults)
	}
}

// hitAfter returns the rank of the key's first hit of a stage after one; the end
// of time when there is none.
func (s *sequence) hitAfter(id int, stage int) int {
	for _, t := range s.stages[stage+1:] {
		if at := t.byKey[id]; at != nil && len(at.hits) > 0 {
			return at.hits[0].Rank
		}
	}
	return len(s.placed)
}

// pick takes the first event after one rank, or else the last before another.
func pick(all []reference.Placed, after, before int) *reference.Placed {
	var found *reference.Placed
	for i := range all {
		if all[i].Rank > after && after >= 0 {
			return &all[i]
		}
		if all[i].Rank < before {
			found = &all[i]
		}
	}
	if found == nil {
		return &all[0]
	}
	return found
}

// show lists the stages of a miss: those of the chain, the one that fails with
// its nearest event, and the nearest of those after it.
func (s *sequence) show(m *Miss, chain []*reference.Placed, best *reference.Placed) []Stage {
	var all []Stage
	last := -1
	if len(chain) > 0 {
		last = chain[len(chain)-1].Rank
	}
	for i, t := range s.stages {
		at := t.byKey[m.id]
		var p *reference.Placed
		switch {
		case i < len(chain):
			p = chain[i]
		case i == len(chain):
			p = best
		case at != nil && len(at.hits) > 0:
			p = pick(at.hits, last, len(s.placed))
		case at != nil:
			p = pick(at.near, last, len(s.placed))
		}
		stage := t.stageAt(p)
		if p == nil {
			stage.NoEvent = t.noEvent(m.Keys)
		}
		all = append(all, stage)
	}
	return all
}

// within reports whether so much time is within the sequence's maxspan.
func (s *sequence) within(d time.Duration) bool { return s.span == nil || d <= s.span.Duration() }
