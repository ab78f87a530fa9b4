package sequence

import "maps"

// Stats are the figures of a State.
type Stats struct {
	Queries      []QueryStats // by the number of the query
	Bookkeeping  int64        // bytes, without documents
	Held         HeldStats
	LateBySource map[uint32]uint64 // hits, by Event.Source
	Clocks       int               // sources and hosts whose time is kept
}

// QueryStats are those of one query. Reload keeps them for a query that stays.
type QueryStats struct {
	Partials   int    // unfinished sequences now; of a sample, keys
	Bytes      int64  // of bookkeeping for them, for retained hits, offenders and matches that wait
	Peak       int    // the most there ever were
	Waiting    int    // matches that are not decided, or not reported yet
	Matches    uint64 // reported
	Superseded uint64 // taken back
	Evicted    uint64 // partials and waiting matches lost for want of memory
	Expired    uint64 // partials that maxspan ended
	Late       uint64 // hits that came too late to be judged
	NoTime     uint64 // hits left out because they have no timestamp
	Tied       uint64 // hits left out because they have several tiebreakers: an error of the query
}

// HeldStats counts documents that are kept, each once.
type HeldStats struct {
	Documents int
	Bytes     int64
}

// Stats returns the figures as they are now.
func (s *State) Stats() Stats {
	out := Stats{
		Bookkeeping: s.bookkeeping(), Held: *s.held,
		LateBySource: maps.Clone(s.stats.late), Clocks: len(s.stream.clocks),
	}
	for _, q := range s.number {
		st := s.plans[q].stats
		st.Bytes = s.plans[q].bytes
		if lanes := int64(s.doors[q].lanes); lanes > 0 {
			st.Bytes += lanes * s.tableBytes() / int64(s.table.used)
		}
		out.Queries = append(out.Queries, st)
	}
	return out
}

// tableBytes is what finding lanes costs; of each query, by how many it has.
func (s *State) tableBytes() int64 { return int64(len(s.table.cells)) * 4 }

// addLoose counts bytes of the slices within extras.
func (s *State) addLoose(p *plan, n int64) {
	s.loose += n
	p.bytes += n
}

// bookkeeping is what all but the documents costs, in bytes.
func (s *State) bookkeeping() int64 {
	return s.lanes.bytes() + s.extras.bytes() + s.partials.bytes() + s.cells.bytes() + s.records.bytes() +
		s.ties.bytes() + s.tableBytes() + s.loose + s.streamBytes()
}

// countLate counts a hit that comes too late.
func (s *State) countLate(p *plan) {
	p.stats.Late++
	s.stats.late[s.stream.source]++
}
