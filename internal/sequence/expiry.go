package sequence

import (
	"time"

	"github.com/tripline-sec/tripline/internal/value"
)

// class is what all queries of one maxspan have in common: their partials expire
// in the order in which they began.
type class struct {
	span     time.Duration
	partials list
	looks    queue[look]
	queued   bool // it stands in State.expiry
}

// look says when to see whether the offenders of a lane still matter.
type look struct {
	due        int64
	extra      int32
	generation uint32
}

// classOf returns the number of the class of a span.
func (s *State) classOf(span time.Duration) int32 {
	for i := range s.classes {
		if s.classes[i].span == span {
			return int32(i) //nolint:gosec // a few thousand at most
		}
	}
	s.classes = append(s.classes, class{span: span})
	return int32(len(s.classes) - 1) //nolint:gosec // a few thousand at most
}

// The clock by which things are looked at again. In sorted mode it is the time
// of the newest event, in nanoseconds, and a partial is due when it has expired.
// In a stream it is State.stream.progress, which no clock that is wrong can drive
// far; then what is due is compared with the clocks that count for its lane.

// later is the reading of that clock when a span that begins now is over.
func (s *State) later(span time.Duration) int64 {
	if s.opts.Sorted {
		return plus(nanos(s.now.at), int64(span))
	}
	return plus(s.stream.progress, plus(int64(span), int64(s.opts.Lateness)))
}

// watch puts a partial at the end of its class's list.
func (s *State) watch(number, i int32) {
	c := &s.classes[number]
	s.append(&c.partials, agedLinks, i)
	if !s.opts.Sorted {
		s.partials.at(i).due = tick(s.later(c.span))
	}
	s.queueClass(number)
}

// toTail puts a partial at the end of its class's list again. That of a window
// moves with its first event: it may then be seen a span later than it could be.
func (s *State) toTail(c *class, i int32) {
	s.unlink(&c.partials, agedLinks, i)
	s.append(&c.partials, agedLinks, i)
	if !s.opts.Sorted {
		s.partials.at(i).due = tick(s.later(c.span))
	}
}

func (s *State) queueClass(number int32) {
	c := &s.classes[number]
	if due, ok := s.classDue(c); ok && !c.queued {
		c.queued = true
		s.expiry.push(timer{at: due, id: number})
	}
}

// classDue is when the first of the class is due.
func (s *State) classDue(c *class) (due int64, ok bool) {
	if i := c.partials.head; i != 0 {
		due, ok = s.partialDue(c, i), true
	}
	if c.looks.size > 0 && (!ok || c.looks.front().due < due) {
		due, ok = c.looks.front().due, true
	}
	return due, ok
}

func (s *State) partialDue(c *class, i int32) int64 {
	p := s.partials.at(i)
	if s.opts.Sorted {
		return plus(nanos(s.cells.at(p.first).at.instant()), int64(c.span))
	}
	return ofTick(p.due)
}

// expire looks at everything that is due before now, each class once.
func (s *State) expire(now int64) {
	for len(s.expiry) > 0 && s.expiry[0].at < now {
		number := s.expiry[0].id
		c := &s.classes[number]
		s.expirePartials(c, now)
		for n := c.looks.size; n > 0 && c.looks.front().due < now; n-- {
			s.look(number, c.looks.pop())
		}
		due, ok := s.classDue(c)
		if !ok {
			c.queued = false
			s.expiry.pop()
			continue
		}
		s.expiry[0].at = max(due, now)
		s.expiry.sink()
	}
}

// expirePartials drops those that no event to come can finish.
func (s *State) expirePartials(c *class, now int64) {
	if s.opts.Sorted {
		over := func(of *cell) bool { return s.now.at.Sub(of.at.instant()) > c.span }
		for i := c.partials.head; i != 0 && over(s.cells.at(s.partials.at(i).first)); i = c.partials.head {
			if found := s.partials.at(i); found.window > 0 && s.shrink(s.planOf(found.lane), found, over) {
				s.toTail(c, i)
			} else {
				s.expirePartial(i)
			}
		}
		return
	}
	for i, tail := c.partials.head, c.partials.tail; i != 0 && ofTick(s.partials.at(i).due) < now; {
		next := s.partials.at(i).aged.next
		if !s.expireLate(c, i) { // seen again later
			s.toTail(c, i)
		}
		if i == tail {
			return
		}
		i = next
	}
}

func (s *State) expirePartial(i int32) {
	l := s.partials.at(i).lane
	s.planOf(l).stats.Expired++
	s.drop(i)
	s.dropIfEmpty(l)
}

// lookLater sees to it that the lane's offenders do not stay for ever.
func (s *State) lookLater(p *plan, x int32) {
	e := s.extras.at(x)
	if e.looking {
		return
	}
	e.looking = true
	s.classes[p.class].looks.push(look{due: s.later(p.Span), extra: x, generation: e.generation})
	s.queueClass(p.class)
}

func (s *State) look(number int32, at look) {
	x := s.extras.at(at.extra)
	if x.generation != at.generation {
		return
	}
	x.looking = false
	l := x.lane
	p := s.planOf(l)
	s.trim(x, p, s.floor(l))
	if x.empty() {
		s.dropIfEmpty(l)
		return
	}
	for i := range x.offenders {
		if x.offenders[i].len() > 0 {
			x.looking = true
			s.classes[number].looks.push(look{due: s.later(p.Span), extra: at.extra, generation: at.generation})
			return
		}
	}
}

// pass tells a sorted state how late it is.
func (s *State) pass(now value.Instant) {
	g := &s.groups[0]
	if ms := now.UnixMilli(); ms > g.mark {
		g.mark = ms
		s.decide(0)
	}
	s.expire(nanos(now))
}
