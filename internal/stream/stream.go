package stream

import (
	"fmt"
	"math"
)

// Stream gives the documents of one stream, one after another.
type Stream struct {
	opts  Options
	scene *scene
	clock *clock

	background int  // events yet to come that are not planted
	timed      bool // the next of them has its time
	hot        *job // whose events follow closely
	plants     *planter
	held       *disorder
}

// New readies a stream: it makes the hosts, and finds events for the rules, which
// takes some milliseconds a rule. Rules of which no match can be planted are no
// error: see Unplanted.
func New(opts Options) (*Stream, error) {
	if err := opts.settle(); err != nil {
		return nil, err
	}
	c, err := readCatalog()
	if err != nil {
		return nil, err
	}
	start := opts.Start.UnixNano()
	s := &Stream{opts: opts, scene: &scene{dice: newDice(opts.Seed, "events"), now: start, catalog: c}}
	for n := range opts.Hosts {
		s.scene.hosts = append(s.scene.hosts, newHost(s.scene.dice, c, n, start))
	}
	for _, h := range s.scene.hosts {
		h.start(s.scene.dice, c, s.scene, placesOf(opts.Hosts))
	}
	s.plants = newPlanter(&opts, s.scene)
	s.background = opts.Events - s.plants.events
	if s.background < 0 {
		return nil, &TooFewError{Events: opts.Events, Planted: s.plants.events}
	}
	step := float64(opts.Duration) / float64(max(s.background, 1))
	s.clock = &clock{dice: newDice(opts.Seed, "times"), start: start, step: step, last: start}
	if opts.Disorder > 0 {
		s.held = &disorder{dice: newDice(opts.Seed, "disorder"), most: int64(opts.Disorder)}
	}
	return s, nil
}

// TooFewError says that the planted matches have more events than there shall be.
type TooFewError struct{ Events, Planted int }

func (e *TooFewError) Error() string {
	return fmt.Sprintf("make stream: the matches to plant have %d events, which is more than %d", e.Planted, e.Events)
}

// placesOf is how many jobs a host has at a time.
func placesOf(hosts int) int {
	if hosts > 100 {
		return 3
	}
	return 6
}

// Next appends the next document to dst, without a newline. It returns false at the
// end.
func (s *Stream) Next(dst []byte) ([]byte, bool) {
	if s.held == nil {
		dst, _, ok := s.make(dst)
		return dst, ok
	}
	for !s.held.ready() {
		doc, at, ok := s.make(s.held.buffer())
		if !ok {
			s.held.ended = true
			break
		}
		s.held.push(doc, at)
	}
	return s.held.pop(dst)
}

// make makes the next document in the order of time.
func (s *Stream) make(dst []byte) ([]byte, int64, bool) {
	until := int64(math.MaxInt64)
	if s.background > 0 {
		if !s.timed {
			s.timed = true
			s.tick()
		}
		until = s.clock.last
	}
	if doc, at, ok := s.plants.take(dst, until); ok {
		return doc, at, true
	}
	s.background += s.plants.lost // others in the place of those that came to nothing
	s.plants.lost = 0
	if s.background == 0 {
		return dst, 0, false
	}
	s.background--
	s.timed = false
	s.scene.now = s.clock.last
	return s.draw(dst), s.clock.last, true
}

// tick sets the time of the next event that is not planted.
func (s *Stream) tick() {
	if s.clock.count > 0 && s.clock.chance(s.opts.Ties) {
		s.clock.count++ // it has the time of the one before
		return
	}
	s.clock.next(s.hot != nil)
}
