package sequence

import (
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
)

// candidate is a document that may stand for a term of a sample.
type candidate struct {
	doc     *event.Held
	arrival uint64
}

// feedSample takes the hits of a sample query. A lane's one partial stands in the
// list of what is evicted first, and holds nothing.
func (s *State) feedSample(q int32, p *plan, e *Event, hits []Hit) {
	for _, h := range hits {
		bit := p.bits[h.Filter]
		for _, k := range h.Keys {
			l := s.makeLane(q, splitKey(k))
			x := s.extraOf(l)
			if found := s.lanes.at(l); found.live == 0 {
				found.live = s.partials.takeFor(p)
				*s.partials.at(found.live) = partial{lane: l}
				s.enlist(p, found.live)
			}
			for term, of := range p.stages {
				if of == bit {
					s.addCandidate(p, &x.pools[term], candidate{e.Doc, e.Arrival})
				}
			}
		}
	}
}

// addCandidate keeps the first documents of a term, in order of arrival: as
// Elasticsearch does, no more than are needed to fill the samples asked for.
func (s *State) addCandidate(p *plan, pool *[]candidate, c candidate) {
	at := len(*pool)
	for at > 0 && (*pool)[at-1].arrival > c.arrival {
		at--
	}
	if at == p.perTerm {
		return
	}
	if len(*pool) == p.perTerm {
		s.release((*pool)[p.perTerm-1].doc)
		*pool = (*pool)[:p.perTerm-1]
		s.addLoose(p, -candidateSize)
	}
	s.hold(c.doc)
	*pool = slices.Insert(*pool, at, c)
	s.addLoose(p, candidateSize)
}

const candidateSize = 16

// tellSamples reports the samples of all keys; those of one key in their order.
func (s *State) tellSamples() {
	for l := int32(1); l <= s.lanes.used; l++ {
		found := s.lanes.at(l)
		if found.query < 0 {
			continue
		}
		if p := s.plans[found.query]; p.Sample {
			s.pick(p, l)
		}
	}
}

// pick reports the samples of one key: a document for each term, all of them
// distinct, in the order in which backtracking finds them.
func (s *State) pick(p *plan, l int32) {
	pools := s.extraOf(l).pools
	found := 0
	var fill func(chosen []*event.Held)
	fill = func(chosen []*event.Held) {
		if len(chosen) == len(pools) {
			found++
			s.chosen = append(s.chosen[:0], chosen...)
			s.tell(p, s.lanes.at(l).key, event.Ordinal{}, false)
			return
		}
		for _, c := range pools[len(chosen)] {
			if found >= p.MaxSamplesPerKey {
				return
			}
			if next := append(chosen, c.doc); !slices.Contains(chosen, c.doc) && fillable(pools[len(next):], next) {
				fill(next)
			}
		}
	}
	fill(make([]*event.Held, 0, len(pools)))
}

// fillable reports whether distinct documents are left for all the terms to
// come. It keeps the search from walking through every choice of the early terms
// when the late ones can not be filled: each step tries at most as many documents
// as there are terms.
func fillable(pools [][]candidate, chosen []*event.Held) bool {
	if len(pools) == 0 {
		return true
	}
	terms := len(pools) + len(chosen)
	for _, c := range pools[0][:min(len(pools[0]), terms)] {
		if !slices.Contains(chosen, c.doc) && fillable(pools[1:], append(chosen[:len(chosen):len(chosen)], c.doc)) {
			return true
		}
	}
	return false
}

// giveSample forgets a lane of a sample.
func (s *State) giveSample(l int32) {
	found := s.lanes.at(l)
	x := s.extras.at(found.extra)
	for i := range x.pools {
		for _, c := range x.pools[i] {
			s.release(c.doc)
		}
		s.addLoose(s.plans[found.query], -int64(len(x.pools[i]))*candidateSize)
		clear(x.pools[i])
		x.pools[i] = x.pools[i][:0]
	}
	x.pools = x.pools[:0]
	s.drop(found.live)
	s.dropIfEmpty(l)
}
