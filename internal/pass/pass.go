package pass

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/order"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/sequence"
)

// Options bound what a pass takes.
type Options struct {
	Workers int // 0 = as many as there are processors
	// OrderBudget is how many bytes the events may take that wait to be put in
	// order, StateBudget those of what sequences remember; 0 = 96 MiB and 128 MiB.
	OrderBudget, StateBudget int64
	TempDir                  string // of what is sorted on disk; "" = the system's
	// Matches is how many matches of a job are kept; 0 = 10,000.
	Matches int
}

const (
	defaultOrderBudget = 96 << 20
	defaultStateBudget = 128 << 20
	defaultMatches     = 10_000
)

// Match is what a rule found in a window.
type Match struct {
	engine.Match
	Window int // of the job's windows
	// When is the time of its last event on the axis of the rule's ledger; of a
	// sample the zero time.
	When time.Time
}

// Report is what came of a pass.
type Report struct {
	Jobs       []JobReport // by job
	Events     int         // that the reader gave
	Judged     int64       // documents decoded: each event in a window, once
	Unreadable int         // events that were no documents
	Order      []order.Stats
	Took       time.Duration
}

// JobReport is what came of a job.
type JobReport struct {
	// Matches are in the order of windows, and in each in that of results.
	Matches []Match
	// Capped says that a window's search gave as many matches as it may: see
	// schedule.Job.Size.
	Capped bool
	Counts schedule.Counts // Found, Dropped, Bad, NoTime, Evicted
	Cost   engine.Cost
}

// Messages are what there is to warn of.
func (r *JobReport) Messages() []schedule.Message {
	var out []schedule.Message
	warn := func(n int, format string) {
		if n > 0 {
			out = append(out, schedule.Message{Level: schedule.Warning, Text: fmt.Sprintf(format, n)})
		}
	}
	warn(r.Counts.Bad, "values that a condition could not be judged on counted as false: %d")
	warn(r.Counts.NoTime, "events of a sequence without a timestamp were left out: %d")
	warn(r.Counts.Evicted, "unfinished sequences were dropped for want of memory: %d")
	return out
}

