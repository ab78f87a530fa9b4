package sequence

import "github.com/tripline-sec/tripline/internal/event"

// choose writes down the events of a match: a chain of cells and, if not nil, one
// more that comes last.
func (s *State) choose(p *plan, c int32, last *event.Held) {
	s.chosen = resize(s.chosen, len(p.Terms))
	for i := len(p.Terms) - 1; i >= 0; i-- {
		switch {
		case p.Terms[i].Missing:
			s.chosen[i] = nil
		case last != nil:
			s.chosen[i], last = last, nil
		default:
			s.chosen[i] = s.cells.at(c).doc
			c = s.cells.at(c).previous
		}
	}
}

// tell reports the events that were chosen.
func (s *State) tell(p *plan, key [4]uint32, last event.Ordinal, superseded bool) {
	if superseded {
		p.stats.Superseded++
	} else {
		p.stats.Matches++
	}
	if s.opts.Match != nil && p.number >= 0 {
		s.opts.Match(Match{Query: p.number, Key: joinKey(key), Events: s.chosen, Last: last, Superseded: superseded})
	}
	clear(s.chosen)
}

func (s *State) tellRecord(p *plan, r int32, superseded bool) {
	found := s.records.at(r)
	s.choose(p, found.cell, nil)
	at := s.cells.at(found.cell).at.instant()
	s.tell(p, s.lanes.at(found.lane).key, ordinal(at, s.tie(found.tie), found.arrival), superseded)
}
