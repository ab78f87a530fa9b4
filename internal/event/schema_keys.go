package event

import (
	"encoding/binary"
	"math"
	"slices"
)

// keyTable finds what a key of an object leads to. Keys are known by their ends,
// as it is their colons that a scanner comes upon.
//
// Most keys of a document lead nowhere, and are told by their last three bytes.
// These also give a guess, the shortest key with such an end, which is right
// unless names are dotted. Else a hash of the last eight bytes helps.
type keyTable struct {
	entries []keyEntry // shortest key first; no entry at 0; empty if there is no key
	guesses *[guessSize]uint8
	places  []uint16 // an open hash table of entries by tail: a power of two of them, a quarter filled at most
	shift   uint8    // from a hash of 64 bits to an index of places
}

// keyEntry is a key and where it leads.
type keyEntry struct {
	mask uint64 // of the last eight bytes with a key, what belongs to it and its opening quote; little-endian
	want uint64 // what these bytes are
	head uint64 // of a key of eight bytes or more, its opening quote and the first seven; else want
	back int    // how far before the closing quote head begins
	tail uint64 // see tailOf
	key  string
	node int32
	dots uint16 // see sprout.keys
}

const (
	guessBits = 9
	guessSize = 1 << guessBits

	// maxKeys is how many keys a table may have, and a schema name parts. Each
	// part with others below it has a table of some 600 bytes.
	maxKeys = 1 << 14

	hashFactor = 0x9E3779B97F4A7C15 // 2^64 over the golden ratio
)

// newKeyTable returns the table of some keys, maxKeys at most.
func newKeyTable(keys []keyEntry) keyTable {
	if len(keys) == 0 {
		return keyTable{}
	}
	slices.SortStableFunc(keys, func(a, b keyEntry) int { return len(a.key) - len(b.key) })
	t := keyTable{entries: append([]keyEntry{{}}, keys...), guesses: new([guessSize]uint8), shift: 63}
	size := 2
	for ; size < 4*len(keys); size *= 2 {
		t.shift--
	}
	t.places = make([]uint16, size)
	for i := len(keys); i > 0; i-- {
		t.enter(i)
	}
	return t
}

// enter prepares an entry. Where it has the same end as one before, the guess
// becomes this one.
func (t *keyTable) enter(i int) {
	e := &t.entries[i]
	e.tail = tailOf(e.key)
	quoted := "\"\"\"\"\"\"\"\"" + e.key
	e.want = binary.LittleEndian.Uint64([]byte(quoted[len(quoted)-8:]))
	e.mask = ^uint64(0)
	if len(e.key) < 7 {
		e.mask <<= 8 * (7 - len(e.key))
	}
	e.want &= e.mask
	e.head, e.back = e.want, 8
	if len(e.key) >= 8 {
		e.head, e.back = binary.LittleEndian.Uint64([]byte(`"`+e.key[:7])), len(e.key)+1
	}
	place := t.place(e.tail)
	for t.places[place] != 0 {
		place = (place + 1) & (len(t.places) - 1)
	}
	t.places[place] = uint16(i)           //nolint:gosec // up to maxKeys
	guess := uint8(min(i, math.MaxUint8)) //nolint:gosec // not beyond it; a wrong guess is looked up
	if len(e.key) < 2 {
		// What stands before the opening quote can be this or that.
		for end := range t.guesses {
			t.guesses[end] = guess
		}
	}
	t.guesses[guessOf(uint32(e.want>>40|'"'<<24))] = guess
}

// guessOf returns the index of the guess for the last three bytes of a key and
// its closing quote.
func guessOf(end uint32) uint32 {
	return end * (hashFactor >> 32) >> (32 - guessBits)
}

// tailOf returns the last bytes of a key, eight at most, as a big-endian number.
func tailOf[T string | []byte](key T) uint64 {
	var tail uint64
	for i := max(0, len(key)-8); i < len(key); i++ {
		tail = tail<<8 | uint64(key[i])
	}
	return tail
}

// place returns the first of the places where an entry with a tail may be.
func (t *keyTable) place(tail uint64) int { return int(tail * hashFactor >> (t.shift & 63)) }

// find looks up a key given by its bytes; nil if it leads nowhere.
func (t *keyTable) find(key []byte) *keyEntry {
	for place := t.place(tailOf(key)); ; place++ {
		i := t.places[place&(len(t.places)-1)]
		if i == 0 {
			return nil
		}
		if e := &t.entries[i]; e.key == string(key) {
			return e
		}
	}
}

// findBefore looks up the key before the closing quote at a position, 8 at
// least. There is no escape in the key.
func (t *keyTable) findBefore(doc []byte, end int) *keyEntry {
	tail := tailBefore(doc, end)
	for place := t.place(tail); ; place++ {
		i := t.places[place&(len(t.places)-1)]
		if i == 0 {
			return nil
		}
		if e := &t.entries[i]; e.tail == tail && e.endsAt(doc, end) {
			return e
		}
	}
}

// endsAt reports whether the key stands before the closing quote at a position,
// 8 at least.
func (e *keyEntry) endsAt(doc []byte, end int) bool {
	if binary.LittleEndian.Uint64(doc[end-8:])&e.mask != e.want {
		return false
	}
	start := end - e.back
	if start < 0 || binary.LittleEndian.Uint64(doc[start:])&e.mask != e.head {
		return false
	}
	return e.back <= 16 || string(doc[start+8:end-8]) == e.key[7:len(e.key)-8]
}

// tailBefore returns the tail of the key before the closing quote at a position,
// 8 at least.
func tailBefore(doc []byte, end int) uint64 {
	tail := binary.BigEndian.Uint64(doc[end-8:])
	x := tail ^ '"'*ones
	quotes := (x - ones) &^ x & highs     // of these the lowest bit is right
	return tail & (quotes&-quotes>>7 - 1) // all there is if there is none
}
