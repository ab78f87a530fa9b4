package sequence

// lane is what is remembered of one query under one join key. It exists only as
// long as there is something to remember.
type lane struct {
	key   [4]uint32 // a Key
	query int32     // the number of its plan; -1 while it is free
	live  int32     // the partials, the latest stage first
	hits  int32     // stream: the newest of the retained hits, a ring; alone: see hit.sibling
	extra int32     // what few lanes have
	where uint32    // stream: whose clocks count, see clock.go; and what follows
	fold  stamp     // stream: the newest hit that is no longer retained; alone: see alone.go
}

// extra is what only some lanes have: of missing events and of samples.
type extra struct {
	lane       int32
	generation uint32
	looking    bool         // it stands in a queue of looks
	offenders  []milliTimes // by slot, see plan.slots
	records    int32        // matches that are not final, the newest first; of queries with missing events
	pools      [][]candidate
}

// The parts of lane.where.
const (
	laneQueued = 1 << iota // it stands in stream.folds
	laneAlone              // see alone.go
	laneGroup  = ^uint32(laneQueued | laneAlone)
)

// group is a number in State.groups.
func (l *lane) group() int32     { return int32(l.where >> 2) }                  //nolint:gosec // 30 bits
func (l *lane) setGroup(g int32) { l.where = l.where&^laneGroup | uint32(g)<<2 } //nolint:gosec // not negative
func (l *lane) queued() bool     { return l.where&laneQueued != 0 }

func (l *lane) setQueued(is bool) {
	l.where &^= laneQueued
	if is {
		l.where |= laneQueued
	}
}

func splitKey(k Key) [4]uint32 {
	return [4]uint32{uint32(k[0] >> 32), uint32(k[0]), uint32(k[1] >> 32), uint32(k[1])} //nolint:gosec // halves
}

func joinKey(k [4]uint32) Key {
	return Key{uint64(k[0])<<32 | uint64(k[1]), uint64(k[2])<<32 | uint64(k[3])}
}

// table finds lanes: open addressing, linear probing, at most three quarters
// full, a power of two long. A cell is 0 if it is empty. Else its low bits are the
// number of a lane, which is always below the length, and those above are of the
// lane's hash, so that a search hardly ever looks at a lane of another key.
type table struct {
	cells []uint32
	used  int
}

