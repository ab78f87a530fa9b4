package order

import (
	"sort"
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

// releaseStep is after how many events it is asked whether enough was given.
const releaseStep = 64

// release gives the oldest events until half of the budget is free, or until
// what is left is no older than the disorder. A time is given whole.
func (o *Orderer) release() error {
	m, err := newMerge(o.sources())
	if err != nil {
		return err
	}
	given := o.stats.Given
	var last *record // the last event given that has a time
	var at record
	for !m.empty() {
		s := m.stretch()
		n := o.releasable(s.records(), last)
		if n == 0 {
			break
		}
		s.cut(n)
		if at = s.chunk.records[s.to-1]; at.hasTime() {
			last = &at
		}
		o.ties.take(&s)
		if err := m.pass(n); err != nil {
			return err
		}
	}
	o.ties.flush()
	o.lanesLeft()
	if last != nil {
		o.floor, o.floored = last.time(), true
	}
	o.stats.Released += o.stats.Given - given
	return nil
}

// releasable returns how many of the events that come next may be released now,
// the last of which were of the time of last.
func (o *Orderer) releasable(rs []record, last *record) int {
	rs = rs[:min(len(rs), releaseStep)]
	count := func(behind func(*record) bool) int {
		return sort.Search(len(rs), func(i int) bool { return behind(&rs[i]) })
	}
	switch {
	case !rs[0].hasTime():
		return count((*record).hasTime)
	case o.bytes > o.opts.Budget/2:
		return count(func(r *record) bool { return o.last.Sub(r.time()) <= o.stats.Disorder })
	case last != nil:
		return count(func(r *record) bool { return !r.sameTime(last) })
	}
	return 0
}

// giveAll gives everything.
func (o *Orderer) giveAll() error {
	o.seal()
	o.spares, o.spare = nil, 0
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
		s := m.stretch()
		o.ties.take(&s)
		if err := m.pass(s.to - s.from); err != nil {
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
		s := m.stretch()
		rs := s.records()
		for i := range rs {
			r := &rs[i]
			e := o.lent.of(s.chunk, r)
			if r.extra != 0 {
				e.Doc = s.chunk.takeDoc(r)
				o.bytes -= int64(s.chunk.bodyOf(r).size)
			}
			if err := run.add(e); err != nil {
				return err
			}
		}
		if err := m.pass(len(rs)); err != nil {
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
