package engine

import (
	"math/bits"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/tripline-sec/tripline/internal/value"
)

// answers holds all that is asked of the values of one field, so that it is asked
// of a value together: equal texts by hash, wildcard patterns by a filter of
// short runs of bytes, what is left one by one.
type answers struct {
	exact  texts // the bits of the atoms that a text makes true
	folded texts // the same of texts in the form of value.Fold
	runs   runs
	always []patternBit // patterns without a run that is long enough
	every  []patternBit // all patterns: for text beyond ASCII, whose case folds otherwise
	others []int32      // atoms with a test of another kind
}

type patternBit struct {
	match *value.Wildcard
	bit   int32
}

func newAnswers(atoms []*atom) answers {
	a := answers{exact: newTexts(), folded: newTexts()}
	var indexed []indexedPattern
	for _, one := range atoms {
		bit := int32(one.bit) //nolint:gosec // few
		for _, text := range one.test.exact {
			a.exact.add(text, bit)
		}
		for _, text := range one.test.folded {
			a.folded.add(text, bit)
		}
		for _, p := range one.test.patterns {
			at := patternBit{p.match, bit}
			a.every = append(a.every, at)
			if part := p.longest(); len(part) >= 2 {
				indexed = append(indexed, indexedPattern{part, at})
			} else {
				a.always = append(a.always, at)
			}
		}
		if one.test.other != nil {
			a.others = append(a.others, bit)
		}
	}
	a.runs = newRuns(indexed)
	return a
}

// longest returns the longest part of a pattern that every value it matches has,
// in lower case; "" if there is none of ASCII alone.
func (p *pattern) longest() string {
	best := ""
	for _, part := range p.parts {
		if len(part) > len(best) && ascii(part) && strings.IndexByte(part, 0) < 0 {
			best = part
		}
	}
	return string(appendLower(nil, best))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendLower(to []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}

// upper changes lower case to the form of value.Fold, in place.
func upper(b []byte) {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - ('a' - 'A')
		}
	}
}

// text sets the bits of the atoms that a text makes true. It returns the scratch
// space it was given, perhaps grown.
func (a *answers) text(truth []uint64, s string, scratch []byte) []byte {
	set(truth, a.exact.find(s))
	if len(a.folded.bits)+len(a.every) == 0 {
		return scratch
	}
	if !ascii(s) {
		set(truth, a.folded.find(value.Fold(s)))
		try(truth, a.every, s)
		return scratch
	}
	scratch = appendLower(scratch[:0], s)
	if len(a.every) > 0 {
		a.runs.search(truth, s)
		try(truth, a.always, s)
	}
	if len(a.folded.bits) > 0 {
		upper(scratch)
		set(truth, a.folded.find(unsafe.String(unsafe.SliceData(scratch), len(scratch)))) // looked up and forgotten
	}
	return scratch
}

// texts are the bits of atoms by text. Few texts are any of them, so a sketch of
// each is asked first.
type texts struct {
	bits   map[string][]int32
	sketch *[sketchBits / 64]uint64
}

const sketchBits = 1 << 14

func newTexts() texts { return texts{map[string][]int32{}, new([sketchBits / 64]uint64)} }

// sketchOf is a hash of a text's length and some of its bytes.
func sketchOf(s string) uint32 {
	n := len(s)
	if n == 0 {
		return 0
	}
	h := uint32(s[0]) | uint32(s[n-1])<<8 | uint32(s[n/2])<<16 | uint32(n)<<24 //nolint:gosec // what is lost does not matter
	return h * 0x9e3779b1 >> (32 - 14)
}

func (t *texts) add(text string, bit int32) {
	t.bits[text] = append(t.bits[text], bit)
	h := sketchOf(text)
	t.sketch[h>>6] |= 1 << (h & 63)
}

func (t *texts) find(text string) []int32 {
	if h := sketchOf(text); t.sketch[h>>6]>>(h&63)&1 == 0 {
		return nil
	}
	return t.bits[text]
}

func set(truth []uint64, atoms []int32) {
	for _, b := range atoms {
		truth[b>>6] |= 1 << (b & 63)
	}
}

