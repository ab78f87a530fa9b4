package event

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
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
func (s *Schema) plant() {
	root := &sprout{slot: -1}
	for slot, path := range s.paths {
		switch {
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
		sure := len(key) < 8 && strings.IndexByte(key, 0) < 0
		found = append(found, keyEntry{tailOf(key), key, next.node, dots, sure, 0})
		found = next.keys(found, key+".", dots|1<<depth, depth+1)
	}
	return found
}

// keyTable finds what a key of an object leads to. It is a hash table over the
// keys' tails: an entry stands at its hash or, where that is taken, further on.
// The factor of the hash is chosen so that few are displaced, as a rule none.
type keyTable struct {
	entries []keyEntry // a power of two of them, or none
	factor  uint64
	shift   uint8 // from a hash of 64 bits to an index

	// filter has 1 for the hash of a key's end if one of the keys ends so.
	filter *[filterSize]uint8
}

type keyEntry struct {
	tail uint64 // the key's last eight bytes, see tailOf
	key  string
	node int32  // where it leads; 0, where no key leads: the entry is empty
	dots uint16 // see sprout.keys
	sure bool   // no other key of a document has this tail
	more uint8  // 1: one that was displaced from here follows
}

// tailOf returns the last bytes of a key, eight at most, as a big-endian number.
// A key of fewer bytes, none of them NUL, has its tail for itself.
func tailOf[T string | []byte](key T) uint64 {
	var tail uint64
	for i := max(0, len(key)-8); i < len(key); i++ {
		tail = tail<<8 | uint64(key[i])
	}
	return tail
}

// maxTries is how many hash factors are tried for a table.
const maxTries = 200

func newKeyTable(keys []keyEntry) keyTable {
	if len(keys) == 0 {
		return keyTable{}
	}
	size, shift := 2, uint8(63)
	for size < 4*len(keys) {
		size, shift = size*2, shift-1
	}
	// Short keys first: they are nearer the root, and met more often.
	slices.SortStableFunc(keys, func(a, b keyEntry) int { return len(a.key) - len(b.key) })
	var best keyTable
	least := math.MaxInt
	for try := range uint64(maxTries) {
		t := keyTable{entries: make([]keyEntry, size), factor: (try*2 + 1) * 0x9E3779B97F4A7C15, shift: shift} // 2^64 over the golden ratio
		if displaced := t.enter(keys); displaced < least {
			best, least = t, displaced
		}
		if least == 0 {
			break
		}
	}
	best.filter = newFilter(keys)
	return best
}

// filterSize is the size of a filter: a power of two.
const (
	filterBits = 10
	filterSize = 1 << filterBits
)

func newFilter(keys []keyEntry) *[filterSize]uint8 {
	filter := new([filterSize]uint8)
	for _, k := range keys {
		if len(k.key) < 2 {
			// What stands before the opening quote can be this or that.
			return (*[filterSize]uint8)(bytes.Repeat([]byte{1}, filterSize))
		}
		end := `"` + k.key + `"`
		filter[hashEnd([]byte(end[len(end)-4:]))] = 1
	}
	return filter
}

// hashEnd returns the hash of the four bytes that end a key with its quote.
func hashEnd(end []byte) uint32 {
	return binary.LittleEndian.Uint32(end) * 0x9E3779B1 >> (32 - filterBits) // 2^32 over the golden ratio
}

// enter enters keys into an empty table. It returns how many of them do not
// stand at their hash.
func (t *keyTable) enter(keys []keyEntry) (displaced int) {
	for _, k := range keys {
		i := t.start(k.tail)
		for ; t.entries[i].node != 0; i = t.next(i) {
			t.entries[i].more = 1
			displaced++
		}
		t.entries[i] = k
	}
	return displaced
}

// start returns the index of the first entry that a key with this tail may have.
func (t *keyTable) start(tail uint64) int { return int(tail * t.factor >> (t.shift & 63)) }

// next returns the index of the entry that follows another one.
func (t *keyTable) next(i int) int { return (i + 1) & (len(t.entries) - 1) }

// find looks up a key given by its bytes; nil if it leads nowhere.
func (t *keyTable) find(key []byte) *keyEntry {
	if len(t.entries) == 0 {
		return nil
	}
	for i := t.start(tailOf(key)); ; i = t.next(i) {
		e := &t.entries[i]
		if e.node != 0 && e.key == string(key) {
			return e
		}
		if e.more == 0 {
			return nil
		}
	}
}

// tailBefore returns the tail of the key that ends at a closing quote, which
// stands eight bytes or more behind the document's start. In the key there is no
// quote and no control character.
func tailBefore(doc []byte, end int) uint64 {
	tail := binary.BigEndian.Uint64(doc[end-8:])
	x := tail ^ '"'*ones
	quotes := (x - ones) &^ x & highs     // of these the lowest bit is right
	return tail & (quotes&-quotes>>7 - 1) // all there is if there is none
}

// findBefore looks up the key that ends at a closing quote, see tailBefore.
func (t *keyTable) findBefore(doc []byte, end int) *keyEntry {
	tail := tailBefore(doc, end)
	for i := t.start(tail); ; i = t.next(i) {
		e := &t.entries[i]
		if e.tail == tail && e.node != 0 {
			if e.sure {
				return e
			}
			if start := end - len(e.key); start > 0 && doc[start-1] == '"' && string(doc[start:end]) == e.key {
				return e
			}
		}
		if e.more == 0 {
			return nil
		}
	}
}
