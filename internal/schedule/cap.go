package schedule

import (
	"fmt"
	"slices"
	"time"
)

// Cap is how much of its allowance a rule has used up: so many alerts may be told
// from one scheduled run to the next, whether they come of the stream or of the
// schedule. A sequence or sample counts as one and is never split. What is over
// waits, and goes first, the oldest of all first, in the next interval.
//
// The zero Cap has used up nothing.
type Cap struct {
	Start   time.Time `json:"start"`             // of the interval
	Told    int       `json:"told"`              // alerts told in it
	Carried int       `json:"carried,omitempty"` // alerts that wait
}

// Renew begins a new interval if the old one is over at a time. Intervals follow
// one another without a break from the last scheduled run.
func (c *Cap) Renew(now time.Time, interval time.Duration) {
	if c.Start.IsZero() { // no run has begun one
		c.Start = now.Truncate(interval)
		return
	}
	if passed := now.Sub(c.Start); passed >= interval && interval > 0 {
		c.begin(c.Start.Add(passed - passed%interval))
	}
}

// begin begins a new interval.
func (c *Cap) begin(at time.Time) { c.Start, c.Told = at, 0 }

// Left is how many alerts may still be told in the interval.
func (c *Cap) Left(most int) int { return max(most-c.Told, 0) }

// Admit parts what waits: those that were carried and those that are new, in any
// order. The oldest may be told now, the others are carried on. The cap counts
// both.
func Admit[T any](c *Cap, most int, waiting []T, compare func(a, b T) int) (told, carried []T) {
	waiting = slices.Clone(waiting)
	slices.SortStableFunc(waiting, compare)
	n := min(c.Left(most), len(waiting))
	c.Told += n
	c.Carried = len(waiting) - n
	return waiting[:n], waiting[n:]
}

// Text says what is carried on; "" if there is nothing.
func (c *Cap) Text(most int) string {
	switch c.Carried {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("max_signals is %d: 1 alert waits for the next interval", most)
	}
	return fmt.Sprintf("max_signals is %d: %d alerts wait for the next interval, the oldest first", most, c.Carried)
}
