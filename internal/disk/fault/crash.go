package fault

import (
	"math/rand/v2"
	"slices"
)

// Crash is the disk after a power cut: a file system of its own, without faults
// or locks, which the old one and its files no longer touch.
//
// With no source of chance nothing is there that was not synced. With one, each
// pending write is there, torn at some byte or absent, and each pending change of
// names is there or absent, all on their own, as a disk is free to do.
func (f *FS) Crash(chance *rand.Rand) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	after := New()
	after.root = after.survive(f.root, chance, map[*node]*node{})
	return after
}

// Restart is the same disk after its programs were killed and the machine was not:
// all that was written is still seen, synced or not. Locks are gone and so are all
// faults; steps are counted on.
func (f *FS) Restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.locked)
	clear(f.failures)
	f.stopAt, f.stopped, f.readOnly, f.capacity, f.slow, f.watch = 0, false, false, -1, 0, nil
}

// survive copies to the file system after the crash what is on the disk of a node
// before it. The map keeps a file that has two
// names (its rename half done) one file.
func (f *FS) survive(n *node, chance *rand.Rand, done map[*node]*node) *node {
	if copied := done[n]; copied != nil {
		return copied
	}
	if !n.folder {
		content := slices.Clone(n.safe)
		for _, w := range n.writes {
			if w.state == durable {
				content = w.apply(content)
			} else if w, there := torn(w, chance); there {
				content = w.apply(content)
			}
		}
		copied := &node{data: content, safe: slices.Clone(content)}
		f.used += int64(len(content))
		done[n] = copied
		return copied
	}
	copied := newFolder()
	done[n] = copied
	names := make(map[string]*node, len(n.synced))
	for name, child := range n.synced {
		names[name] = child
	}
	for _, c := range n.pending {
		if chance != nil && chance.IntN(2) == 0 {
			c.apply(names)
		}
	}
	order := make([]string, 0, len(names))
	for name := range names {
		order = append(order, name)
	}
	slices.Sort(order) // so that one source of chance gives one outcome
	for _, name := range order {
		child := f.survive(names[name], chance, done)
		copied.names[name], copied.synced[name] = child, child
	}
	return copied
}

// torn is what is left of a pending write.
func torn(w write, chance *rand.Rand) (write, bool) {
	if chance == nil {
		return w, false
	}
	switch chance.IntN(3) {
	case 0:
		return w, false
	case 1:
		return w, true
	}
	if len(w.data) == 0 {
		return w, true
	}
	cut := chance.IntN(len(w.data))
	return write{offset: w.offset, data: w.data[:cut]}, cut > 0
}
