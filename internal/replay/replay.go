package replay

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/order"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/value"
)

// Options say how an input is judged.
type Options struct {
	Workers int // 0 = as many as there are processors

	// OrderBudget is how many bytes the events may take that wait to be put in
	// order, and StateBudget those of what sequences remember, documents included;
	// 0 = 96 MiB and 128 MiB.
	OrderBudget int64
	StateBudget int64
	TempDir     string // of what is sorted on disk; "" = the system's

	// Processes remembers where the events of each process stand; nil: nothing does.
	// It forgets them when the input is read from the start again.
	Processes *proctree.Index

	// Match takes each match. Its keys, and the bytes of documents that can be read
	// again, are not there: see Loader.
	Match   func(engine.Match)
	Problem func(*source.Problem) // takes what can not be read
	Spilled func(order.Report)    // is told when events are sorted on disk
	// Restart is told that the input is read from the start again, because events
	// are out of order: so far that they are sorted on disk, or not. What came so far
	// does not count.
	Restart func(sorting bool)
}

const (
	defaultOrderBudget = 96 << 20
	defaultStateBudget = 128 << 20
)

// Report is what there is to tell of a run.
type Report struct {
	Stats   source.Stats
	Unknown int           // documents of no known index
	Newest  value.Instant // the latest @timestamp; zero if there is none
	Queries []QueryReport
	Order   []order.Stats // by order of the program
	States  []sequence.Stats
	Census  engine.Census
	Counts  engine.Counters
}

// QueryReport is what there is to tell of a query.
type QueryReport struct {
	Bad         int       // leaves that were false because of a bad value
	FirstBad    *BadValue // the first of them; nil: there is none
	NoTime      int       // hits of a sequence left out for want of a timestamp
	FirstNoTime *BadValue // the first of them; nil: there is none
	Late        int       // hits that came too late to be put in order
	Evicted     int       // partial sequences lost for want of memory
	Bytes       int64     // of bookkeeping for what still waited at the end of the input
	Cost        engine.Cost
}

// BadValue is a value on which a condition failed, or an event without the time
// that a sequence needs.
type BadValue struct {
	Fault  engine.Fault
	NoTime bool // instead of a Fault's error
	Doc    *event.Held

	phase int // what the reference comes upon first
	at    event.Ordinal
	term  int32
}

// Replay is one run of a program over one input.
type Replay struct {
	program *engine.Program
	opts    Options

	orders  []*order.Orderer
	states  []*sequence.State
	kinds   []engine.Kind
	queries [][]int32 // by order: the program's numbers
	report  Report
	judges  []*engine.Judge
	gates   *gates // nil: there are none
}

// New readies a run.
func New(p *engine.Program, opts Options) *Replay {
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	if opts.OrderBudget <= 0 {
		opts.OrderBudget = defaultOrderBudget
	}
	if opts.StateBudget <= 0 {
		opts.StateBudget = defaultStateBudget
	}
	return &Replay{program: p, opts: opts}
}

// Run judges what open gives: a reader of the input, from its start, each time it
// is asked. again says that the input can be read more than once. The error is
// that of ctx, or of the disk on which events are sorted.
func (r *Replay) Run(ctx context.Context, open func() *source.Reader, again bool) (*Report, error) {
	gated, spill := again, false
	for {
		err := r.attempt(ctx, open(), again, spill, gated)
		switch {
		case errors.Is(err, order.ErrTooLate):
			spill = true
		case !errors.Is(err, errBegunBefore):
			return &r.report, err
		}
		gated = false
		if r.opts.Processes != nil {
			r.opts.Processes.Reset()
		}
		if r.opts.Restart != nil {
			r.opts.Restart(spill)
		}
	}
}

// attempt reads the input once. With spill, nothing is given before its end; if it
// is gated, sequences are judged only once they begin, see gates.
func (r *Replay) attempt(ctx context.Context, reader *source.Reader, again, spill, gated bool) error {
	r.begin(again, spill, gated)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var err error
	if r.opts.Workers == 1 {
		err = r.alone(ctx, reader)
	} else {
		err = r.together(ctx, reader)
	}
	if err == nil {
		err = ctx.Err()
	}
	for _, o := range r.orders {
		if err != nil {
			o.Abandon()
		} else {
			err = o.Close()
		}
	}
	if err != nil {
		return err
	}
	r.finish()
	return nil
}

// begin makes all that one attempt needs.
func (r *Replay) begin(again, spill, gated bool) {
	p := r.program
	*r = Replay{program: p, opts: r.opts}
	r.report.Stats.Problems = map[source.Class]int{}
	r.report.Queries = make([]QueryReport, p.Queries())
	for i := range p.Queries() {
		r.kinds = append(r.kinds, p.Kind(i))
	}
	orders := p.Orders()
	share := int64(max(len(orders), 1))
	held := new(sequence.HeldStats) // of documents that several orders share
	for n, o := range orders {
		r.queries = append(r.queries, o.Queries)
		r.states = append(r.states, sequence.New(o.States, sequence.Options{
			Sorted: true, Budget: r.opts.StateBudget / share, Held: held,
			Match: func(m sequence.Match) { r.found(n, m) },
		}))
		opts := order.Options{
			Budget: r.opts.OrderBudget / share, Spill: spill, Spilled: r.opts.Spilled, TempDir: r.opts.TempDir,
			Out: func(e *sequence.Event) { r.ordered(n, e) },
		}
		if !again {
			opts.Late = func(e *sequence.Event) { r.late(n, e) }
		}
		r.orders = append(r.orders, order.New(opts))
	}
	if gated {
		r.gates = newGates(p, len(orders))
	}
}

// ordered takes an event in its place in time.
func (r *Replay) ordered(n int, e *sequence.Event) {
	rest := e.Hits[:0]
	for _, h := range e.Hits {
		query := r.queries[n][h.Query]
		if r.kinds[query] == engine.Event {
			r.opts.Match(engine.Match{Query: int(query), Events: []*event.Held{e.Doc}})
			continue
		}
		rest = append(rest, h)
	}
	if e.Hits = rest; len(rest) > 0 {
		r.states[n].Feed(e)
	}
}

// late counts the hits of an event that came too late to be put in order.
func (r *Replay) late(n int, e *sequence.Event) {
	for _, h := range e.Hits {
		r.report.Queries[r.queries[n][h.Query]].Late++
	}
}

func (r *Replay) found(n int, m sequence.Match) {
	query := int(r.queries[n][m.Query])
	r.opts.Match(engine.Match{Query: query, Key: m.Key, Events: slices.Clone(m.Events), Last: m.Last})
}

// finish closes what sequences remember and adds up.
func (r *Replay) finish() {
	for n, st := range r.states {
		for i, q := range st.Stats().Queries {
			r.report.Queries[r.queries[n][i]].Bytes += q.Bytes
		}
		st.Close()
		stats := st.Stats()
		r.report.States = append(r.report.States, stats)
		for i, q := range stats.Queries {
			r.report.Queries[r.queries[n][i]].Evicted += int(q.Evicted) //nolint:gosec // a count of events
		}
	}
	for _, o := range r.orders {
		r.report.Order = append(r.report.Order, o.Stats())
	}
	for _, j := range r.judges {
		r.report.Census.Add(j.Census())
		r.report.Counts.Add(j.Counters())
		for i, c := range j.Costs() {
			r.report.Queries[i].Cost.Add(c)
		}
	}
}
