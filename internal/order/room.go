package order

import (
	"time"

	"github.com/tripline-sec/tripline/internal/value"
)

// makeRoom brings what events take well below the budget. They are given out if
// what is in memory spans more than twice the disorder so far, so that there is
// no reason to expect an event before those; else, or where that does not help,
// they are spilled, and then nothing is given before the end.
func (o *Orderer) makeRoom() {
	o.seal()
	if !o.opts.Spill && o.file == nil && o.stats.Disorder < o.span()/2 {
		if err := o.release(); err != nil {
			o.fail(err)
			return
		}
		if o.bytes <= o.opts.Budget/4*3 {
			return
		}
	}
	if err := o.spill(); err != nil {
		o.fail(err)
	}
}

// span is the time from the oldest to the newest event in memory. All chunks
// must be sealed.
func (o *Orderer) span() time.Duration {
	oldest := o.last
	for _, l := range o.lanes {
		if at, ok := l.oldest(); ok && at.Compare(oldest) < 0 {
			oldest = at
		}
	}
	return o.last.Sub(oldest)
}

// oldest is the time of the first event that has one.
func (l *lane) oldest() (value.Instant, bool) {
	from := l.at
	for _, c := range l.chunks {
		for i := range c.records[from:] {
			if r := &c.records[from+i]; r.hasTime() {
				return r.time(), true
			}
		}
		from = 0
	}
	return value.Instant{}, false
}

// release gives the oldest events until half of the budget is free, or until
// what is left is no older than the disorder. A time is given whole.
func (o *Orderer) release() error {
	m, err := newMerge(o.sources())
	if err != nil {
		return err
	}
	given := o.stats.Given
	var at value.Instant
	begun := false
	for !m.empty() {
		h := m.head()
		if h.hasTime() && !(begun && h.time() == at) {
			if o.bytes <= o.opts.Budget/2 || o.last.Sub(h.time()) <= o.stats.Disorder {
				break
			}
			at, begun = h.time(), true
		}
		o.ties.take(h)
		if err := m.pass(); err != nil {
			return err
		}
	}
	o.ties.flush()
	o.lanesLeft()
	if begun {
		o.floor, o.floored = at, true
	}
	o.stats.Released += o.stats.Given - given
	return nil
}

// giveAll gives everything.
func (o *Orderer) giveAll() error {
	o.seal()
	if o.file != nil && o.bytes+o.file.readers() > o.opts.Budget {
		if err := o.spill(); err != nil {
			return err
		}
	}
	sources := o.sources()
	if o.file != nil {
		if err := o.file.check(); err != nil {
			return err
		}
		o.hold(o.file.readers())
		for _, r := range o.file.runs {
			sources = append(sources, o.file.reader(r, o.hold))
		}
	}
	m, err := newMerge(sources)
	if err != nil {
		return err
	}
	for !m.empty() {
		o.ties.take(m.head())
		if err := m.pass(); err != nil {
			return err
		}
	}
	o.ties.flush()
	return nil
}

func (o *Orderer) sources() []source {
	all := make([]source, len(o.lanes))
	for i, l := range o.lanes {
		all[i] = l
	}
	return all
}

// spill writes all that is in memory to the temporary file, as one sorted run.
func (o *Orderer) spill() error {
	o.seal()
	if len(o.lanes) == 0 {
		return nil
	}
	if o.file == nil {
		if err := o.startSpill(); err != nil {
			return err
		}
	}
	m, err := newMerge(o.sources())
	if err != nil {
		return err
	}
	run := o.file.begin()
	for !m.empty() {
		h := m.head()
		if err := run.add(&h.record, h.kept); err != nil {
			return err
		}
		if h.kept != nil {
			o.hold(-h.kept.bytes)
		}
		if err := m.pass(); err != nil {
			return err
		}
	}
	if err := run.end(); err != nil {
		return err
	}
	o.lanes = nil
	o.stats.Spilled += run.records
	o.stats.Runs++
	o.stats.Bytes = o.file.size
	return nil
}

// startSpill makes the temporary file, and tells so.
func (o *Orderer) startSpill() error {
	folder := folderOf(o.opts.TempDir)
	if o.opts.Spilled != nil {
		o.opts.Spilled(Report{
			Folder: folder, Asked: o.opts.Spill, Budget: o.opts.Budget,
			Disorder: o.stats.Disorder, Span: o.span(),
		})
	}
	var err error
	o.file, err = newSpill(o.opts.Create, folder, o.opts.Budget)
	return err
}
