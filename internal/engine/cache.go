package engine

import (
	"hash/maphash"
	"math/bits"
	"strings"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// The size of what a field's answers are kept in. It begins small, since most
// fields take few values, and grows while values push each other out.
const (
	ways        = 4
	fewestSets  = 16
	mostSets    = 2048
	longestKept = 2048 // bytes of a value; what is longer is hardly seen again
)

// entry is what a value of a field means: which of its atoms it makes true. The
// value itself is not kept: two keyed hashes of 64 bits stand for it.
type entry struct {
	check uint64   // the second hash
	watch []int32  // the filters of which it is a witness
	gen   uint32   // of the event that used it last
	null  bool     // the field's type makes nothing of it
	bits  []uint64 // truth of the eager atoms; of the lazy ones: whether asked, truth
}

// table keeps the answers of one field for values that were seen before. It
// belongs to a Judge.
type table struct {
	field   *field
	seeds   *[2]maphash.Seed
	index   string // of which the answers are, where they depend on it
	hashes  []uint64
	entries []entry
	scratch []*entry // for values that are not kept
	turn    uint32
	evicted int
	misses  int64
	sets    map[uint64][]watchSet
}

// watchSet is a list of filters for a set of witnesses; the same sets come again
// and again.
type watchSet struct {
	bits []uint64
	list []int32
}

func newTable(f *field, seeds *[2]maphash.Seed) *table {
	t := &table{field: f, seeds: seeds, sets: map[uint64][]watchSet{}}
	t.resize(fewestSets)
	return t
}

func (t *table) resize(sets int) {
	old, oldHashes := t.entries, t.hashes
	words := t.field.words()
	t.hashes, t.entries = make([]uint64, ways*sets), make([]entry, ways*sets)
	slab := make([]uint64, words*len(t.entries))
	for i := range t.entries {
		t.entries[i].bits = slab[i*words : (i+1)*words : (i+1)*words]
	}
	t.evicted = 0
	for i, h := range oldHashes {
		if h == 0 {
			continue
		}
		for w, at := 0, t.set(h); w < ways; w++ {
			if t.hashes[at+w] == 0 {
				t.hashes[at+w], t.entries[at+w] = h, old[i]
				break
			}
		}
	}
}

// words is how many words an entry's bits take.
func (f *field) words() int {
	return f.eagerWords() + 2*((len(f.atoms)-f.eager+63)/64)
}

func (f *field) eagerWords() int { return (f.eager + 63) / 64 }

func (t *table) set(hash uint64) int {
	return int(hash>>32) & (len(t.hashes)/ways - 1) * ways //nolint:gosec // masked
}

// get returns the answers for a value. They are good for the event at hand.
func (t *table) get(j *Judge, s *event.Scalar) *entry {
	if t.field.schema != nil && t.index != j.index {
		t.forget(j.index)
	}
	if len(s.Text) > longestKept {
		return t.unkept(j, s)
	}
	h := maphash.String(t.seeds[0], s.Text) ^ uint64(s.Kind)*0x9e3779b97f4a7c15 | 1
	check := maphash.String(t.seeds[1], s.Text)
	at := t.set(h)
	free := -1
	for w := at; w < at+ways; w++ {
		switch t.hashes[w] {
		case h:
			if e := &t.entries[w]; e.check == check {
				e.gen = j.gen
				return e
			}
		case 0:
			free = w
		}
	}
	if free < 0 {
		if free = t.victim(j, at); free < 0 {
			return t.unkept(j, s)
		}
	}
	e := &t.entries[free]
	e.check = check
	t.hashes[free] = h
	t.fill(j, e, s)
	return e
}

// victim returns the place of an entry that is pushed out: not one that the event
// at hand uses.
func (t *table) victim(j *Judge, at int) int {
	t.evicted++
	if t.evicted > len(t.entries)/4 && len(t.entries) < ways*mostSets {
		t.resize(2 * len(t.entries) / ways)
		return -1 // once without a place
	}
	for range ways {
		t.turn++
		w := at + int(t.turn%ways)
		if t.entries[w].gen != j.gen {
			return w
		}
	}
	return -1
}

// unkept answers without keeping.
func (t *table) unkept(j *Judge, s *event.Scalar) *entry {
	var e *entry
	for _, one := range t.scratch {
		if one.gen != j.gen {
			e = one
			break
		}
	}
	if e == nil {
		e = &entry{bits: make([]uint64, t.field.words())}
		t.scratch = append(t.scratch, e)
	}
	t.fill(j, e, s)
	return e
}

func (t *table) forget(index string) {
	t.index = strings.Clone(index)
	clear(t.hashes)
}

// fill asks a value all the eager atoms of the field.
func (t *table) fill(j *Judge, e *entry, s *event.Scalar) {
	t.misses++
	e.gen, e.watch = j.gen, nil
	clear(e.bits)
	f := t.field
	if e.null = j.subject.set(f, s, j.index); e.null || f.eager == 0 {
		return
	}
	if j.subject.kind() == value.String {
		j.lower = f.answers.text(e.bits, j.subject.value().Str(), j.lower)
	}
	for _, bit := range f.answers.others {
		if e.bits[bit>>6]>>(bit&63)&1 == 0 && f.atoms[bit].test.other(&j.subject) {
			e.bits[bit>>6] |= 1 << (bit & 63)
		}
	}
	for _, bit := range f.strict {
		if e.bits[bit>>6]>>(bit&63)&1 != 0 && !j.subject.fits(f.atoms[bit].test.fit) {
			e.bits[bit>>6] &^= 1 << (bit & 63)
		}
	}
	if f.witness {
		e.watch = t.watching(e.bits)
	}
}

func anySet(bits, masks []uint64) bool {
	for i, mask := range masks {
		if bits[i]&mask != 0 {
			return true
		}
	}
	return false
}

// watching returns the filters that have one of the true atoms as a witness.
func (t *table) watching(truth []uint64) []int32 {
	f := t.field
	var h uint64
	for i, mask := range f.witnesses {
		h = (h ^ truth[i]&mask) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	if h == 0 && !anySet(truth, f.witnesses) {
		return nil
	}
next:
	for _, s := range t.sets[h] {
		for i, mask := range f.witnesses {
			if s.bits[i] != truth[i]&mask {
				continue next
			}
		}
		return s.list
	}
	s := watchSet{bits: make([]uint64, len(f.witnesses))}
	for i, mask := range f.witnesses {
		s.bits[i] = truth[i] & mask
		for b := s.bits[i]; b != 0; b &= b - 1 {
			s.list = append(s.list, f.atoms[i*64+bits.TrailingZeros64(b)].watch...)
		}
	}
	if len(t.sets) > 1<<14 {
		clear(t.sets) // hostile: as many sets as values
	}
	t.sets[h] = append(t.sets[h], s)
	return s.list
}
