package pass

import (
	"time"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/value"
)

// route is the way of a rule's hits into one of its windows.
type route struct {
	job, window int
	low, high   time.Time
	axis        schedule.Axis
	local       int32 // the number of the window's query in its state

	strict             bool // the range test is that of the rule's own fields:
	primary, secondary int  // their slots; -1: none
}

func routesOf(p *engine.Program, j *schedule.Job, number int) []route {
	slot := func(path string) int {
		if path == "" {
			return -1
		}
		return p.Schema().Slot(path)
	}
	var out []route
	for i, w := range j.Windows {
		out = append(out, route{
			job: number, window: i, low: w.Low, high: w.High, axis: j.Rule.Axis,
			strict: j.Strict, primary: slot(j.Rule.Primary), secondary: slot(j.Rule.Secondary),
		})
	}
	return out
}

// takes reports whether an event, which stands in the row, lies in the window.
func (r *route) takes(e *schedule.Event, row *event.Row) bool {
	if !r.strict {
		return r.within(e.On(r.axis))
	}
	if head := headOf(row, r.primary); head >= 0 {
		return r.anyWithin(row, head)
	}
	head := headOf(row, r.secondary)
	return head >= 0 && r.anyWithin(row, head)
}

func headOf(row *event.Row, slot int) int32 {
	if slot < 0 {
		return -1
	}
	return row.Head(slot)
}

// anyWithin reports whether one of a field's values lies in the window, as a range
// query of Elasticsearch has it.
func (r *route) anyWithin(row *event.Row, head int32) bool {
	for i := head; i >= 0; i = row.At(i).Next {
		if v := value.Coerce(row.At(i).Value(), value.TypeDate, ""); v.Kind() == value.Date && r.within(v.Instant().Time()) {
			return true
		}
	}
	return false
}

func (r *route) within(t time.Time) bool { return !t.Before(r.low) && !t.After(r.high) }
