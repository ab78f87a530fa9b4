package source

import "os"

// Kept holds what files gave, for those that read the same files again and
// again: a file that has changed neither its size nor its time is not read
// again. It keeps all documents of the last reading alive, and forgets a file
// that a reading did not come to. It serves one Reader at a time.
type Kept struct {
	files   map[keptKey]*keptFile
	touched map[keptKey]bool
	fresh   int
}

// keptKey is a file and the way it was come by: one that was found may be left
// out where one that was named is a problem.
type keptKey struct {
	path  string
	found bool
}

type keptFile struct {
	info  os.FileInfo
	items []Item
	stats Stats // what this file added
}

// NewKept returns a Kept that holds nothing.
func NewKept() *Kept { return &Kept{files: map[keptKey]*keptFile{}, touched: map[keptKey]bool{}} }

// Forget makes the next Reader read a file, whatever its size and time say.
func (k *Kept) Forget(path string) {
	delete(k.files, keptKey{path, false})
	delete(k.files, keptKey{path, true})
}

// Done ends a reading: what it did not come to is forgotten. It reports whether
// anything differs from the reading before.
func (k *Kept) Done() (changed bool) {
	changed = k.fresh > 0
	for key := range k.files {
		if !k.touched[key] {
			delete(k.files, key)
			changed = true
		}
	}
	clear(k.touched)
	k.fresh = 0
	return changed
}

// keptFile yields what was kept of a file, or reads it and keeps what it gives.
func (r *Reader) keptFile(path string, found bool) {
	k, key := r.opts.Kept, keptKey{path, found}
	info, err := os.Stat(path)
	if f := k.files[key]; f != nil && err == nil && info.Mode().IsRegular() && !k.touched[key] &&
		os.SameFile(f.info, info) && f.info.Size() == info.Size() && f.info.ModTime().Equal(info.ModTime()) {
		k.touched[key] = true
		r.replay(f)
		return
	}
	before, yield := r.stats.clone(), r.yield
	f := &keptFile{info: info}
	r.yield = func(item Item) bool {
		f.items = append(f.items, item)
		return yield(item)
	}
	r.readFresh(path, found)
	r.yield = yield
	k.fresh++
	delete(k.files, key)
	if err != nil || r.stopped {
		return
	}
	f.stats = r.stats.since(before)
	k.files[key], k.touched[key] = f, true
}

// replay yields kept items as if they were read. Documents are numbered anew;
// one whose number has changed is a new Document over the same bytes.
func (r *Reader) replay(f *keptFile) {
	documents := r.stats.Documents
	for i, item := range f.items {
		if r.stopped {
			return
		}
		if item.Document != nil {
			documents++
			if arrival := uint64(documents); item.Document.Arrival != arrival {
				moved := *item.Document
				moved.Arrival = arrival
				item.Document = &moved
				f.items[i] = item
			}
		}
		r.stopped = !r.yield(item)
	}
	r.stats.Add(f.stats)
}

// since returns what was counted after an earlier count.
func (s Stats) since(before Stats) Stats {
	d := s.clone()
	d.sum(before, -1)
	return d
}

// Add adds what was counted elsewhere.
func (s *Stats) Add(more Stats) { s.sum(more, 1) }

func (s *Stats) sum(t Stats, sign int) {
	s.Documents += sign * t.Documents
	s.Files += sign * t.Files
	s.Bytes += int64(sign) * t.Bytes
	s.Unpacked += int64(sign) * t.Unpacked
	s.SkippedWrites += sign * t.SkippedWrites
	s.SkippedFiles += sign * t.SkippedFiles
	s.Placeholders += sign * t.Placeholders
	s.Repeats += sign * t.Repeats
	if s.Problems == nil && len(t.Problems) > 0 {
		s.Problems = map[Class]int{}
	}
	for class, n := range t.Problems {
		if s.Problems[class] += sign * n; s.Problems[class] == 0 {
			delete(s.Problems, class)
		}
	}
}