// TimeFields are the fields that a program must read, beside those of its queries,
// for the range tests of rules; see engine.Compile.
func TimeFields(rules []*schedule.Rule) []string {
	var paths []string
	for _, r := range rules {
		for _, path := range []string{r.Primary, r.Secondary} {
			if path != "" && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// Runner runs passes of a program, one at a time. What it has learned of values, and
// of documents, helps the next pass. It belongs to one goroutine.
type Runner struct {
	program  *engine.Program
	opts     Options
	resolver *engine.Resolver
	judges   []*engine.Judge
}

// NewRunner makes a Runner. The number of a rule's query in the program is its
// place among the rules that a schedule.Scheduler uses.
func NewRunner(p *engine.Program, opts Options) *Runner {
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	if opts.OrderBudget <= 0 {
		opts.OrderBudget = defaultOrderBudget
	}
	if opts.StateBudget <= 0 {
		opts.StateBudget = defaultStateBudget
	}
	if opts.Matches <= 0 {
		opts.Matches = defaultMatches
	}
	r := &Runner{program: p, opts: opts, resolver: p.NewResolver()}
	for range opts.Workers {
		r.judges = append(r.judges, p.NewJudge())
	}
	return r
}

// Run runs a pass. The error is that of the reader, of ctx, or of the disk on which
// events are sorted; then nothing was found.
//
// Events come in order of arrival, and must be put in the order of time. If they are
// so far out of it that memory does not hold them, they are read once more and sorted
// on disk.
func (r *Runner) Run(ctx context.Context, w *schedule.Work, reader schedule.Reader) (*Report, error) {
	start := time.Now()
	report, err := r.attempt(ctx, w, reader, false)
	if errors.Is(err, order.ErrTooLate) {
		before := report.Judged
		report, err = r.attempt(ctx, w, reader, true)
		report.Judged += before
	}
	if err != nil {
		return nil, err
	}
	report.Took = time.Since(start)
	return report, nil
}

// attempt reads once. The report is there with an error, too.
func (r *Runner) attempt(ctx context.Context, w *schedule.Work, reader schedule.Reader, spill bool) (*Report, error) {
	ps := &pass{Runner: r, work: w, want: schedule.WantOf(w)}
	costs := ps.costs()
	ps.begin(spill)
	if len(ps.want.Event)+len(ps.want.Ingested) > 0 {
		if err := ps.read(ctx, reader); err != nil {
			for _, o := range ps.orders {
				o.Abandon()
			}
			return &ps.report, err
		}
	}
	for _, o := range ps.orders {
		if err := o.Close(); err != nil {
			return &ps.report, fmt.Errorf("put events in order: %w", err)
		}
	}
	ps.finish()
	for i, after := range ps.costs() {
		ps.report.Jobs[i].Cost = engine.Cost{
			Candidates: after.Candidates - costs[i].Candidates, Accepted: after.Accepted - costs[i].Accepted, Time: after.Time - costs[i].Time,
		}
	}
	return &ps.report, nil
}

// pass is one reading of a pass.
type pass struct {
	*Runner
	work *schedule.Work
	want schedule.Want

	routes  [][]route  // by the program's number of a query
	targets [][]target // by order, then by the number of a query in its state
	locals  [][]int32  // by order: the program's numbers of its queries
	states  []*sequence.State
	orders  []*order.Orderer
	found   []*found // by job
	report  Report
}

// costs are what each job's rule has cost so far, in all passes.
func (ps *pass) costs() []engine.Cost {
	out := make([]engine.Cost, len(ps.work.Jobs))
	for _, j := range ps.judges {
		all := j.Costs()
		for i, job := range ps.work.Jobs {
			out[i].Add(all[job.Index])
		}
	}
	return out
}

// begin makes a state for each order, in which each window of a rule has a query of
// its own.
func (ps *pass) begin(spill bool) {
	ps.report.Jobs = make([]JobReport, len(ps.work.Jobs))
	ps.routes = make([][]route, ps.program.Queries())
	jobs := map[int32]int{}
	for i, j := range ps.work.Jobs {
		ps.found = append(ps.found, newFound(ps.program, j, ps.opts.Matches))
		if !j.Idle {
			jobs[int32(j.Index)] = i //nolint:gosec // few
			ps.routes[j.Index] = routesOf(ps.program, j, i)
		}
	}
	orders := ps.program.Orders()
	share := int64(max(len(orders), 1))
	held := new(sequence.HeldStats)
	for n, o := range orders {
		var queries []sequence.Query
		var targets []target
		for local, q := range o.Queries {
			for k := range ps.routes[q] {
				r := &ps.routes[q][k]
				r.local = int32(len(queries)) //nolint:gosec // few
				queries = append(queries, o.States[local])
				targets = append(targets, target{jobs[q], r.window})
			}
		}
		ps.targets, ps.locals = append(ps.targets, targets), append(ps.locals, o.Queries)
		st := sequence.New(queries, sequence.Options{
			Sorted: true, Budget: ps.opts.StateBudget / share, Held: held,
			Match: func(m sequence.Match) { ps.match(n, m) },
		})
		ps.states = append(ps.states, st)
		ps.orders = append(ps.orders, order.New(order.Options{
			Budget: ps.opts.OrderBudget / share, Spill: spill, TempDir: ps.opts.TempDir,
			Out: func(e *sequence.Event) {
				if len(e.Hits) > 0 {
					st.Feed(e)
				}
			},
		}))
	}
}

// target is a window of a job.
type target struct{ job, window int }

// match takes a match of a sequence or sample.
func (ps *pass) match(n int, m sequence.Match) {
	t := ps.targets[n][m.Query]
	query := ps.work.Jobs[t.job].Index
	events := slices.Clone(m.Events)
	ps.found[t.job].add(Match{
		Match:  engine.Match{Query: query, Key: m.Key, Keys: ps.resolver.Keys(query, m.Key, events), Events: events, Last: m.Last},
		Window: t.window,
	})
}

// finish closes what sequences remember and adds up.
func (ps *pass) finish() {
	for n, st := range ps.states {
		st.Close()
		for i, q := range st.Stats().Queries {
			ps.report.Jobs[ps.targets[n][i].job].Counts.Evicted += int(q.Evicted) //nolint:gosec // a count of events
		}
	}
	for _, o := range ps.orders {
		ps.report.Order = append(ps.report.Order, o.Stats())
	}
	for i, f := range ps.found {
		f.finish(&ps.report.Jobs[i])
	}
}
