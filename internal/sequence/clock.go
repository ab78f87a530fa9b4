package sequence

import (
	"math"

	"github.com/tripline-sec/tripline/internal/value"
)

// Every source and host has a clock of its own: the newest time that one of its
// events had. A clock that is ahead makes nobody else late.
//
// What comes late is judged again only in lanes that have not folded it, and a
// lane folds by the slowest of the clocks that may add to it: those of its host
// if the query is Local, else all of them. These are a group. A clock is not
// waited for any more once others have got on by Options.Idle since it last did.
//
// Other things are looked at again after a while, to free memory. That while is
// measured by progress: how far the clock has got on that got on most, or the
// newest time of all, no single step counting for more than half of Idle.

type clockKey struct {
	host   uint64
	source uint32
}

type clock struct {
	clockKey
	newest     value.Instant
	own        int64 // its progress
	seen       int64 // the progress of all when it got on last
	group      int32 // that of its host
	generation uint32
	inAll      bool // it is waited for in the group of all
	inGroup    bool // and in that of its host
}

// group is a set of clocks that are waited for.
type group struct {
	mark    int64 // no acceptable event is older than this less the lateness, ms; it never goes back
	clocks  heap  // by how far they had got when last looked at, ms
	records heap  // matches that wait, by the mark at which to look at them
	host    uint64
	lanes   int // how many refer to it
	members int // clocks of its host
}

// observe takes note of an event's time before its hits are judged.
func (s *State) observe(e *Event) {
	st := &s.stream
	st.source, st.late, st.entry = e.Source, false, 0
	if !e.HasTime {
		return
	}
	st.clock = s.clockOf(clockKey{e.Host, e.Source}, e.Time)
	c := s.clocks.at(st.clock)
	if c.newest.Sub(e.Time) > s.opts.Lateness {
		st.late = true
		return
	}
	s.tellTime(st.clock, e.Time)
	if e.Agent != 0 && e.Sequence.IsNumber() && e.Tiebreaker.IsNull() {
		s.now.arrival = s.register(e)
	}
}

func (s *State) clockOf(key clockKey, now value.Instant) int32 {
	if c := s.stream.clock; c != 0 && s.clocks.at(c).clockKey == key {
		return c
	}
	if c, ok := s.stream.clocks[key]; ok {
		return c
	}
	g, ok := s.stream.groups[key.host]
	if !ok {
		g = s.newGroup(key.host)
	}
	s.groups[g].members++
	c := s.newClock(key, now, g)
	s.stream.clocks[key] = c
	return c
}

func (s *State) newClock(key clockKey, now value.Instant, group int32) int32 {
	i := s.clocks.take()
	c := s.clocks.at(i)
	*c = clock{clockKey: key, newest: now, own: s.stream.progress, seen: s.stream.progress, group: group, generation: c.generation}
	return i
}

// forget leaves nothing of a clock; what waits for it will not know it any more.
func (c *clock) forget() { *c = clock{generation: c.generation + 1} }

func (s *State) newGroup(host uint64) int32 {
	var g int32
	if n := len(s.stream.unused); n > 0 {
		g = s.stream.unused[n-1]
		s.stream.unused = s.stream.unused[:n-1]
	} else {
		g = int32(len(s.groups)) //nolint:gosec // as many as hosts
		s.groups = append(s.groups, group{})
	}
	s.groups[g] = group{mark: math.MinInt64, host: host}
	s.stream.groups[host] = g
	return g
}

// leaveGroup is told when a lane is forgotten.
func (s *State) leaveGroup(g int32) {
	s.groups[g].lanes--
	s.dropGroup(g)
}

func (s *State) dropGroup(g int32) {
	if of := &s.groups[g]; g != 0 && of.lanes == 0 && of.members == 0 {
		delete(s.stream.groups, of.host)
		*of = group{}
		s.stream.unused = append(s.stream.unused, g)
	}
}

