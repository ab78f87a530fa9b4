package sink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Options are those of a Delivery. The zero Options is good.
type Options struct {
	Batch  int // items handed over at once; 0 = DefaultBatch
	Window int // items in memory, delivered out of order at most; 0 = DefaultWindow
	// First and Longest are the first and the longest pause before something is
	// tried again; in between each is half as long again as the one before, give or take half.
	First, Longest time.Duration
	// PassedOver is how often an item may fail while others are taken before it
	// counts as refused for good; 0 = DefaultPassedOver.
	PassedOver int
	// FromStart makes a sink that was never heard of begin with the oldest item of
	// the feed. It begins with what comes from now on otherwise.
	FromStart bool
	// Wants says which items a sink wants; nil: all.
	Wants func(*Item) bool
	Log   *slog.Logger // nil: nothing is told
}

// The defaults of Options.
const (
	DefaultBatch      = 100
	DefaultWindow     = 1000
	DefaultFirst      = 500 * time.Millisecond
	DefaultLongest    = time.Minute
	DefaultPassedOver = 12
)

// Delivery carries one sink along a feed.
type Delivery struct {
	name   string
	sink   Sink
	feed   Feed
	ledger Ledger
	opts   Options
	finish chan struct{}
	once   sync.Once

	// The window: what was fetched and is not yet behind the position.
	waiting []*waiting
	fetched int64 // the highest number in it so far
	pause   *backoff.ExponentialBackOff
	blocked time.Time // the sink is not tried before
	taken   int64     // items taken, to see what passes whom

	mu     sync.Mutex
	status Status
}

// New makes a Delivery and notes in the ledger where a sink that was never heard of
// begins, so that nothing that comes after it is missed: call it before there can be
// new items. The name is the key of the ledger.
func New(ctx context.Context, name string, s Sink, feed Feed, ledger Ledger, opts Options) (*Delivery, error) {
	setDefault(&opts.Batch, DefaultBatch)
	setDefault(&opts.Window, max(DefaultWindow, opts.Batch))
	setDefault(&opts.First, DefaultFirst)
	setDefault(&opts.Longest, DefaultLongest)
	setDefault(&opts.PassedOver, DefaultPassedOver)
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	opts.Log = opts.Log.With("sink", name)
	d := &Delivery{name: name, sink: s, feed: feed, ledger: ledger, opts: opts, finish: make(chan struct{})}
	d.pause = d.newPause()
	seq, known, err := ledger.Position(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read position of sink %s: %w", name, err)
	}
	if !known {
		if !opts.FromStart {
			if seq, err = feed.Head(ctx); err != nil {
				return nil, fmt.Errorf("read head of feed for sink %s: %w", name, err)
			}
		}
		if err := ledger.Done(ctx, name, seq); err != nil {
			return nil, fmt.Errorf("note position of sink %s: %w", name, err)
		}
	}
	d.fetched = seq
	d.status = Status{Name: name, Position: seq}
	return d, nil
}

func setDefault[T int | time.Duration](v *T, to T) {
	if *v <= 0 {
		*v = to
	}
}

func (d *Delivery) newPause() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = d.opts.First, d.opts.Longest
	return b
}

// Name returns the sink's name.
func (d *Delivery) Name() string { return d.name }

// Finish lets Run end once nothing is left to deliver, or the sink is down: what is
// left then stays in the feed for the next start.
func (d *Delivery) Finish() { d.once.Do(func() { close(d.finish) }) }

// Run delivers until the context ends, whose error it returns, or until Finish lets
// it end. It serves once.
func (d *Delivery) Run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		changed := d.feed.Changed()
		blocked := time.Now().Before(d.blocked)
		if !blocked {
			more := d.fetch(ctx)
			due := d.due()
			if len(due) > 0 {
				d.deliver(ctx, due)
			}
			if d.settle(ctx) || len(due) > 0 || more {
				continue
			}
		}
		if d.finished() {
			return nil
		}
		if blocked || len(d.waiting) >= d.opts.Window {
			changed = nil // nothing would be done about it
		}
		d.wait(ctx, changed)
	}
}

// wait waits for the first of what is to come.
func (d *Delivery) wait(ctx context.Context, changed <-chan struct{}) {
	var timer <-chan time.Time
	if at := d.next(); !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-d.finish:
	case <-timer:
	}
}

