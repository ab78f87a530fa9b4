package reference

import (
	"cmp"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// sequence is a compiled sequence. Terms are all of them in order, `with runs`
// written out; stages are the positive ones.
type sequence struct {
	terms   []*term
	stages  []*term
	until   *term
	span    time.Duration
	hasSpan bool
}

// term is one `[..]` or `![..]` with its whole key: the query's keys, then its
// own.
type term struct {
	*filter
	keys    []*eql.Field
	missing bool
}

func compileSequence(s *eql.Sequence) (*sequence, error) {
	c := new(sequence)
	for _, t := range s.Terms {
		compiled, err := compileTerm(s.Keys, t)
		if err != nil {
			return nil, err
		}
		for range max(t.Runs, 1) {
			c.terms = append(c.terms, compiled)
			if !t.Missing {
				c.stages = append(c.stages, compiled)
			}
		}
	}
	if s.MaxSpan != nil {
		c.span, c.hasSpan = s.MaxSpan.Duration(), true
	}
	if s.Until == nil {
		return c, nil
	}
	var err error
	c.until, err = compileTerm(s.Keys, s.Until)
	return c, err
}

func compileTerm(keys []*eql.Field, t *eql.Term) (*term, error) {
	f, err := compileFilter(t.Filter)
	return &term{filter: f, keys: slices.Concat(keys, t.Keys), missing: t.Missing}, err
}

// partial is an unfinished sequence: its last moment, and what came before.
// Extending it makes another.
type partial struct {
	key   key
	first value.Instant
	last  moment
	prev  *partial
}

// match is a finished sequence.
type match struct {
	key     key
	moments []moment
}

func (p *match) first() moment { return p.moments[0] }
func (p *match) last() moment  { return p.moments[len(p.moments)-1] }

// finish writes out the moments of a partial of the last stage.
func (p *partial) finish(stages int) *match {
	m := &match{key: p.key, moments: make([]moment, stages)}
	for i := stages - 1; i >= 0; i-- {
		m.moments[i] = p.last
		p = p.prev
	}
	return m
}

// matcher is the state machine of one run: at most one partial for each key and
// each stage but the last, the newest.
type matcher struct {
	*sequence
	r         *run
	keys      keyTable
	slots     map[int]map[int]*partial // by key id, then by stage
	completed []*match
}

func (s *sequence) run(r *run, docs []*event.Document) (*Result, error) {
	r.result.Kind = Sequences
	m := &matcher{sequence: s, r: r, keys: keyTable{}, slots: map[int]map[int]*partial{}}
	moments := r.timeline(docs)
	for _, e := range moments {
		if err := m.feed(e); err != nil {
			return nil, err
		}
	}
	accepted, err := m.withoutOffenders(moments)
	if err != nil {
		return nil, err
	}
	sortByLast(accepted)
	for _, p := range limit(r, accepted) {
		r.result.Sequences = append(r.result.Sequences, s.answer(p))
	}
	return r.result, nil
}

// feed shows the next event to every stage. The last stage comes first, because
// an event must not extend what it has itself just begun or extended.
func (m *matcher) feed(e moment) error {
	var keys []key
	for s := len(m.stages) - 1; s >= 0; s-- {
		if s == len(m.stages)-1 || m.stages[s] != m.stages[s+1] { // `with runs` repeats a term
			var err error
			if keys, err = m.hit(m.stages[s], e, false); err != nil {
				return err
			}
		}
		if len(keys) > 0 && !e.ordered() {
			return m.leaveOut(e)
		}
		for _, k := range keys {
			m.advance(s, k, e)
		}
	}
	return m.stop(e)
}

// stop lets an event that until accepts throw away every partial of its keys,
// after the event has done its own work at the stages. A key that the event
// lacks is null here, optional or not.
func (m *matcher) stop(e moment) error {
	if m.until == nil {
		return nil
	}
	keys, err := m.hit(m.until, e, true)
	if err != nil {
		return err
	}
	if len(keys) > 0 && !e.ordered() {
		return m.leaveOut(e)
	}
	for _, k := range keys {
		delete(m.slots, k.id)
	}
	return nil
}

// hit returns the keys under which a term accepts the event; none when it does
// not.
func (m *matcher) hit(t *term, e moment, nullable bool) ([]key, error) {
	ok, err := t.accepts(m.r, e.doc)
	if !ok || err != nil {
		return nil, err
	}
	return m.r.product(m.keys, t.keys, e.doc, nullable)
}

// leaveOut deals with a hit that has no place in time: a tolerant run counts it
// and goes on without it, another ends on it.
func (m *matcher) leaveOut(e moment) error {
	switch {
	case e.hasTime:
		return m.r.fail(eql.Pos{Line: 1, Col: 1}, e.doc, errTiebreakerArray)
	case m.r.opts.Tolerant:
		m.r.result.NoTimestamp++
		return nil
	}
	return &NoTimestampError{Field: m.r.opts.TimestampField, Document: e.doc}
}

// advance is one stage's reaction to an event of one key.
func (m *matcher) advance(stage int, k key, e moment) {
	p := &partial{key: k, first: e.at, last: e}
	if stage > 0 {
		before := m.take(k, stage-1)
		if before == nil || m.hasSpan && e.at.Sub(before.first) > m.span {
			return // the partial is used up all the same
		}
		p = &partial{key: before.key, first: before.first, last: e, prev: before}
	}
	if stage == len(m.stages)-1 {
		m.completed = append(m.completed, p.finish(len(m.stages)))
		return
	}
	if m.slots[k.id] == nil {
		m.slots[k.id] = map[int]*partial{}
	}
	m.slots[k.id][stage] = p // the newer partial takes the older one's place
}

// take removes and returns the partial of a key and stage.
func (m *matcher) take(k key, stage int) *partial {
	slot := m.slots[k.id]
	p := slot[stage]
	if p != nil {
		if delete(slot, stage); len(slot) == 0 {
			delete(m.slots, k.id)
		}
	}
	return p
}

// sortByLast puts sequences in the order of their last events, and those of one
// last event in the order of their keys.
func sortByLast(ps []*match) {
	slices.SortStableFunc(ps, func(a, b *match) int {
		return cmp.Or(cmp.Compare(a.last().rank, b.last().rank), compareKeys(a.key.values, b.key.values))
	})
}

// answer is a finished sequence as it is returned: a place for every term, and
// dates among the keys as text.
func (s *sequence) answer(p *match) Sequence {
	var out Sequence
	for _, v := range p.key.values {
		if v.Kind() == value.Date {
			v = value.OfString(v.Text())
		}
		out.Keys = append(out.Keys, v)
	}
	next := 0
	for _, t := range s.terms {
		if t.missing {
			out.Events = append(out.Events, nil)
			continue
		}
		out.Events = append(out.Events, p.moments[next].doc)
		next++
	}
	return out
}
