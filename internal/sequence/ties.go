package sequence

import (
	"math"
	"slices"

	"github.com/tripline-sec/tripline/internal/value"
)

// Among events of one timestamp, the places of one agent's are filled by them in
// order of event.sequence (see event.Sort). So an event, hit or not, may move
// others that came before it, and what is known of their places is kept as long
// as one of their timestamp can come.

// entry is an event that has an agent and a number.
type entry struct {
	number  value.Value // event.sequence
	arrival uint64
	place   uint64 // whose arrival's
	next    int32  // of that timestamp and agent, in order of number and arrival
	hits    int32  // its retained hits, linked by hit.sibling
}

type tieKey struct {
	at    stamp
	agent uint64
}

// tied are the entries of one key: the ends of their list.
type tied struct{ head, tail int32 }

// tieTime says when to forget the entries of a key.
type tieTime struct {
	key        tieKey
	due        int64
	clock      int32
	generation uint32
}

// register returns the event's place and moves the others.
func (s *State) register(e *Event) uint64 {
	key := tieKey{stampOf(e.Time), e.Agent}
	i := s.entries.take()
	s.stream.entry = i
	fresh := s.entries.at(i)
	*fresh = entry{number: e.Sequence, arrival: e.Arrival, place: e.Arrival}
	of, ok := s.stream.sameTime[key]
	if !ok {
		s.stream.sameTime[key] = tied{i, i}
		c := s.stream.clock
		s.stream.tieTimes.push(tieTime{key: key, due: s.foldTime(), clock: c, generation: s.clocks.at(c).generation})
		return e.Arrival
	}
	if last := s.entries.at(of.tail); compareNumbers(last, fresh) <= 0 && last.place < e.Arrival {
		last.next = i
		s.stream.sameTime[key] = tied{of.head, i}
		return e.Arrival
	}
	s.insertEntry(key, of, i)
	s.assignPlaces(key)
	return fresh.place
}

func compareNumbers(a, b *entry) int {
	c, _ := value.Compare(a.number, b.number)
	return c
}

// insertEntry puts an entry into its list.
func (s *State) insertEntry(key tieKey, of tied, i int32) {
	fresh := s.entries.at(i)
	link := &of.head
	for *link != 0 {
		other := s.entries.at(*link)
		if c := compareNumbers(other, fresh); c > 0 || c == 0 && other.arrival > fresh.arrival {
			break
		}
		link = &other.next
	}
	if fresh.next = *link; fresh.next == 0 {
		of.tail = i
	}
	*link = i
	s.stream.sameTime[key] = of
}

// assignPlaces gives the places of a list to its entries, and puts the lanes of
// those that moved in order.
func (s *State) assignPlaces(key tieKey) {
	st := &s.stream
	st.arrivals, st.shifted = st.arrivals[:0], st.shifted[:0]
	of := st.sameTime[key]
	for i := of.head; i != 0; i = s.entries.at(i).next {
		st.arrivals = append(st.arrivals, s.entries.at(i).arrival)
	}
	slices.Sort(st.arrivals)
	n := 0
	for i := of.head; i != 0; i = s.entries.at(i).next {
		if found := s.entries.at(i); found.place != st.arrivals[n] {
			found.place = st.arrivals[n]
			for h := found.hits; h != 0; h = *s.siblingOf(h) {
				if h < 0 {
					s.lanes.at(-h).setPlace(found.place)
					continue
				}
				moved := s.hits.at(h)
				moved.arrival = found.place
				if moved.record != 0 {
					s.records.at(moved.record).arrival = found.place
				}
				st.shifted = append(st.shifted, moved.lane)
			}
		}
		n++
	}
	slices.Sort(st.shifted)
	for i, l := range st.shifted {
		if i == 0 || st.shifted[i-1] != l {
			s.reorder(l, key.at)
		}
	}
}