// finished reports whether Finish was called and there is nothing to be done now.
func (d *Delivery) finished() bool {
	select {
	case <-d.finish:
		return true
	default:
		return false
	}
}

// deliver hands items to the sink and notes what became of each.
func (d *Delivery) deliver(ctx context.Context, due []*waiting) {
	items := make([]Item, len(due))
	for i, w := range due {
		items[i] = w.item
	}
	outcomes, err := d.sink.Deliver(ctx, items)
	if ctx.Err() != nil && err != nil {
		err = nil // it was we who ended it: that says nothing of the sink
	}
	taken := int64(0)
	for i := range min(len(outcomes), len(due)) {
		if outcomes[i].Verdict == Taken {
			due[i].settled, due[i].item.Doc, due[i].item.Blocks = true, nil, nil
			taken++
		}
	}
	d.taken += taken
	var (
		held    string
		holding int
		refused bool
	)
	for i, w := range due {
		o := Outcome{}
		if i < len(outcomes) {
			o = outcomes[i]
		}
		if o.Verdict == Again && o.Reason == "" && err == nil && ctx.Err() == nil {
			o.Reason = "nothing was said of it"
		}
		switch {
		case o.Verdict == Refused:
			refused = true
			d.bury(ctx, w, o.Reason)
		case o.Verdict == Again && o.Reason != "":
			held, holding = o.Reason, holding+1
			d.again(ctx, w, o.Reason)
		}
	}
	switch {
	case err == nil && holding >= fewHeld && taken == 0 && !refused:
		// It is not the items. One or two that fail alone may be at fault themselves,
		// and must not hold up the next.
		d.down(errors.New(held))
	case err != nil:
		d.count(taken, held)
		d.down(err)
	case ctx.Err() == nil:
		d.count(taken, held)
		d.up()
	default:
		d.count(taken, held)
	}
}

// fewHeld is how many items must fail together, and none get through, to say that
// the sink is down.
const fewHeld = 3

// again puts an item off. One that fails while others are taken is refused in
// all but name, and must not be tried for ever.
func (d *Delivery) again(ctx context.Context, w *waiting, reason string) {
	if d.taken > w.taken && w.pause != nil {
		w.passed++
	}
	w.taken = d.taken
	if w.passed >= d.opts.PassedOver {
		d.bury(ctx, w, fmt.Sprintf("not taken %d times while others were: %s", w.passed+1, reason))
		return
	}
	if w.pause == nil {
		w.pause = d.newPause()
	}
	w.due = time.Now().Add(w.pause.NextBackOff())
}

// bury makes an item a dead letter.
func (d *Delivery) bury(ctx context.Context, w *waiting, reason string) {
	if err := d.ledger.Dead(ctx, d.name, w.item, reason); err != nil {
		if ctx.Err() == nil {
			d.down(fmt.Errorf("keep dead letter: %w", err)) // it stays, and is refused again
		}
		return
	}
	w.settled = true
	d.opts.Log.Warn("refused for good, kept as a dead letter", "id", w.item.ID, "reason", reason)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status.Dead++
}

// down notes that nothing gets through, and blocks the sink for a while.
func (d *Delivery) down(err error) {
	pause := d.pause.NextBackOff()
	var asked *Pause
	if errors.As(err, &asked) {
		pause = max(pause, min(asked.After, longestAsked))
	}
	d.blocked = time.Now().Add(pause)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status.Failures++
	d.status.LastError = err.Error()
	if !d.status.Down {
		d.status.Down, d.status.Since = true, time.Now()
		d.opts.Log.Warn("sink is down; alerts wait for it", "error", err)
	}
}

// longestAsked is the longest pause that a receiver is granted.
const longestAsked = 15 * time.Minute

// up notes that the sink answers.
func (d *Delivery) up() {
	d.pause.Reset()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.status.Down {
		d.opts.Log.Info("sink is up again", "after", time.Since(d.status.Since).Round(time.Millisecond))
		d.status.Down, d.status.Since = false, time.Time{}
	}
}

// count takes in what a try has given.
func (d *Delivery) count(taken int64, held string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status.Delivered += taken
	if held != "" {
		d.status.Failures++
		d.status.LastError = held
	}
}