// tellTime moves a clock.
func (s *State) tellTime(i int32, now value.Instant) {
	c := s.clocks.at(i)
	if step := now.Sub(s.stream.newest); step > 0 {
		s.stream.leading += int64(min(step, s.opts.Idle/2))
		s.stream.progress = max(s.stream.progress, s.stream.leading)
		s.stream.newest = now
	}
	if step := now.Sub(c.newest); step > 0 {
		if s.silent(c) {
			c.own = s.stream.progress
		}
		c.own += int64(min(step, s.opts.Idle/2))
		s.stream.progress = max(s.stream.progress, c.own)
		c.seen, c.newest = s.stream.progress, now
	}
	if s.silent(c) {
		return // its time stands still
	}
	t := timer{at: c.newest.UnixMilli(), id: i, generation: c.generation}
	if !c.inAll {
		c.inAll = true
		s.groups[0].clocks.push(t)
	}
	if !c.inGroup && c.group != 0 {
		c.inGroup = true
		s.groups[c.group].clocks.push(t)
	}
}

// silent reports whether a clock is not waited for.
func (s *State) silent(c *clock) bool { return s.stream.progress-c.seen > int64(s.opts.Idle) }

// markOf brings the mark of a group up to date.
func (s *State) markOf(number int32) int64 {
	g := &s.groups[number]
	for len(g.clocks) > 0 {
		top := &g.clocks[0]
		c := s.clocks.at(top.id)
		switch ms := c.newest.UnixMilli(); {
		case top.generation != c.generation:
			g.clocks.pop()
		case s.silent(c):
			if number == 0 {
				c.inAll = false
			} else {
				c.inGroup = false
			}
			g.clocks.pop()
		case ms > top.at:
			top.at = ms
			g.clocks.sink()
		default:
			g.mark = max(g.mark, ms)
			return g.mark
		}
	}
	if number != 0 {
		g.mark = max(g.mark, s.markOf(0))
	}
	return g.mark
}

// mark is how late it is for a lane, in milliseconds.
func (s *State) mark(l int32) int64 {
	if s.opts.Sorted {
		return s.groups[0].mark
	}
	return s.markOf(s.lanes.at(l).group())
}

// floor is the millisecond before which nothing can come into a lane any more.
func (s *State) floor(l int32) int64 {
	if s.opts.Sorted {
		return s.groups[0].mark
	}
	return plus(s.markOf(s.lanes.at(l).group()), -milliseconds(s.opts.Lateness))
}

// settle does what has become due.
func (s *State) settle() {
	if c := s.stream.clock; c != 0 {
		s.settleGroup(s.clocks.at(c).group)
	}
	s.settleGroup(0)
	s.foldDue()
	s.dropTies()
	s.expire(s.stream.progress)
	if s.stream.progress > s.stream.round || len(s.stream.clocks) > 2*maxClocks {
		s.stream.round = plus(s.stream.progress, int64(s.opts.Idle)/4)
		s.goRound()
	}
}

func (s *State) settleGroup(g int32) {
	if len(s.groups[g].records) > 0 {
		s.markOf(g)
		s.decide(g)
	}
}

// maxClocks is how many clocks are kept before silent ones are forgotten. The
// next event of such a host counts as its first. Where there are twice as many,
// all go.
const maxClocks = 1 << 16

// goRound looks at the groups whose clocks may all be silent.
func (s *State) goRound() {
	for g := range s.groups {
		s.settleGroup(int32(g)) //nolint:gosec // as many as hosts
	}
	most := len(s.stream.clocks)
	if most <= maxClocks {
		return
	}
	for key, i := range s.stream.clocks {
		c := s.clocks.at(i)
		if i == s.stream.clock || !s.silent(c) && most <= 2*maxClocks {
			continue
		}
		delete(s.stream.clocks, key)
		g := c.group
		c.forget()
		s.clocks.give(i)
		s.groups[g].members--
		s.dropGroup(g)
	}
}
