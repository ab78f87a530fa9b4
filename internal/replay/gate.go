package replay

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/value"
)

// errBegunBefore is that a sequence begins with an event that comes before some, in
// the order of time, of which its later conditions were not asked.
var errBegunBefore = errors.New("a sequence begins before events that were judged without it")

// gates keep the later conditions of sequences from being asked before one of their
// first events was seen, see engine.Gates: of most rules none ever is. Whatever
// batch a worker judges, it judges as a whole with the gates that its own events
// open, and again if an earlier one turns out to open more. Batches that follow each
// other in time give the same as without gates; the first that does not opens all.
// If a sequence then begins before what was judged without it, the input is read
// anew with no gates.
type gates struct {
	all engine.Gates // every gate open

	mu     sync.Mutex
	open   engine.Gates // what workers know
	change atomic.Int64 // of open

	// Of those who take results in the order of the batches.
	begun  engine.Gates
	closed []timed // by query: the latest event judged with its gate closed, once it is open
	judged []timed // by order of the program: the latest event judged with any gate closed
	seen   []timed // and of all
	again  *worker
}

// timed is a time, if there is one.
type timed struct {
	at value.Instant
	is bool
}

// raise makes t the later of two times.
func (t *timed) raise(o timed) {
	if o.is && (!t.is || o.at.Compare(t.at) > 0) {
		*t = o
	}
}

// lower makes t the earlier of two times.
func (t *timed) lower(o timed) {
	if o.is && (!t.is || o.at.Compare(t.at) < 0) {
		*t = o
	}
}

// newGates returns nil if the program has none.
func newGates(p *engine.Program, orders int) *gates {
	open := p.NewGates()
	if open == nil {
		return nil
	}
	g := &gates{open: open, begun: p.NewGates(), all: slices.Clone(open), closed: make([]timed, p.Queries()), judged: make([]timed, orders), seen: make([]timed, orders)}
	for query := range p.Queries() {
		g.all.Open(int32(query)) //nolint:gosec // few
	}
	return g
}

// add opens gates for all workers.
func (g *gates) add(o engine.Gates) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open.Add(o) {
		g.change.Add(1)
	}
}

// catchUp opens for a worker what others have opened.
func (g *gates) catchUp(w *worker) {
	change := g.change.Load()
	if change == w.caughtUp {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	w.judge.Open(g.open)
	w.caughtUp = change
}

// beginning is the first event of a sequence in a batch.
type beginning struct {
	query int32
	order int
	at    timed
}

// gated is what a result tells of gates.
type gated struct {
	asked           engine.Gates // those that were open
	begun           []beginning
	earliest, after []timed // by order: of all events of the batch, the latest too
}

func (g *gated) reset() {
	g.begun = g.begun[:0]
	clear(g.earliest)
	clear(g.after)
}

// begin notes where sequences begin and which time the event at hand stands at.
func (w *worker) begin(v *engine.Verdict) {
	g := &w.result.gated
	for i := range v.Events {
		e := &v.Events[i]
		at := timed{e.Time, e.HasTime}
		g.earliest[i].lower(at)
		g.after[i].raise(at)
	}
	for _, query := range v.Begun {
		order := w.program.OrderOf(int(query))
		e := &v.Events[order]
		n := slices.IndexFunc(g.begun, func(b beginning) bool { return b.query == query })
		if n < 0 {
			n = len(g.begun)
			g.begun = append(g.begun, beginning{query: query, order: order})
		}
		g.begun[n].at.lower(timed{e.Time, e.HasTime})
	}
}

// gatedBatch judges the documents of a batch with the gates that they open.
func (w *worker) gatedBatch(b *source.Batch) {
	w.gates.catchUp(w)
	g := &w.result.gated
	opened := w.program.NewGates()
	w.result.stats = b.Each(w.take, w.tell)
	for _, one := range g.begun {
		opened.Open(one.query)
	}
	if w.judge.Open(opened) {
		w.gates.add(opened)
		w.judgeAgain(b)
	}
	g.asked = append(g.asked[:0], w.judge.Gates()...)
}

// judgeAgain judges the documents of a batch once more, with the gates as they now
// are, and replaces what came of them.
func (w *worker) judgeAgain(b *source.Batch) {
	w.result.hitsAgain()
	w.judge.Again(true)
	w.again = true
	b.Each(w.take, func(*source.Problem) {})
	w.again = false
	w.judge.Again(false)
}

// settle sees to it that a batch was judged with all gates that it and those before
// it open.
func (g *gates) settle(r *Replay, b *source.Batch, res *result) error {
	for _, one := range res.gated.begun {
		if !g.begun.Has(one.query) {
			g.begun.Open(one.query)
			g.closed[one.query] = g.judged[one.order]
		}
		if last := g.closed[one.query]; last.is && one.at.at.Compare(last.at) <= 0 {
			return errBegunBefore
		}
	}
	if !res.gated.asked.Covers(g.begun) {
		if g.again == nil {
			g.again = newWorker(r.program, nil)
			g.again.gates = g
			g.again.judge.Gate()
		}
		w := g.again
		w.result, w.keep = res, keepOf(b)
		w.judge.Open(g.begun)
		w.judgeAgain(b)
		res.gated.asked = append(res.gated.asked[:0], w.judge.Gates()...)
	}
	closed := !res.gated.asked.Covers(g.all)
	for i := range g.seen {
		if first := res.gated.earliest[i]; closed && first.is && g.seen[i].is && first.at.Compare(g.seen[i].at) < 0 {
			g.add(g.all)
		}
		if closed {
			g.judged[i].raise(res.gated.after[i])
		}
		g.seen[i].raise(res.gated.after[i])
	}
	return nil
}
