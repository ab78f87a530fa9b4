//go:build !purego

package event

import "bytes"

// groupSize is how many bytes are read at once: eight blocks of 64.
const groupSize = 512

// words has a bit for each byte of a group, the first byte's lowest.
type words [groupSize / 64]uint64

// groups is the state of the first stage between groups. The assembly knows the
// places of its fields.
type groups struct {
	lists    lists
	base     uint64 // the position of the next group
	escape   uint64 // 1: its first byte is escaped
	inString uint64 // not 0: it begins in a string
	key      uint64 // 1: it begins in a string that may be a key
	bad      uint64 // not 0: the document is not valid
	wide     uint64 // not 0: there are bytes above 0x7F

	// What was found in the group before: commas, opening braces, closing quotes
	// of strings that may be keys, colons with opening brackets, parts of numbers
	// and literals, tokens. Of these the highest bit still matters.
	before [6]words
	valid  words    // the group's bytes that are part of the document
	found  [9]words // for the assembly's use
}

// filler follows the document in its last group. It is of no account, but must
// be none of the bytes that the assembly compares with.
var filler = [groupSize]byte(bytes.Repeat([]byte{'0'}, groupSize))

// groupsAVX512 reads n groups, one at least.
//
//go:noescape
func groupsAVX512(s *groups, p *byte, n int)

// readGroups fills the lists and reports whether every token may follow the one
// before it.
func (x *index) readGroups(doc []byte) bool {
	g := &x.groups
	x.begin(&g.lists, len(doc))
	g.base, g.escape, g.inString, g.key, g.bad, g.wide = 0, 0, 0, 0, 0, 0
	g.before = [6]words{}
	g.before[3][len(words{})-1] = 1 << 63 // the document is a value
	for i := range g.valid {
		g.valid[i] = ^uint64(0)
	}
	rest := doc
	for len(rest) >= groupSize {
		n := min(len(rest), chunkSize) / groupSize
		x.grow(&g.lists)
		groupsAVX512(g, &rest[0], n)
		x.grown(&g.lists)
		rest = rest[n*groupSize:]
	}
	// There always is a last group that is not full: tokens are listed behind
	// their byte.
	copy(x.last[copy(x.last[:], rest):], filler[len(rest):])
	for i := range g.valid {
		g.valid[i] = 1<<max(0, len(rest)-64*i) - 1
	}
	x.grow(&g.lists)
	groupsAVX512(g, &x.last[0], 1)
	x.grown(&g.lists)
	x.wide = g.wide != 0
	return g.bad == 0
}
