package tripline

import (
	"fmt"
	"iter"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// StreamOptions say how a Stream deals with time and memory. The zero value gives
// every match at once and bounds nothing.
type StreamOptions struct {
	// Lateness is how late an event may come, by the time of its own host, and
	// still be judged in its place. Then matches that were given may be taken back;
	// see Match.Superseded. Later events are counted and not judged.
	Lateness time.Duration
	// Idle is how far other hosts must get on, by the times of their events, until
	// one that says nothing is waited for no longer: its events are late then if
	// they are late by the others' time. 0 is two minutes, or Lateness if that is
	// longer.
	Idle time.Duration
	// Hold gives a match only when no event that may still come can change it.
	Hold bool
	// Budget bounds the bytes that unfinished sequences take, their documents
	// included, each counted once; 0 is no bound. Over it, the oldest are dropped and
	// counted.
	Budget int64
	// Borrow lets the stream keep the bytes that it is fed, instead of a copy of
	// those that are part of something: then they must never change.
	Borrow bool
	// OnMatch takes each match as it is found, within Feed, Advance or Close. Nil:
	// Matches gives them.
	OnMatch func(Match)
}

// Stream judges events one by one, as they come. It belongs to one goroutine.
//
// An event that no member's condition accepts costs about as much as reading it,
// and allocates nothing once the stream has seen its like. What is kept of others is
// what unfinished sequences need: one without maxspan waits for ever, or until the
// budget is used up.
type Stream struct {
	set     *Set
	opts    StreamOptions
	stream  *engine.Stream
	found   []Match
	events  uint64
	refused uint64
}

// NewStream starts with no events.
func (s *Set) NewStream(opts StreamOptions) *Stream {
	st := &Stream{set: s, opts: opts}
	st.stream = s.program.NewStream(engine.StreamOptions{
		Lateness: opts.Lateness, Idle: opts.Idle, Hold: opts.Hold, Budget: opts.Budget, Stays: opts.Borrow, Match: st.take,
	})
	return st
}

func (s *Stream) take(m engine.Match) {
	if s.opts.OnMatch != nil {
		s.opts.OnMatch(s.set.match(m))
		return
	}
	s.found = append(s.found, s.set.match(m))
}

// Feed judges one JSON document. The error says why it is none, with the place,
// and nothing else is changed by it. The bytes may be used again afterwards,
// unless Borrow is set.
func (s *Stream) Feed(document []byte) error { return s.FeedFrom(document, "", "") }

// FeedFrom is Feed for a document of which the index and the id are known; "" says
// that they are not, and that what the document itself says counts.
func (s *Stream) FeedFrom(document []byte, index, id string) error {
	if err := s.stream.Feed(document, event.Identity{Index: index, ID: id}, s.events, 0); err != nil {
		s.refused++
		return fmt.Errorf("feed document: %w", err)
	}
	s.events++
	return nil
}

// Advance tells the stream what time it is, for what waits that something does not
// happen: without it only events say so.
func (s *Stream) Advance(now time.Time) { s.stream.Advance(value.InstantOfTime(now)) }

// Matches gives what was found since the last time, where OnMatch does not. It may
// be ranged over after each Feed, or now and then.
func (s *Stream) Matches() iter.Seq[Match] {
	return func(yield func(Match) bool) {
		for len(s.found) > 0 {
			m := s.found[0]
			if s.found = s.found[1:]; len(s.found) == 0 {
				s.found = nil
			}
			if !yield(m) {
				return
			}
		}
	}
}

// Reload goes on with another set. What unfinished sequences have seen stays with
// the members that ask the same, whatever else of them has changed.
func (s *Stream) Reload(set *Set) {
	s.set = set
	s.stream.Reload(set.program)
}

// Close ends the input: what waited is decided as if nothing came any more. The
// stream must not be fed afterwards.
func (s *Stream) Close() { s.stream.Close() }

// Stats is what a Stream has done and what it holds.
type Stats struct {
	Events      uint64 // judged
	Refused     uint64 // that were no documents
	Candidates  uint64 // conditions that were asked, over all events
	Documents   int    // held
	HeldBytes   int64  // of these documents, each once
	Bookkeeping int64  // bytes that unfinished sequences take beside them
	Members     []MemberStats
}

// MemberStats is what one member of a Set has done.
type MemberStats struct {
	Name     string
	Partials int // unfinished sequences now
	// PartialBytes is its part of Stats.Bookkeeping: what these take, with the events
	// that late ones may still undo, those that must be missing and matches that are
	// not final. The documents are not in it; the clocks of hosts and the order of
	// equal timestamps belong to no member.
	PartialBytes int64
	Matches      uint64        // of sequences and samples
	Superseded   uint64        // matches that were taken back
	Evicted      uint64        // unfinished sequences that were dropped for want of memory
	Late         uint64        // events that came too late to be judged
	NoTime       uint64        // events of a sequence that have no timestamp
	BadValues    uint64        // values that kept a condition from being judged: it counted as false
	Candidates   uint64        // how often its conditions were asked
	Time         time.Duration // about how long that took, by a sample
}

// Stats returns the figures as they are now. Those of the judging begin anew with
// Reload.
func (s *Stream) Stats() Stats {
	out := Stats{Events: s.events, Refused: s.refused, Members: make([]MemberStats, s.set.Len())}
	for i, c := range s.stream.Judge().Costs() {
		m := &out.Members[i]
		m.Name = s.set.program.Query(i).Name
		m.Candidates, m.Time = uint64(c.Candidates), c.Time //nolint:gosec // a count
		bad, noTime := s.stream.Bad(i)
		m.BadValues, m.NoTime = uint64(bad), uint64(noTime) //nolint:gosec // counts
		out.Candidates += m.Candidates
	}
	orders := s.set.program.Orders()
	for n, st := range s.stream.States() {
		figures := st.Stats()
		out.Documents, out.HeldBytes = figures.Held.Documents, figures.Held.Bytes // the states share them
		out.Bookkeeping += figures.Bookkeeping
		for i, q := range figures.Queries {
			m := &out.Members[orders[n].Queries[i]]
			m.Partials, m.PartialBytes = q.Partials, q.Bytes
			m.Matches, m.Superseded, m.Evicted, m.Late = q.Matches, q.Superseded, q.Evicted, q.Late
		}
	}
	return out
}
