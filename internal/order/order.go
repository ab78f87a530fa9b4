// Package order puts events in the order of time within a budget of memory.
//
// An Orderer stands between those that judge events, who hand them over more or
// less as they come, and the state of sequences, which wants them in total order:
// by time, none first; by tiebreaker, none last; by arrival; and among equal
// timestamps each agent's events by event.sequence, as event.Sort has it.
//
// It holds everything back until it is closed, as long as the budget lasts, so
// that an input that fits is put in order whatever its disorder. When the budget
// is used up and the events come nearly in order, the older ones are given out;
// else they go, sorted, to a temporary file, and all is merged at the end.
//
// An event that comes in order costs a few nanoseconds and no allocation, but for
// chunks, which are used again. One that some query's condition accepted is copied
// into them, without pointers but that to its document, which is kept alive until
// it is given or spilled: 108 bytes with one hit of one key, 28 more with each other
// such hit. An event without a hit is a record of 40 bytes if its agent numbers its
// events, and nothing at all otherwise. What must be held whole is what one agent
// and others with event.sequence say happened at one timestamp: only that can take
// more memory than the budget.
//
// An event without time is never too late: one that comes after others were given
// is among the next that are.
//
// An Orderer belongs to one goroutine.
package order

import (
	"errors"
	"time"

	"github.com/tripline-sec/tripline/internal/sequence"
	"github.com/tripline-sec/tripline/internal/value"
)

// DefaultBudget is the budget in bytes where none is given.
const DefaultBudget = 128 << 20

// ErrTooLate says that an event came that lies before, or at the time of, what
// had been given out already. Whoever can read the input again begins anew with
// Options.Spill.
var ErrTooLate = errors.New("an event came too late to be put in order")

// Options say how an Orderer goes about it.
type Options struct {
	// Budget is how many bytes events may take in memory; 0 = DefaultBudget.
	Budget int64

	// Out takes the events that have hits, in order. An event is on loan for the
	// call, its hits and keys too: Out may change its fields and the slice of hits,
	// not the keys. The document may be kept; that of an event that was spilled is
	// another one with the same content. Out must not call the Orderer.
	Out func(*sequence.Event)

	// Spill gives nothing before Close: what the budget can not hold is spilled.
	// Then no event is too late.
	Spill bool

	// Late takes an event with hits that came too late, on loan as Add has it, and
	// then it is no error. nil: it is ErrTooLate.
	Late func(*sequence.Event)

	// Spilled is told, once, before the first events go to a temporary file.
	Spilled func(Report)

	// TempDir is the folder of the temporary file; "" = that of the system.
	TempDir string

	// Create makes the temporary file; nil = a file in TempDir that is removed
	// when it is closed, or sooner.
	Create func(folder string) (TempFile, error)
}

// Report says why events are spilled.
type Report struct {
	Folder   string // of the temporary file
	Asked    bool   // by Options.Spill; else the disorder is too great for the budget
	Budget   int64
	Disorder time.Duration // the greatest so far, see Stats
	Span     time.Duration // from the oldest to the newest event in memory
}

// Stats says what an Orderer has done so far.
type Stats struct {
	Given    int   // events handed to Out
	Released int   // of these, before Close
	Late     int   // events with hits that came too late
	Spilled  int   // events in the temporary file, those without hits too
	Runs     int   // sorted runs in it
	Bytes    int64 // its size
	Peak     int64 // the most bytes that events took in memory

	OutOfOrder int           // events older than one that came before
	Disorder   time.Duration // by how much at most: newest time seen, less the event's own
}

// Orderer puts events in order. Make one with New.
type Orderer struct {
	opts  Options
	stats Stats
	err   error // the first; nothing is taken or given after it

	chunks int    // how many records a full chunk has
	first  room   // what a new chunk begins with
	open   *chunk // takes the next event
	lanes  []*lane
	bytes  int64 // what events take now
	spares []*chunk
	spare  int64 // what spares take
	file   *spill
	closed bool
	lent   loan // what Out has

	ties  ties
	newer bool          // there is a newest
	last  value.Instant // the newest time seen

	floored bool          // events were given out before Close,
	floor   value.Instant // the newest of them at this time
}

