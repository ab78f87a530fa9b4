package engine

import (
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// StreamOptions says how a Stream deals with time and memory.
type StreamOptions struct {
	// Lateness is how late a hit may come and still be judged in its place, by the
	// clock of its own source and host.
	Lateness time.Duration
	// Idle is how far other hosts must get on for one that says nothing to be
	// waited for no longer; see sequence.Options.
	Idle time.Duration
	// Hold reports a match only when nothing that may still come can change it.
	Hold bool
	// Sorted says that events come in the order of time: nothing is kept for late
	// ones.
	Sorted bool
	// Budget bounds the bytes of what sequences remember, documents included; 0 is
	// no bound.
	Budget int64
	// Stays says that the bytes of documents stay as they are after Feed, so that
	// those that are kept need not be copied.
	Stays bool
	// Refer says that documents can be read again by their arrival: those that are kept
	// are known by that and their identity, and matches have neither their bytes nor
	// keys; see Resolver.
	Refer bool

	Match func(Match)        // takes each match
	Fault func(int32, error) // takes each bad value, with the number of the query; may be nil
}

// Stream judges events as they come. It belongs to one goroutine.
type Stream struct {
	p        *Program
	opts     StreamOptions
	judge    *Judge
	resolver *Resolver
	states   []*state           // by order
	held     sequence.HeldStats // of documents that several of them share
	nobody   *event.Held        // see Nobody
	noTime   []int64            // by query: hits that have no place in time
	faults   []int64            // by query
}

// state is what the queries of one order remember. Reload may change which order
// that is.
type state struct {
	*sequence.State
	order int
}

// NewStream starts with no events.
func (p *Program) NewStream(opts StreamOptions) *Stream {
	s := &Stream{p: p, opts: opts, nobody: Nobody()}
	s.use(p)
	for i, o := range p.Orders() {
		s.states = append(s.states, s.newState(i, o.States))
	}
	return s
}

func (s *Stream) use(p *Program) {
	s.p, s.judge, s.resolver = p, p.NewJudge(), p.NewResolver()
	s.noTime, s.faults = make([]int64, len(p.queries)), make([]int64, len(p.queries))
}

func (s *Stream) newState(order int, queries []sequence.Query) *state {
	st := &state{order: order}
	budget := s.opts.Budget
	if n := int64(len(s.p.orders)); budget > 0 && n > 1 {
		budget = max(budget/n, 1)
	}
	st.State = sequence.New(queries, sequence.Options{
		Sorted: s.opts.Sorted, Lateness: s.opts.Lateness, Idle: s.opts.Idle, Hold: s.opts.Hold,
		Budget: budget, Held: &s.held,
		Match: func(m sequence.Match) { s.match(st.order, m) },
	})
	return st
}

func (s *Stream) match(order int, m sequence.Match) {
	query := int(s.p.orders[order].queries[m.Query])
	events := slices.Clone(m.Events) // the state uses its slice again
	out := Match{Query: query, Key: m.Key, Events: events, Superseded: m.Superseded, Last: m.Last}
	if !s.opts.Refer {
		out.Keys = s.resolver.Keys(query, m.Key, events)
	}
	s.opts.Match(out)
}

// Feed judges a document. The error says why some bytes are none; nothing else
// is changed by them.
func (s *Stream) Feed(raw []byte, given event.Identity, arrival uint64, source uint32) error {
	v, err := s.judge.Judge(raw, given, arrival)
	if err != nil {
		return err
	}
	s.take(v, given, source)
	return nil
}

// FeedRow judges an event that was never JSON: fill writes its fields to the row,
// and held makes its document, which is asked for only if it is needed.
func (s *Stream) FeedRow(fill func(*event.Row), index string, arrival uint64, source uint32, held func() *event.Held) {
	s.judge.row.Reset()
	fill(s.judge.row)
	v := s.judge.JudgeRow(index, arrival)
	s.deliver(v, source, held)
}

func (s *Stream) take(v *Verdict, given event.Identity, source uint32) {
	keep := Copy
	switch {
	case s.opts.Refer:
		keep = Reference
	case s.opts.Stays:
		keep = Borrow
	}
	s.deliver(v, source, func() *event.Held { return s.judge.Held(given, keep) })
}

func (s *Stream) deliver(v *Verdict, source uint32, held func() *event.Held) {
	for _, f := range v.Faults {
		s.faults[f.Query]++
		if s.opts.Fault != nil {
			s.opts.Fault(f.Query, f.Err)
		}
	}
	for _, q := range v.NoTime {
		s.noTime[q]++
	}
	doc := s.nobody
	if v.Kept() {
		doc = held()
		doc.Source = source
	}
	for _, q := range v.Singles {
		s.opts.Match(Match{Query: int(q), Events: []*event.Held{doc}})
	}
	for i := range v.Events {
		e := &v.Events[i]
		e.Source = source
		if len(e.Hits) > 0 {
			e.Doc = doc
		}
		s.states[i].Feed(e)
	}
}

// Advance tells the time of the wall, for sources that have gone silent.
func (s *Stream) Advance(now value.Instant) {
	for _, st := range s.states {
		st.Advance(now)
	}
}

// Close ends the input: all that waited is decided.
func (s *Stream) Close() {
	for _, st := range s.states {
		st.Close()
	}
}

// Reload goes on with other queries. What the old ones remember passes over to
// those of the same fingerprint.
func (s *Stream) Reload(p *Program) {
	old := map[string][]int{} // two rules may ask the same
	for i, q := range s.p.queries {
		old[q.Fingerprint()] = append(old[q.Fingerprint()], i)
	}
	before, states := s.p, s.states
	s.use(p)
	s.states = make([]*state, len(p.orders))
	for i, o := range p.orders {
		from := make([]int32, len(o.queries))
		source := -1
		for k, n := range o.queries {
			from[k] = -1
			print := p.queries[n].Fingerprint()
			if was := old[print]; len(was) > 0 {
				from[k], source = before.queries[was[0]].local, before.queries[was[0]].order
				old[print] = was[1:]
			}
		}
		if source < 0 {
			s.states[i] = s.newState(i, p.Orders()[i].States)
			continue
		}
		s.states[i] = states[source]
		s.states[i].order = i
		s.states[i].Reload(p.Orders()[i].States, from)
	}
}

// Judge is the stream's judge, for its counts.
func (s *Stream) Judge() *Judge { return s.judge }

// States are what the stream's sequences remember, one for each of the program's
// Orders.
func (s *Stream) States() []*sequence.State {
	out := make([]*sequence.State, len(s.states))
	for i, st := range s.states {
		out[i] = st.State
	}
	return out
}

// Bad returns how many values a query could not be judged on, and how many hits
// it left out for want of a time.
func (s *Stream) Bad(query int) (faults, noTime int64) { return s.faults[query], s.noTime[query] }
