package value

import (
	"unicode"
	"unicode/utf8"
)

// scanner finds a run of code points and '?' in a text, reading each code point
// of the text once. It keeps a bit for every beginning of the run that the text
// read so far ends with, 64 to a word, so that its cost does not depend on how
// often a beginning recurs, as that of a naive search does.
type scanner struct {
	ascii [utf8.RuneSelf]int32 // class of an ASCII character
	other map[rune]int32       // class of the other code points of the run
	any   []uint64             // the places of '?' in the run
	short []uint64             // class by class, of a run of one word: the places it may stand at
	long  [][]wordBits         // the same of a longer run, without the places of '?'
	end   uint64               // bit of the run's end, in the last word
	fold  bool
}

type wordBits struct {
	word int
	bits uint64
}

// newScanner compiles a run, which is not empty. With fold it must be folded
// already.
func newScanner(run []rune, fold bool) *scanner {
	c := &scanner{
		other: make(map[rune]int32),
		any:   make([]uint64, (len(run)+63)/64),
		long:  make([][]wordBits, 1), // class 0 is every code point the run does not name
		end:   1 << ((len(run) - 1) % 64),
		fold:  fold,
	}
	for i, r := range run {
		word, bit := i/64, uint64(1)<<(i%64)
		if r == anyOne {
			c.any[word] |= bit
			continue
		}
		class := c.class(r)
		if class == 0 {
			class = c.addClass(r)
		}
		places := c.long[class]
		if n := len(places); n > 0 && places[n-1].word == word {
			places[n-1].bits |= bit
		} else {
			c.long[class] = append(places, wordBits{word, bit})
		}
	}
	if fold {
		for r := 'a'; r <= 'z'; r++ {
			c.ascii[r] = c.ascii[foldRune(r)]
		}
	}
	if len(c.any) == 1 {
		for _, places := range c.long {
			mask := c.any[0]
			for _, p := range places {
				mask |= p.bits
			}
			c.short = append(c.short, mask)
		}
		c.long = nil
	}
	return c
}

func (c *scanner) class(r rune) int32 {
	if r < utf8.RuneSelf {
		return c.ascii[r]
	}
	return c.other[r]
}

func (c *scanner) addClass(r rune) int32 {
	class := int32(len(c.long)) //nolint:gosec // no more than there are code points
	c.long = append(c.long, nil)
	if r < utf8.RuneSelf {
		c.ascii[r] = class
	} else {
		c.other[r] = class
	}
	return class
}

// find returns where the leftmost occurrence in s ends, or -1.
func (c *scanner) find(s string) int {
	if c.short == nil {
		return c.findLong(s)
	}
	var state uint64
	for at := 0; at < len(s); {
		class, n := c.next(s, at)
		at += n
		state = (state<<1 | 1) & c.short[class]
		if state&c.end != 0 {
			return at
		}
	}
	return -1
}

func (c *scanner) findLong(s string) int {
	state := make([]uint64, len(c.any))
	for at := 0; at < len(s); {
		class, n := c.next(s, at)
		at += n
		places := c.long[class]
		carry := uint64(1)
		for i, word := range state {
			mask := c.any[i]
			if len(places) > 0 && places[0].word == i {
				mask |= places[0].bits
				places = places[1:]
			}
			state[i] = (word<<1 | carry) & mask
			carry = word >> 63
		}
		if state[len(state)-1]&c.end != 0 {
			return at
		}
	}
	return -1
}

// next returns the class of the code point at s[at:], and its length.
func (c *scanner) next(s string, at int) (class int32, n int) {
	if b := s[at]; b < utf8.RuneSelf {
		return c.ascii[b], 1
	}
	r, n := decodeRune(s[at:])
	if c.fold {
		r = foldRune(r)
	}
	return c.class(r), n
}

// hasCase reports whether r has another form that differs in case alone.
func hasCase(r rune) bool { return unicode.SimpleFold(r) != r }
