package event

import (
	"strings"
	"unicode/utf8"
)

// Schema gives the field paths that queries name their slots, numbered from 0
// in the order of first appearance. It never changes and is safe for concurrent
// use; it keeps about a hundred bytes for each part of each path.
type Schema struct {
	paths []string
	slots map[string]int
	tree  []schemaNode // the names' parts; the first is the document's own object

	// whole says that some path is beyond what the tree can tell apart by the
	// bytes of a document, so that every document must be decoded whole.
	whole bool
}

// schemaNode is a part of a path.
type schemaNode struct {
	slot int32    // of the field that ends here; -1: none does
	keys keyTable // what a key of an object here leads to; empty if nothing lies below
}

// maxParts is how many parts a path may have to be found without decoding whole
// documents; an object's keys are looked up once for all its descendants, whose
// number grows with the depth. Elastic's fields have up to eight.
const maxParts = 16

// NewSchema returns the schema of some dotted paths. Equal ones share a slot.
func NewSchema(paths []string) *Schema {
	s := &Schema{slots: make(map[string]int, len(paths))}
	for _, path := range paths {
		if _, ok := s.slots[path]; !ok {
			s.slots[path] = len(s.paths)
			s.paths = append(s.paths, path)
		}
	}
	s.plant()
	return s
}

// Len returns the number of slots.
func (s *Schema) Len() int { return len(s.paths) }

// Slot returns the slot of a path, -1 if it has none.
func (s *Schema) Slot(path string) int {
	if slot, ok := s.slots[path]; ok {
		return slot
	}
	return -1
}

// Path returns the path that has a slot.
func (s *Schema) Path(slot int) string { return s.paths[slot] }

// sprout is a node of the tree while it grows.
type sprout struct {
	parts map[string]*sprout
	order []string // the parts, so that equal schemas have equal trees
	slot  int32
	node  int32
}

// plant makes the tree.
func (s *Schema) plant() { s.plantSome(func(int) bool { return true }) }

// plantSome makes the tree of some slots.
func (s *Schema) plantSome(wanted func(slot int) bool) {
	root := &sprout{slot: -1}
	for slot, path := range s.paths {
		switch {
		case !wanted(slot):
			continue
		case !utf8.ValidString(path):
			continue // no decoded key has such a name
		case strings.Count(path, ".") >= maxParts || strings.ContainsRune(path, utf8.RuneError):
			// A key with U+FFFD may be written in many ways.
			s.whole = true
			continue
		}
		at := root
		for part := range strings.SplitSeq(path, ".") {
			at = at.part(part)
		}
		at.slot = int32(slot) //nolint:gosec // a count of fields
	}
	s.enter(root)
	if len(s.tree) > maxKeys {
		s.whole = true
		return
	}
	s.fill(root, 0)
}

func (b *sprout) part(name string) *sprout {
	next, ok := b.parts[name]
	if !ok {
		next = &sprout{slot: -1}
		if b.parts == nil {
			b.parts = make(map[string]*sprout)
		}
		b.parts[name] = next
		b.order = append(b.order, name)
	}
	return next
}

// enter numbers the nodes.
func (s *Schema) enter(b *sprout) {
	b.node = int32(len(s.tree)) //nolint:gosec // a count of name parts
	s.tree = append(s.tree, schemaNode{slot: b.slot})
	for _, name := range b.order {
		s.enter(b.parts[name])
	}
}

// fill makes the key tables of a node, which lies depth parts below the root,
// and of all below it.
func (s *Schema) fill(b *sprout, depth int) {
	s.tree[b.node].keys = newKeyTable(b.keys(nil, "", 0, depth))
	for _, name := range b.order {
		s.fill(b.parts[name], depth+1)
	}
}

// keys adds every key, plain or dotted, that leads from an object to a node
// below it. Of dots, bit d says that the part at depth d is followed by a dot
// within a key.
func (b *sprout) keys(found []keyEntry, prefix string, dots uint16, depth int) []keyEntry {
	for _, name := range b.order {
		next := b.parts[name]
		key := prefix + name
		found = append(found, keyEntry{key: key, node: next.node, dots: dots})
		found = next.keys(found, key+".", dots|1<<depth, depth+1)
	}
	return found
}
