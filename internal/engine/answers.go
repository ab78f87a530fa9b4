package engine

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/tripline-sec/tripline/internal/value"
)

// answers holds all that is asked of the values of one field, so that it is asked
// of a value together: equal texts by hash, wildcard patterns by a filter of
// short runs of bytes, what is left one by one.
type answers struct {
	exact  map[string][]int32 // the bits of the atoms that a text makes true
	folded map[string][]int32
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
	a := answers{exact: map[string][]int32{}, folded: map[string][]int32{}}
	var indexed []indexedPattern
	for _, one := range atoms {
		bit := int32(one.bit) //nolint:gosec // few
		for _, text := range one.test.exact {
			a.exact[text] = append(a.exact[text], bit)
		}
		for _, text := range one.test.folded {
			a.folded[text] = append(a.folded[text], bit)
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
		if len(part) > len(best) && ascii(part) {
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
func (a *answers) text(bits []uint64, s string, scratch []byte) []byte {
	set(bits, a.exact[s])
	if len(a.folded)+len(a.every) == 0 {
		return scratch
	}
	if !ascii(s) {
		if len(a.folded) > 0 {
			set(bits, a.folded[value.Fold(s)])
		}
		try(bits, a.every, s)
		return scratch
	}
	scratch = appendLower(scratch[:0], s)
	if len(a.every) > 0 {
		scratch = a.runs.search(bits, s, scratch)
		try(bits, a.always, s)
	}
	if len(a.folded) > 0 {
		upper(scratch)
		set(bits, a.folded[string(scratch)])
	}
	return scratch
}

func set(bits []uint64, atoms []int32) {
	for _, b := range atoms {
		bits[b>>6] |= 1 << (b & 63)
	}
}

func try(bits []uint64, patterns []patternBit, s string) {
	for i := range patterns {
		p := &patterns[i]
		if bits[p.bit>>6]>>(p.bit&63)&1 == 0 && p.match.Match(s) {
			bits[p.bit>>6] |= 1 << (p.bit & 63)
		}
	}
}

// runs finds which patterns may match a text: each is filed under a run of two to
// four bytes that all its values have, the one that the fewest others have.
type runs struct {
	begin [1 << 10]uint64 // by the first two bytes of a run: whether there is any
	by4   map[uint32][]patternBit
	by3   map[uint32][]patternBit
	by2   map[uint32][]patternBit
}

type indexedPattern struct {
	part string // in lower case
	at   patternBit
}

func newRuns(patterns []indexedPattern) runs {
	r := runs{by4: map[uint32][]patternBit{}, by3: map[uint32][]patternBit{}, by2: map[uint32][]patternBit{}}
	uses := map[uint32]int{}
	for _, p := range patterns {
		each4(p.part, func(run uint32) { uses[run]++ })
	}
	for _, p := range patterns {
		var run uint32
		switch len(p.part) {
		case 2:
			run = uint32(p.part[0]) | uint32(p.part[1])<<8
			r.by2[run] = append(r.by2[run], p.at)
		case 3:
			run = uint32(p.part[0]) | uint32(p.part[1])<<8 | uint32(p.part[2])<<16
			r.by3[run] = append(r.by3[run], p.at)
		default:
			best := -1
			each4(p.part, func(at uint32) {
				if best < 0 || uses[at] < best {
					run, best = at, uses[at]
				}
			})
			r.by4[run] = append(r.by4[run], p.at)
		}
		two := run & 0xffff
		r.begin[two>>6] |= 1 << (two & 63)
	}
	return r
}

func each4(s string, visit func(uint32)) {
	for i := 0; i+4 <= len(s); i++ {
		visit(uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24)
	}
}

// search tries the patterns whose run stands in lower, which is s in lower case.
// It returns lower.
func (r *runs) search(bits []uint64, s string, lower []byte) []byte {
	n := len(lower)
	lower = append(lower, 0, 0, 0, 0)
	for i := range n {
		run := binary.LittleEndian.Uint32(lower[i:])
		if two := run & 0xffff; r.begin[two>>6]>>(two&63)&1 != 0 {
			r.at(bits, s, run)
		}
	}
	return lower[:n]
}

func (r *runs) at(bits []uint64, s string, run uint32) {
	if found, ok := r.by4[run]; ok {
		try(bits, found, s)
	}
	if len(r.by3) > 0 {
		try(bits, r.by3[run&0xffffff], s)
	}
	if len(r.by2) > 0 {
		try(bits, r.by2[run&0xffff], s)
	}
}