func try(truth []uint64, patterns []patternBit, s string) {
	for i := range patterns {
		p := &patterns[i]
		if truth[p.bit>>6]>>(p.bit&63)&1 == 0 && p.match.Match(s) {
			truth[p.bit>>6] |= 1 << (p.bit & 63)
		}
	}
}

// runs finds which patterns may match a text: each is filed under a run of two to
// four bytes that all its values have, the one that the fewest others have.
type runs struct {
	begin [1 << 10]uint64 // by a hash of a run: whether there is any
	by    [5]runTable     // by length
	has   [5]bool
}

// runTable holds the patterns of runs of one length: a hash table with open
// addressing, made once.
type runTable struct {
	keys  []uint32 // 0 = free: no run is all zeros
	lists [][]patternBit
	shift int
}

func newRunTable(patterns map[uint32][]patternBit) runTable {
	size := 4
	for size < 2*len(patterns) {
		size *= 2
	}
	t := runTable{keys: make([]uint32, size), lists: make([][]patternBit, size), shift: 32 - bits.TrailingZeros(uint(size))}
	for run, list := range patterns {
		at := t.slot(run)
		t.keys[at], t.lists[at] = run, list
	}
	return t
}

// slot returns where a run is, or would be.
func (t *runTable) slot(run uint32) int {
	mask := len(t.keys) - 1
	at := int(run*0x9e3779b1>>t.shift) & mask
	for t.keys[at] != 0 && t.keys[at] != run {
		at = (at + 1) & mask
	}
	return at
}

func (t *runTable) find(run uint32) []patternBit { return t.lists[t.slot(run)] }

func (t *runTable) holds(run uint32) bool { return t.keys[t.slot(run)] != 0 }

type indexedPattern struct {
	part string // in lower case
	at   patternBit
}

func newRuns(patterns []indexedPattern) runs {
	var r runs
	uses := map[uint32]int{}
	for _, p := range patterns {
		each4(p.part, func(run uint32) { uses[run]++ })
	}
	by := [5]map[uint32][]patternBit{2: {}, 3: {}, 4: {}}
	for _, p := range patterns {
		run, length := uint32(0), min(len(p.part), 4)
		if length < 4 {
			for i := range length {
				run |= uint32(p.part[i]) << (8 * i)
			}
		} else {
			best := -1
			each4(p.part, func(at uint32) {
				if best < 0 || uses[at] < best {
					run, best = at, uses[at]
				}
			})
		}
		h := runHash(run)
		r.begin[h>>6] |= 1 << (h & 63)
		by[length][run] = append(by[length][run], p.at)
		r.has[length] = true
	}
	for length, table := range by {
		if table != nil {
			r.by[length] = newRunTable(table)
		}
	}
	return r
}

// runHash is a hash of 16 bits.
func runHash(run uint32) uint32 { return run * 0x85ebca6b >> 16 }

func (r *runs) may(run uint32) bool {
	h := runHash(run)
	return r.begin[h>>6]>>(h&63)&1 != 0
}

func each4(s string, visit func(uint32)) {
	for i := 0; i+4 <= len(s); i++ {
		visit(uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24)
	}
}

// search tries the patterns whose run stands in s.
func (r *runs) search(truth []uint64, s string) {
	run := uint32(0)
	for i := range len(s) {
		run = run>>8 | uint32(lowers[s[i]])<<24
		if i >= 3 && r.may(run) {
			try(truth, r.by[4].find(run), s)
		}
		if r.has[2] && i >= 1 && r.may(run>>16) {
			try(truth, r.by[2].find(run>>16), s)
		}
		if r.has[3] && i >= 2 && r.may(run>>8) {
			try(truth, r.by[3].find(run>>8), s)
		}
	}
}

// skim reports whether any pattern may match. Text beyond ASCII may: its case folds
// otherwise.
func (r *runs) skim(s string) bool {
	run, wide := uint32(0), byte(0)
	for i := range len(s) {
		wide |= s[i]
		run = run>>8 | uint32(lowers[s[i]])<<24
		if r.may(run) && i >= 3 && r.by[4].holds(run) ||
			r.has[2] && i >= 1 && r.may(run>>16) && r.by[2].holds(run>>16) ||
			r.has[3] && i >= 2 && r.may(run>>8) && r.by[3].holds(run>>8) {
			return true
		}
	}
	return wide >= utf8.RuneSelf
}
