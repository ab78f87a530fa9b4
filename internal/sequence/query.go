package sequence

import (
	"time"

	"github.com/tripline-sec/tripline/internal/event"
)

// Query says what a query remembers.
type Query struct {
	// Sample makes it a sample: a document for each term, in any order, all of one
	// key. Of the rest only MaxSamplesPerKey counts then.
	Sample bool
	// Terms are in order, `with runs` written out. At least one is positive.
	Terms []Term
	// Until is the number of the condition of until, -1 without one.
	Until int32
	// Span is maxspan, in whole milliseconds; it counts if HasSpan says so. Missing
	// terms need one.
	Span    time.Duration
	HasSpan bool
	// Local says that host.id is among the join keys, so that the hits of one key
	// come from one host: in a stream the clocks of other hosts do not matter then.
	Local bool
	// MaxSamplesPerKey bounds the samples of one key; 0 is 1.
	MaxSamplesPerKey int
}

// Term is one `[..]` or `![..]`.
type Term struct {
	// Filter is the number of its condition within the query, from 0. Terms that
	// are the same, as those that `with runs` repeats, share it.
	Filter  int32
	Missing bool
}

// Options says how a State is run.
type Options struct {
	// Sorted says that events come in their total order: nothing is retained for
	// late ones, and what follows up to Idle does not count. Otherwise they come as
	// they arrive.
	Sorted bool
	// Lateness is how far behind the newest event of its own source and host a hit
	// may be and still be judged in its place in time.
	Lateness time.Duration
	// Hold reports a match only when no hit that is still acceptable can change it.
	// Nothing is superseded then.
	Hold bool
	// Idle is how far others must get on, by their own clocks, for a host that says
	// nothing to be waited for no longer; 0 is DefaultIdle, or Lateness if that is
	// longer.
	Idle time.Duration
	// Budget bounds the bytes of bookkeeping and of held documents; 0 is none.
	Budget int64
	// Held counts the documents of several States that are fed the same ones, each
	// once; nil is a count of its own.
	Held *HeldStats
	// Match takes each match. It must not call the State.
	Match func(Match)
}

// DefaultIdle is the Options.Idle of a State that is not given one.
const DefaultIdle = 2 * time.Minute

// Match is a sequence or sample that was found.
type Match struct {
	Query int32
	Key   Key
	// Events has one for each term, nil for a missing event. The slice is reused
	// after the call; the documents are not.
	Events []*event.Held
	// Last is the place in time of the last event; of a sample it is zero. Results
	// stand in its order, and of one last event in that of their keys. Its Arrival
	// is a place and not always the document's own number (see event.Sort); in
	// sorted mode it counts the events that were fed.
	Last event.Ordinal
	// Superseded tells of a match, reported before, that the events in their order
	// of time do not give after all. It may be reported again later.
	Superseded bool
}

// plan is a Query made ready: what to do with a hit of each of its conditions.
type plan struct {
	Query
	number int32 // in the caller's numbering; -1 once dropped by Reload
	stats  QueryStats
	bytes  int64 // of bookkeeping, but for its share of the table

	bits   []int16 // the bit of each condition in a set
	nbits  int
	stages []int16 // the bit of each positive term
	until  int16   // the bit of until, -1 without
	first  []int16 // of each term, how many positive ones precede it
	alone  set     // see alone.go

	slots             []int16 // by bit: the slot of a missing term's offenders, -1 if it is none
	positive          []bool  // by bit: a positive term's or until's
	offenders         int     // how many slots
	keep              []uint8 // by slot: when its offenders may matter to later matches
	leading, trailing bool    // the first or last term is missing
	window            bool    // see window.go
	spanMilli         int64
	class             int32 // number of its span in State.classes; -1 without one
	perTerm           int   // of a sample: how many documents of a term are kept
}

// When an offender matters.
const (
	keepInner    = 1 << iota // it may lie between two events: if a partial waits
	keepLeading              // it may lie before the first
	keepTrailing             // it may lie after the last: if a match waits
)

func newPlan(q Query) *plan {
	p := &plan{Query: q, until: -1, class: -1, spanMilli: q.Span.Milliseconds()}
	for _, t := range q.Terms {
		bit := p.bit(t.Filter)
		p.first = append(p.first, int16(len(p.stages))) //nolint:gosec // 256 terms at most
		if q.Sample || !t.Missing {
			p.stages = append(p.stages, bit)
			p.positive[bit] = true
			continue
		}
		if p.slots[bit] < 0 {
			p.slots[bit] = int16(p.offenders) //nolint:gosec // 256 terms at most
			p.offenders++
			p.keep = append(p.keep, 0)
		}
	}
	if q.Sample {
		p.Until, p.HasSpan = -1, false
		p.MaxSamplesPerKey = max(q.MaxSamplesPerKey, 1)
		p.perTerm = len(q.Terms) - 1 + min(p.MaxSamplesPerKey, 1<<30)
		return p
	}
	p.window = p.isWindow()
	if q.Until >= 0 {
		p.until = p.bit(q.Until)
		p.positive[p.until] = true
	}
	p.alone = p.aloneSet()
	for i, t := range q.Terms {
		if !t.Missing {
			continue
		}
		slot := p.slots[p.bits[t.Filter]]
		switch int(p.first[i]) {
		case 0:
			p.leading = true
			p.keep[slot] |= keepLeading
		case len(p.stages):
			p.trailing = true
			p.keep[slot] |= keepTrailing
		default:
			p.keep[slot] |= keepInner
		}
	}
	return p
}

// bit returns the bit of a condition and gives it one the first time.
func (p *plan) bit(filter int32) int16 {
	for int(filter) >= len(p.bits) {
		p.bits = append(p.bits, -1)
	}
	if p.bits[filter] < 0 {
		p.bits[filter] = int16(p.nbits) //nolint:gosec // 257 conditions at most
		p.nbits++
		p.slots = append(p.slots, -1)
		p.positive = append(p.positive, false)
	}
	return p.bits[filter]
}

// deadline is the last millisecond at which an offender can speak against a
// sequence from first to last.
func (p *plan) deadline(first, last int64) int64 {
	if p.trailing {
		return plus(first, p.spanMilli)
	}
	return last
}
