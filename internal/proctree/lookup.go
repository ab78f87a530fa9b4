package proctree

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/tripline-sec/tripline/internal/event"
)

// The bounds of a selection.
const (
	mostFamily = 10_000 // documents of what processes and those they started did
	mostEnds   = 8      // of an ancestor: its first and last documents, and the first and last that name it
)

// Lookup finds the documents of processes in an Index, as that was when the
// Lookup was made. Making one takes a few tens of nanoseconds and about 24 bytes
// a record; asking takes time by what is found. It is not safe for concurrent use.
type Lookup struct {
	index   *Index
	records [][]Record
	self    table               // records by the process that they are of,
	parent  table               // by its parent,
	grand   table               // and by the parent of that
	told    map[uint32][]uint32 // see tell
}

// Selection is what to read again.
type Selection struct {
	Refs []Ref // in the order of arrival, each once
	// Cut says that the processes and those they started did more than is selected.
	Cut bool
}

// Lookup returns a Lookup of what was appended so far. Nothing may be appended
// while it is in use.
func (x *Index) Lookup() *Lookup {
	x.mu.Lock()
	defer x.mu.Unlock()
	l := &Lookup{index: x, records: x.pages, told: map[uint32][]uint32{}}
	n := 0
	for _, page := range x.pages {
		n += len(page)
	}
	for _, t := range []*table{&l.self, &l.parent, &l.grand} {
		t.make(n)
	}
	for i := n - 1; i >= 0; i-- {
		r := l.record(uint32(i)) //nolint:gosec // memory ends before
		l.self.add(i, r.self)
		l.parent.add(i, r.parent)
		l.grand.add(i, r.grand)
	}
	return l
}

func (l *Lookup) record(i uint32) *Record { return &l.records[i/pageRecords][i%pageRecords] }

// table chains the numbers of records by a hash.
type table struct {
	first []uint32 // by the upper bits of the hash: number + 1
	next  []uint32
	shift int
}

func (t *table) make(n int) {
	size := max(bits.Len(uint(n)), 1) //nolint:gosec // not negative
	t.first, t.next, t.shift = make([]uint32, 1<<size), make([]uint32, n), 32-size
}

// add puts a record before all others of its hash, so that chains which are made
// from the last to the first run from the first to the last.
func (t *table) add(i int, hash uint32) {
	if hash != 0 {
		at := &t.first[t.bucket(hash)]
		t.next[i], *at = *at, uint32(i)+1 //nolint:gosec // memory ends before
	}
}

func (t *table) bucket(hash uint32) uint32 { return hash * 0x9E3779B1 >> t.shift }

// each calls found for every record of a bucket until it returns false. Not all
// of them have the hash.
func (t *table) each(hash uint32, found func(i uint32) bool) {
	for i := t.first[t.bucket(hash)]; i != 0 && found(i-1); i = t.next[i-1] {
	}
}

// Select returns the documents that a Tree must See, in their order, to give for
// these documents the Ancestors and the Family that it gives when it has seen all:
// what their processes and those that these started did, and of the processes
// above them the first and the last documents, and the first and the last that
// name them.
func (l *Lookup) Select(docs []*event.Document) Selection {
	s := selection{Lookup: l, taken: map[uint32]bool{}, seen: map[uint32]bool{}}
	var up []uint32
	for _, doc := range docs {
		lineage := LineageOf(doc)
		parent, grand := lineage.parents()
		for _, entity := range []string{lineage.Entity, lineage.Parent, parent, grand} {
			if entity != "" {
				up = append(up, short(l.index.Hash(lineage.Host, entity)))
			}
		}
		if lineage.Entity != "" {
			s.todo = append(s.todo, short(l.index.Hash(lineage.Host, lineage.Entity)))
		}
	}
	s.family()
	s.above(up)
	return s.result()
}

// selection is a Select that is going on.
type selection struct {
	*Lookup
	taken map[uint32]bool // numbers of records
	seen  map[uint32]bool // processes
	todo  []uint32        // processes of which the documents are to be taken
	cut   bool
}