// hash spreads lanes. Keys are hashes already; the constants are for the number of
// the query and the empty key.
func hash(query int32, key [4]uint32) uint64 {
	h := uint64(key[0])<<32 | uint64(key[1])
	h ^= uint64(uint32(query)+1) * 0x9e3779b97f4a7c15 //nolint:gosec // any number will do
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// bucket is where the search for a lane begins.
func (t *table) bucket(query int32, key [4]uint32) int {
	return int(hash(query, key) & uint64(len(t.cells)-1)) //nolint:gosec // below len
}

// number is that of the lane in a cell.
func (t *table) number(cell uint32) int32 {
	return int32(cell & uint32(len(t.cells)-1)) //nolint:gosec // below len
}

func (s *State) findLane(query int32, key [4]uint32) int32 {
	if s.table.used == 0 {
		return 0
	}
	cells, h := s.table.cells, hash(query, key)
	mask := uint32(len(cells) - 1) //nolint:gosec // 31 bits
	tag := uint32(h>>32) &^ mask
	for i := uint32(h) & mask; ; i = (i + 1) & mask { //nolint:gosec // the low bits
		cell := cells[i]
		if cell == 0 {
			return 0
		}
		if cell&^mask != tag {
			continue
		}
		l := int32(cell & mask) //nolint:gosec // 31 bits
		if found := s.lanes.at(l); found.query == query && found.key == key {
			return l
		}
	}
}

// makeLane returns the lane and makes it if there is none.
func (s *State) makeLane(query int32, key [4]uint32) int32 {
	if l := s.findLane(query, key); l != 0 {
		return l
	}
	return s.addLane(query, key)
}

// addLane makes a lane that there is not.
func (s *State) addLane(query int32, key [4]uint32) int32 {
	if 4*(s.table.used+1) > 3*len(s.table.cells) {
		s.growTable()
	}
	l := s.lanes.takeFor(s.plans[query])
	*s.lanes.at(l) = lane{key: key, query: query}
	s.putLane(l)
	s.table.used++
	s.doors[query].lanes++
	return l
}

func (s *State) putLane(l int32) {
	found, cells := s.lanes.at(l), s.table.cells
	h, mask := hash(found.query, found.key), uint32(len(cells)-1) //nolint:gosec // 31 bits
	i := uint32(h) & mask                                         //nolint:gosec // the low bits
	for cells[i] != 0 {
		i = (i + 1) & mask
	}
	cells[i] = uint32(h>>32)&^mask | uint32(l) //nolint:gosec // not negative
}

func (s *State) growTable() {
	old := s.table
	s.table.cells = make([]uint32, max(64, 2*len(old.cells)))
	for _, cell := range old.cells {
		if cell != 0 {
			s.putLane(old.number(cell))
		}
	}
}

// dropIfEmpty forgets a lane of which there is nothing to remember.
func (s *State) dropIfEmpty(l int32) {
	found := s.lanes.at(l)
	if found.live != 0 || found.hits != 0 || found.queued() {
		return
	}
	if found.extra != 0 {
		if !s.extras.at(found.extra).empty() {
			return
		}
		s.giveExtra(found)
	}
	g := found.group()
	s.removeCell(l)
	s.doors[found.query].lanes--
	s.lanes.giveFor(s.plans[found.query], l)
	*found = lane{query: -1}
	if g != 0 {
		s.leaveGroup(g)
	}
}

// removeCell closes the gap that a lane leaves in the table, so that no search
// stops there too early.
func (s *State) removeCell(l int32) {
	cells, mask, found := s.table.cells, len(s.table.cells)-1, s.lanes.at(l)
	i := s.table.bucket(found.query, found.key)
	for s.table.number(cells[i]) != l {
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; cells[j] != 0; j = (j + 1) & mask {
		other := s.lanes.at(s.table.number(cells[j]))
		home := s.table.bucket(other.query, other.key)
		if (j-home)&mask >= (j-i)&mask { // it may stand as early as i
			cells[i] = cells[j]
			i = j
		}
	}
	cells[i] = 0
	s.table.used--
}

// extraOf returns the lane's extra and makes it if there is none.
func (s *State) extraOf(l int32) *extra {
	found := s.lanes.at(l)
	if found.extra == 0 {
		p := s.plans[found.query]
		found.extra = s.extras.takeFor(p)
		x := s.extras.at(found.extra)
		x.lane = l
		if p.Sample {
			x.pools = resize(x.pools, len(p.Terms))
		} else {
			x.offenders = resize(x.offenders, p.offenders)
		}
		return x
	}
	return s.extras.at(found.extra)
}

// resize makes a slice n long and keeps the slices within that it had.
func resize[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	return append(s[:cap(s)], make([]T, n-cap(s))...)
}

func (x *extra) empty() bool {
	if x.records != 0 || len(x.pools) > 0 {
		return false
	}
	for i := range x.offenders {
		if x.offenders[i].len() > 0 {
			return false
		}
	}
	return true
}

func (s *State) giveExtra(of *lane) {
	x, p := s.extras.at(of.extra), s.plans[of.query]
	for i := range x.offenders {
		s.addLoose(p, -x.offenders[i].clear())
	}
	x.offenders, x.pools = x.offenders[:0], x.pools[:0]
	x.lane, x.looking = 0, false
	x.generation++
	s.extras.giveFor(p, of.extra)
	of.extra = 0
}

// purge forgets a lane with all that is remembered of it.
func (s *State) purge(l int32) {
	found := s.lanes.at(l)
	if s.plans[found.query].Sample {
		s.giveSample(l)
		return
	}
	s.foldAll(l)
	for found.live != 0 {
		s.drop(found.live)
	}
	if found.extra != 0 {
		for s.extras.at(found.extra).records != 0 {
			s.giveRecord(s.extras.at(found.extra).records)
		}
		s.giveExtra(found)
	}
	s.dropIfEmpty(l)
}

// purgeAll forgets the lanes of the queries that gone names, or all if it is nil.
func (s *State) purgeAll(gone func(query int32) bool) {
	for l := int32(1); l <= s.lanes.used; l++ {
		if q := s.lanes.at(l).query; q >= 0 && (gone == nil || gone(q)) {
			s.purge(l)
		}
	}
}
