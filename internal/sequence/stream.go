package sequence

import "math"

type undo uint8

const (
	undoBegin undo = iota
	undoExtend
	undoTake
)

type group struct {
	mark    int64
	records heap
}
type hit struct{ record int32 }
type stream struct {
	source   uint32
	late     bool
	progress int64
	clocks   map[int]int
}

func (s *State) log(hit int32, what undo, i int32)                               {}
func (s *State) observe(e *Event)                                                {}
func (s *State) folded(q int32, key [4]uint32) bool                              { return false }
func (s *State) retain(q int32, p *plan, key [4]uint32, in set)                  {}
func (s *State) settle()                                                         {}
func (s *State) leaveGroup(g int32)                                              {}
func (s *State) mark(l int32) int64                                              { return s.groups[0].mark }
func (s *State) floor(l int32) int64                                             { return s.groups[0].mark }
func (s *State) judgeAgain(l int32, p *plan)                                     {}
func (s *State) finally(p *plan, r int32) int64                                  { return 0 }
func (s *State) decideHit(r int32)                                               {}
func (s *State) completeHit(l int32, p *plan, before int32, e *place, hit int32) {}
func (s *State) foldAll(l int32)                                                 {}
func (s *State) oldestHit() int64                                                { return math.MaxInt64 }
func (s *State) evictHits()                                                      {}
func (s *State) streamBytes() int64                                              { return 0 }
func (s *State) expireLate(c *class, i int32) bool                               { return true }
func tick(at int64) uint32                                                       { return uint32(at) }
func ofTick(at uint32) int64                                                     { return int64(at) }
func (s *stream) begin()                                                         {}

// Close is the end of input: what waits is decided, and samples are reported.
func (s *State) Close() {
	g := &s.groups[0]
	g.mark = math.MaxInt64
	for len(g.records) > 0 {
		t := g.records.pop()
		if s.records.at(t.id).generation == t.generation {
			l := s.records.at(t.id).lane
			s.judge(t.id)
			s.dropIfEmpty(l)
		}
	}
	s.tellSamples()
	s.purgeAll(nil)
}
