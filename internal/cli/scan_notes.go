package cli

import (
	"fmt"
	"time"

	"github.com/tripline-sec/tripline/internal/inspect"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/show"
)

// ruleNotes says what went wrong for one rule.
func (s *scan) ruleNotes(r *readyRule, q replay.QueryReport) []string {
	var notes []string
	say := func(format string, args ...any) {
		notes = append(notes, fmt.Sprintf("rule %q: ", show.Escape(r.rule.Name))+fmt.Sprintf(format, args...))
	}
	if q.Bad > 0 {
		say("%s counted as false, the first: %s", counted(q.Bad, "bad value", "bad values"), show.Escape(badValueText(q.FirstBad)))
	}
	if q.NoTime > 0 {
		say("%s without timestamp left out", counted(q.NoTime, "document", "documents"))
	}
	if q.Late > 0 {
		say("%s came too late to be put in order, and left out", counted(q.Late, "event", "events"))
	}
	if q.Evicted > 0 {
		say("%s dropped, the oldest, for want of memory", counted(q.Evicted, "unfinished sequence", "unfinished sequences"))
	}
	return notes
}

// badValueText tells of a value on which a condition failed.
func badValueText(b *replay.BadValue) string {
	id := b.Doc.ID
	if doc, err := b.Doc.Document(); err == nil {
		id = doc.ID
	}
	return fmt.Sprintf("evaluate line %d:%d on document [%s/%s]: %v", b.Fault.At.Line, b.Fault.At.Col, b.Doc.Index, id, b.Fault.Err)
}

// orderNotes says what there is to tell of the order of events and of what
// surrounds the alerts.
func (s *scan) orderNotes() []string {
	var notes []string
	for _, o := range s.report.Order {
		if o.OutOfOrder > 0 && s.spilled != nil {
			notes = append(notes, fmt.Sprintf("events up to %s out of order: %s sorted on disk",
				o.Disorder.Round(time.Millisecond), counted(o.Spilled, "event", "events")))
		}
	}
	if s.notRead > 0 {
		notes = append(notes, counted(s.notRead, "event", "events")+" around alerts could not be read again: ancestors and what came after may lack some")
	}
	if s.fetchErr != nil {
		notes = append(notes, "events around alerts could not be read again: "+show.Escape(s.fetchErr.Error()))
	}
	if s.cut > 0 {
		notes = append(notes, "what came after "+counted(s.cut, "alert", "alerts")+" is told in part: there is too much of it")
	}
	if n := s.index.Dropped(); n > 0 && s.total("") > 0 {
		notes = append(notes, "ancestors and what came after are told without the first "+counted(n, "event", "events"))
	}
	return notes
}

// blocked returns the rules that cannot match such events.
func (s *scan) blocked() []inspect.Blocked {
	i := inspect.New(s.set.inspected(), inspect.Options{RulesOnly: true})
	census := &s.report.Census
	if census.Overflow {
		i.Overflow()
	}
	for n := range census.Classes {
		c := &census.Classes[n]
		i.TakeClass(inspect.Class{Index: c.Index, Count: int(c.Count), Values: c.Values, Fields: c.Has})
	}
	return i.Blocked()
}