// New returns an empty Orderer.
func New(opts Options) *Orderer {
	if opts.Budget <= 0 {
		opts.Budget = DefaultBudget
	}
	if opts.Create == nil {
		opts.Create = createTemp
	}
	o := &Orderer{opts: opts, open: &chunk{}, first: room{records: firstRecords}}
	o.chunks = int(min(max(opts.Budget/(128*recordBytes), 8), mostRecords))
	o.ties.give = o.give
	return o
}

// Add takes an event. It copies what it needs, so that the caller may use e and
// its slices again; a document is kept by its pointer. What goes wrong is told
// by Err and Close.
func (o *Orderer) Add(e *sequence.Event) {
	if o.err != nil || o.closed {
		return
	}
	if e.HasTime {
		if o.newer && before(e.Time, o.last) {
			o.disordered(e.Time)
		} else {
			o.last, o.newer = e.Time, true
		}
	}
	if e.Doc == nil && !holdsPlace(e) {
		return // it is not given, and holds no place that another could take
	}
	if o.floored && e.HasTime && !before(o.floor, e.Time) {
		o.late(e)
		return
	}
	if placeOnly(e) {
		if len(o.open.records) == cap(o.open.records) {
			if o.ready(&load{room: room{records: 1}}); o.err != nil {
				return
			}
		}
		o.open.addPlace(e)
		return
	}
	l := loadOf(e)
	if o.bytes+o.spare+l.bytes > o.opts.Budget || !o.open.fits(&l.room) {
		if o.ready(&l); o.err != nil {
			return
		}
	}
	o.open.add(e, &l)
	o.hold(l.bytes)
}

func before(t, u value.Instant) bool { return t.Sec < u.Sec || t.Sec == u.Sec && t.Nsec < u.Nsec }

// disordered notes how far an event lies behind the newest.
func (o *Orderer) disordered(at value.Instant) {
	o.stats.OutOfOrder++
	o.stats.Disorder = max(o.stats.Disorder, o.last.Sub(at))
}

// ready makes room for an event in the open chunk and in the budget.
func (o *Orderer) ready(l *load) {
	if len(o.open.records) == o.chunks {
		o.seal()
	}
	grown := o.open.grown(&l.room, &o.first, o.chunks)
	if o.bytes > 0 && o.bytes+l.bytes+grown.bytes()-o.open.bytes() > o.opts.Budget {
		if o.makeRoom(); o.err != nil {
			return
		}
	}
	o.reuse()
	grown = o.open.grown(&l.room, &o.first, o.chunks)
	more := grown.bytes() - o.open.bytes()
	o.trim(more + l.bytes)
	o.open.grow(&grown)
	o.hold(more)
}

// late deals with an event that came too late.
func (o *Orderer) late(e *sequence.Event) {
	switch {
	case o.opts.Late == nil:
		o.fail(ErrTooLate)
	case e.Doc != nil:
		o.stats.Late++
		o.opts.Late(e)
	}
}

// hold counts bytes that events take now; less than 0 gives them back.
func (o *Orderer) hold(bytes int64) {
	o.bytes += bytes
	o.stats.Peak = max(o.stats.Peak, o.bytes+o.spare)
}

// give hands an event out, which has a body, or drops one that only held a place.
func (o *Orderer) give(c *chunk, r *record) {
	o.bytes -= int64(c.bodyOf(r).size)
	doc := c.takeDoc(r)
	if doc == nil {
		return
	}
	e := o.lent.of(c, r)
	e.Doc = doc
	o.stats.Given++
	o.opts.Out(e)
}

// fail remembers the first error and lets go of everything.
func (o *Orderer) fail(err error) {
	if o.err == nil {
		o.err = err
	}
	o.drop()
}

func (o *Orderer) drop() {
	o.open, o.lanes, o.bytes, o.spares, o.spare, o.lent = &chunk{}, nil, 0, nil, 0, loan{}
	o.ties.clear()
	if o.file != nil {
		o.file.close()
		o.file = nil
	}
}

// Err returns what went wrong so far, as Close will. It costs nothing.
func (o *Orderer) Err() error { return o.err }

// Stats returns what was done so far.
func (o *Orderer) Stats() Stats { return o.stats }

// Close gives the rest and removes the temporary file. After an error nothing is
// given any more, and what was given is only a part.
func (o *Orderer) Close() error {
	if o.closed {
		return o.err
	}
	o.closed = true
	if o.err == nil {
		if err := o.giveAll(); err != nil {
			o.fail(err)
		}
	}
	o.drop()
	return o.err
}
