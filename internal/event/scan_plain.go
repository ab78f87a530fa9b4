package event

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
)

// The first stage in plain Go reads a document twice. First it looks for quotes,
// in blocks of 64 bytes and with no branch on what these are, as it can not be
// foretold where strings end. Then it goes from string to string: most of what is
// between two of them is a single comma or colon.

// buildPlain is the first stage in plain Go. It reports whether the document is
// valid and not nested too deep.
func (x *index) buildPlain(doc []byte) bool {
	return x.readQuotes(doc) && x.readGaps(doc) && x.goodEscapes(doc)
}

// blankBlock is what the document's last block is filled up with.
var blankBlock = [64]byte(bytes.Repeat([]byte{' '}, 64))

// readQuotes fills quotes and escapes. It returns false if there are control
// characters in strings. Backslashes may be anywhere.
func (x *index) readQuotes(doc []byte) bool {
	n := len(doc)/64 + 1
	x.quotes = reserve(x.quotes[:0], n)[:n]
	quotes := x.quotes
	x.escapes, x.wide = x.escapes[:0], false
	escape := behindBackslash(doc, 0)
	parity := uint64(0) // an odd number of bits is set if a string is open
	var tail [64]byte
	for k := range quotes {
		at := k * 64
		block := &tail
		if at+64 <= len(doc) {
			block = (*[64]byte)(doc[at:])
		} else {
			tail = blankBlock
			copy(tail[:], doc[at:])
		}
		// Written out and word by word: there are no registers for all eight.
		w := word(block, 0)
		q, odd := quoteBits(w), oddBits(w)
		w = word(block, 1)
		q, odd = q|quoteBits(w)<<8, odd|oddBits(w)
		w = word(block, 2)
		q, odd = q|quoteBits(w)<<16, odd|oddBits(w)
		w = word(block, 3)
		q, odd = q|quoteBits(w)<<24, odd|oddBits(w)
		w = word(block, 4)
		q, odd = q|quoteBits(w)<<32, odd|oddBits(w)
		w = word(block, 5)
		q, odd = q|quoteBits(w)<<40, odd|oddBits(w)
		w = word(block, 6)
		q, odd = q|quoteBits(w)<<48, odd|oddBits(w)
		w = word(block, 7)
		q, odd = q|quoteBits(w)<<56, odd|oddBits(w)
		controls := uint64(0)
		if odd&highs != 0 {
			q, controls = x.strangeBlock(block)
		}
		for escape < at+64 {
			x.escapes = append(x.escapes, uint32(escape)) //nolint:gosec // below maxScanned
			q &^= 1 << (escape - at)
			escape = behindBackslash(doc, escape+1)
		}
		if controls != 0 && controls&insides(q, parity) != 0 {
			return false
		}
		quotes[k] = q
		parity ^= q
	}
	quotes[n-1] |= 1 << (len(doc) & 63) // the document's end
	return true
}

// word returns eight bytes of a block.
func word(block *[64]byte, i int) uint64 { return binary.LittleEndian.Uint64(block[8*i:]) }

// quoteBits returns a bit for each byte of a word that is a quote, if none is
// above 0x7F.
func quoteBits(w uint64) uint64 { return pack((highs - (w ^ '"'*ones)) & highs) }

// oddBits has the highest bit of some byte set if one is a control character or
// above 0x7F.
func oddBits(w uint64) uint64 { return w | (w - ' '*ones) }

// pack moves the highest bits of eight bytes together, if no others are set.
func pack(w uint64) uint64 { return w * 0x2040810204081 >> 56 }

// strangeBlock returns a bit for each quote and for each control character of a
// block with any bytes.
func (x *index) strangeBlock(block *[64]byte) (quotes, controls uint64) {
	for i := 0; i < 64; i += 8 {
		w := binary.LittleEndian.Uint64(block[i:])
		low := w &^ highs
		quotes |= pack((highs-(low^'"'*ones))&highs&^w) << i
		controls |= pack((highs+0x1F*ones-low)&highs&^w) << i
		x.wide = x.wide || w&highs != 0
	}
	return quotes, controls
}

// insides returns a bit for each byte of a block that is in a string. If one is
// open before, open has an odd number of bits.
func insides(quotes, open uint64) uint64 {
	for n := 1; n < 64; n *= 2 {
		quotes ^= quotes << n
	}
	return quotes ^ -uint64(bits.OnesCount64(open)&1) //nolint:gosec // 0 or 1
}

// behindBackslash returns the position behind the first backslash from i on; a
// large number if there is none.
func behindBackslash(doc []byte, i int) int {
	if i < len(doc) {
		if n := bytes.IndexByte(doc[i:], '\\'); n >= 0 {
			return i + n + 1
		}
	}
	return math.MaxInt
}

// blanksEnd returns the position of the first byte from i on that is no blank.
func blanksEnd(s []byte, i int) int {
	for i < len(s) && s[i] <= ' ' && isBlank(s[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