// family takes what processes did, and what those did that they started.
func (s *selection) family() {
	for len(s.todo) > 0 && !s.cut {
		process := s.todo[0]
		s.todo = s.todo[1:]
		if s.seen[process] {
			continue
		}
		s.seen[process] = true
		s.self.each(process, func(i uint32) bool {
			if s.record(i).self == process {
				s.taken[i] = true
				s.cut = len(s.taken) > mostFamily
			}
			return !s.cut
		})
		s.children(process)
	}
}

// children notes whom a process started: whoever names it as parent, and whose
// children name it as the parent's parent.
func (s *selection) children(process uint32) {
	note := func(child uint32) bool {
		if !s.seen[child] && (len(s.todo) == 0 || s.todo[len(s.todo)-1] != child) {
			s.todo = append(s.todo, child)
		}
		s.cut = s.cut || len(s.todo) > 4*mostFamily
		return !s.cut
	}
	s.parent.each(process, func(i uint32) bool {
		r := s.record(i)
		return r.parent != process || note(r.self)
	})
	s.grand.each(process, func(i uint32) bool {
		r := s.record(i)
		return r.grand != process || note(r.parent)
	})
}

// above takes what tells of the processes above, level by level.
func (s *selection) above(level []uint32) {
	done := map[uint32]bool{}
	for range MostAncestors + 2 {
		var next []uint32
		for _, process := range level {
			if done[process] {
				continue
			}
			done[process] = true
			for _, i := range s.tell(process) {
				s.taken[i] = true
				switch r := s.record(i); {
				case r.self == process && r.parent != 0:
					next = append(next, r.parent)
				case r.parent == process && r.grand != 0:
					next = append(next, r.grand)
				}
			}
		}
		level = next
	}
}

// tell returns the records that tell of a process: the first and the last of its
// own and of those that have it as parent, the same of those that give its name or
// that of its parent, those that say first who its parent is, and the first that
// have it as the parent of a parent.
func (l *Lookup) tell(process uint32) []uint32 {
	if known, ok := l.told[process]; ok {
		return known
	}
	var own, ownName, parentName, below, belowName, above ends
	l.self.each(process, func(i uint32) bool {
		if r := l.record(i); r.self == process {
			own.add(i)
			ownName.addIf(r.says(namesSelf), i)
			parentName.addIf(r.says(namesParent), i)
		}
		return true
	})
	l.parent.each(process, func(i uint32) bool {
		if r := l.record(i); r.parent == process {
			below.add(i)
			belowName.addIf(r.says(namesParent), i)
		}
		return true
	})
	l.grand.each(process, func(i uint32) bool {
		if l.record(i).grand == process {
			above.add(i)
		}
		return len(above.first) < mostEnds
	})
	all := slices.Concat(l.claims(process), above.first)
	for _, e := range []*ends{&own, &ownName, &parentName, &below, &belowName} {
		all = append(append(all, e.first...), e.last...)
	}
	for _, i := range above.first { // a claim counts only where there was none before
		all = append(all, l.claims(l.record(i).parent)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	l.told[process] = all
	return all
}

// claims returns the records that say first who the parent of a process is.
func (l *Lookup) claims(process uint32) []uint32 {
	var own, named ends
	l.self.each(process, func(i uint32) bool {
		if r := l.record(i); r.self == process && r.parent != 0 {
			own.add(i)
		}
		return len(own.first) < mostEnds
	})
	l.parent.each(process, func(i uint32) bool {
		if r := l.record(i); r.parent == process && r.grand != 0 {
			named.add(i)
		}
		return len(named.first) < mostEnds
	})
	return append(own.first, named.first...)
}

// ends keeps the first and the last of a list.
type ends struct {
	first, last []uint32
}

func (e *ends) addIf(yes bool, i uint32) {
	if yes {
		e.add(i)
	}
}

func (e *ends) add(i uint32) {
	switch {
	case len(e.first) < mostEnds:
		e.first = append(e.first, i)
	case len(e.last) < mostEnds:
		e.last = append(e.last, i)
	default:
		copy(e.last, e.last[1:])
		e.last[mostEnds-1] = i
	}
}

func (s *selection) result() Selection {
	refs := make([]Ref, 0, len(s.taken))
	for i := range s.taken {
		refs = append(refs, s.record(i).ref())
	}
	slices.SortFunc(refs, func(a, b Ref) int { return cmp.Compare(a.Arrival, b.Arrival) })
	return Selection{Refs: refs, Cut: s.cut}
}
