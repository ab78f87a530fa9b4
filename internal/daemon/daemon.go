package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/sink"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

// Daemon is an open data folder and what works on it. Open it, Run it once, Close it.
type Daemon struct {
	opts  Options
	store *store.Store
	state *state.State
	sinks []*sink.Delivery

	reloads sync.Mutex // held while rules are read anew, before passing
	passing sync.Mutex // held while a pass runs, and while rules change
	commits sync.Mutex // held while something is committed, before mu

	mu        sync.Mutex // what follows
	use       *use
	scheduler *schedule.Scheduler
	matters   *pass.Matters
	stream    *engine.Stream // nil: there is none
	resolver  *engine.Resolver
	found     []found   // by the stream, not committed
	fed       time.Time // when the event arrived that the stream is judging
	feeding   uint64    // the arrival that the stream is judging, or has judged last
	again     uint64    // up to here events are read once more after a start
	judged    uint64    // up to where the stream's findings are committed
	told      uint64    // up to where the scheduler knows what arrived
	carried   map[int]time.Time
	indices   map[string]string
	sources   map[string]uint32
	hosts     map[string]*host
	blind     []state.Blind // to be committed,
	telling   int           // of which so many, the first, are being
	loss      loss
	problems  []string
	loaded    time.Time
	until     time.Time // when rules are to be read anew for an exception that expires; zero: never
	next      uint64    // the arrival to go on reading with
	saved     time.Time // when a position was last committed

	tidied   time.Time             // by the goroutine that reads the store,
	failures int                   // as is how often in a row that failed
	wake     chan struct{}         // there may be something for the schedule
	refused  atomic.Pointer[error] // of the last Append
	started  time.Time
	figures  *figures
}

// Open opens a data folder, reads the rules, and finds out where to go on. The error
// is that of the disk, of another daemon that has the folder, or of the rules.
func Open(ctx context.Context, opts Options) (_ *Daemon, err error) {
	opts.fill()
	d := &Daemon{
		opts: opts, carried: map[int]time.Time{}, indices: map[string]string{}, sources: map[string]uint32{},
		hosts: map[string]*host{}, wake: make(chan struct{}, 1), started: opts.Now(),
	}
	loaded, err := opts.Load()
	if err != nil {
		return nil, err
	}
	if d.use, d.problems, err = compile(loaded.Ready); err != nil {
		return nil, err
	}
	d.problems, d.loaded, d.until = append(loaded.Problems, d.problems...), opts.Now(), loaded.Until
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := d.remember(ctx, loaded.Paths); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := d.rewind(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := d.deliveries(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if opts.Registry != nil {
		d.figures = newFigures(d, opts.Registry)
	}
	return d, nil
}

// open opens store and state. The store is opened first: it is what only one daemon
// may have.
func (d *Daemon) open(ctx context.Context) error {
	opts := d.opts.Store
	opts.Now, opts.Told = d.opts.Now, d.notice
	var err error
	if d.store, err = store.Open(d.opts.FS, storeDir(d.opts.Data), opts); err != nil {
		return fmt.Errorf("open event store: %w", err)
	}
	if d.state, err = state.Open(ctx, d.opts.FS, d.opts.Data); err != nil {
		return fmt.Errorf("open state: %w", err)
	}
	return nil
}

// Close gives the folder up.
func (d *Daemon) Close() error {
	var errs []error
	if d.store != nil {
		errs = append(errs, d.store.Close())
	}
	if d.state != nil {
		errs = append(errs, d.state.Close())
	}
	return errors.Join(errs...)
}

// Store and State are what the daemon works on, for who shows them.
func (d *Daemon) Store() *store.Store { return d.store }

// State is where alerts, runs and keys are.
func (d *Daemon) State() *state.State { return d.state }

// newScheduler takes up the ledgers where they were.
func (d *Daemon) newScheduler(ctx context.Context) error {
	ledgers, err := d.state.Ledgers(ctx)
	if err != nil {
		return err
	}
	if d.told, err = d.state.Arrival(ctx, state.SchedulePosition); err != nil {
		return err
	}
	d.scheduler = schedule.New(d.opts.Policy, uuid.NewString)
	d.scheduler.Load(schedule.Saved{Ledgers: ledgers, Position: d.told})
	d.scheduler.Use(d.use.known, d.opts.Now())
	d.matters = pass.NewMatters(d.use.program)
	return nil
}

// newStream starts a stream with no events.
func (d *Daemon) newStream() {
	if !d.opts.Stream {
		return
	}
	d.stream = d.use.stream.NewStream(engine.StreamOptions{
		Lateness: d.opts.Lateness, Hold: d.opts.Hold, Budget: d.opts.Budget, Refer: true, Match: d.match,
	})
	d.resolver = d.use.stream.NewResolver()
}

// Run works until the context ends: then it judges what is stored, delivers what can
// be delivered, and returns. The error is that of a disk that failed for good.
func (d *Daemon) Run(ctx context.Context) error {
	deliver, stopDelivering := context.WithCancel(context.WithoutCancel(ctx))
	defer stopDelivering()
	var work, bring, out sync.WaitGroup
	errs := make([]error, 3)
	work.Go(func() { errs[0] = d.follow(ctx) })
	if d.opts.Schedule {
		work.Go(func() { errs[1] = d.runSchedule(ctx) })
	}
	for _, one := range d.sinks {
		out.Go(func() { _ = one.Run(deliver) })
	}
	work.Go(func() { d.expireExceptions(ctx) })
	back, stopBack := context.WithCancel(context.WithoutCancel(ctx))
	bring.Go(func() { errs[2] = d.alertsAsEvents(back) })
	work.Wait()
	for _, one := range d.sinks {
		one.Finish()
	}
	stopBack()
	bring.Wait()
	finished := make(chan struct{})
	go func() {
		out.Wait()
		close(finished)
	}()
	// A sink that hangs: what it has not taken stays in the outbox. If it does not
	// even give up, as where nobody reads a pipe, it is left behind.
	for range 2 {
		select {
		case <-finished:
		case <-time.After(d.opts.Drain):
			stopDelivering()
		}
	}
	return errors.Join(errs...)
}