// reorder puts the hits of one timestamp in order and does them again, with all
// after them, if they were not.
func (s *State) reorder(l int32, at stamp) {
	p := s.planOf(l)
	after, inOrder := s.lanes.at(l).hits, true
	for after != 0 && s.hits.at(after).at.instant().Compare(at.instant()) >= 0 {
		older := s.older(l, after)
		if older != 0 && s.hits.at(older).at == at && s.compareHits(older, after) > 0 {
			inOrder = false
		}
		after = older
	}
	if inOrder {
		return
	}
	for h := s.lanes.at(l).hits; h != after; h = s.older(l, h) {
		s.undo(l, p, h)
	}
	order := s.stream.tieOrder[:0]
	for h := s.following(l, after); h != 0 && s.hits.at(h).at == at; h = s.newer(l, h) {
		order = append(order, h)
	}
	s.stream.tieOrder = order
	for _, h := range order {
		s.removeHit(l, h)
	}
	slices.SortFunc(order, s.compareHits)
	for i, h := range order {
		if i > 0 {
			s.insertHit(l, h, order[i-1])
		} else {
			s.insertHit(l, h, after)
		}
	}
	for h := order[0]; h != 0; h = s.newer(l, h) {
		s.redo(l, p, h)
	}
}

// following returns the hit after another, or the oldest if that is 0.
func (s *State) following(l, after int32) int32 {
	if after == 0 {
		return s.hits.at(s.lanes.at(l).hits).next
	}
	return s.newer(l, after)
}

// adopt lets the entry of the event that is fed know of its hit.
func (s *State) adopt(h int32) {
	if i := s.stream.entry; i != 0 {
		found := s.entries.at(i)
		s.hits.at(h).entry, s.hits.at(h).sibling = i, found.hits
		found.hits = h
	}
}

func (s *State) disown(h int32) {
	found := s.hits.at(h)
	if found.entry == 0 {
		return
	}
	*s.linkTo(found.entry, h) = found.sibling
}

// linkTo returns the link that leads to one of an entry's hits.
func (s *State) linkTo(entry, h int32) *int32 {
	link := &s.entries.at(entry).hits
	for *link != h {
		link = s.siblingOf(*link)
	}
	return link
}

// siblingOf is hit.sibling, also of a lane that is alone.
func (s *State) siblingOf(h int32) *int32 {
	if h < 0 {
		return &s.lanes.at(-h).hits
	}
	return &s.hits.at(h).sibling
}

// acceptable reports whether another event of that timestamp and agent can come,
// by the clocks of the host. An agent is taken to have but one.
func (s *State) acceptable(t tieTime) bool {
	c := s.clocks.at(t.clock)
	return c.generation == t.generation &&
		t.key.at.instant().UnixMilli() >= plus(s.markOf(c.group), -milliseconds(s.opts.Lateness))
}

// dropTies forgets entries to whose timestamp nothing can come any more. Hits
// that are still retained keep their places.
func (s *State) dropTies() {
	times := &s.stream.tieTimes
	for n := times.size; n > 0 && times.front().due < s.stream.progress; n-- {
		t := times.pop()
		if s.acceptable(t) {
			t.due = s.foldTime()
			times.push(t)
			continue
		}
		s.dropTie(t.key)
	}
}

func (s *State) dropTie(key tieKey) {
	for i := s.stream.sameTime[key].head; i != 0; {
		found := s.entries.at(i)
		for h := found.hits; h != 0; {
			link := s.siblingOf(h)
			next := *link
			if *link = 0; h < 0 {
				s.lanes.at(-h).fold.nsec = 0
			} else {
				s.hits.at(h).entry = 0
			}
			h = next
		}
		next := found.next
		*found = entry{}
		s.entries.give(i)
		i = next
	}
	delete(s.stream.sameTime, key)
}

// oldestTie is the millisecond of the entries that are to be forgotten first.
func (s *State) oldestTie() int64 {
	if s.stream.tieTimes.size == 0 {
		return math.MaxInt64
	}
	return s.stream.tieTimes.front().key.at.instant().UnixMilli()
}
