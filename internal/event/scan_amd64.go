//go:build !purego

package event

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// The first stage in assembly works on blocks of 64 bytes, with words that have a
// bit for each byte. Nearly all of JSON's grammar is about what may follow what,
// and that is asked of all bytes at once.
//
// Bytes in strings are told apart by the parity of quotes. Outside of them, with
// blanks leapt over:
//
//   - after '{' there is a string or '}', after '[' a value or ']', after ':' and
//     ',' a value, and there is no value anywhere else;
//   - strings after '{' or ',' may be keys, and a colon follows only these;
//   - a string after '{' or ',' that no colon follows must be in an array, and so
//     must a value after ',' that is no string.
//
// What is left is asked of a stack of open brackets, in link: that they match,
// that colons are in objects and that those are in arrays which must be.
//
// Numbers, literals and escapes are listed and looked at one by one.

var (
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT && cpu.X86.HasPCLMULQDQ
	hasAVX512 = hasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ &&
		cpu.X86.HasAVX512VBMI2 && cpu.X86.HasAVX512VPCLMULQDQ
)

// stage is what the first stage keeps between documents.
type stage struct {
	blocks blocks
	groups groups
	last   [groupSize]byte
}

// build is the first stage.
func (x *index) build(doc []byte) bool {
	switch {
	case hasAVX512:
		return x.buildAVX512(doc)
	case hasAVX2:
		return x.buildAVX2(doc)
	}
	return x.buildPlain(doc)
}

func (x *index) buildAVX512(doc []byte) bool {
	return x.readGroups(doc) && x.link(doc) && x.goodScalars(doc) && x.goodEscapes(doc)
}

func (x *index) buildAVX2(doc []byte) bool {
	return x.readBlocks(doc) && x.link(doc) && x.goodScalars(doc) && x.goodEscapes(doc)
}

// lists are what the assembly writes to: the start of each list and its length.
type lists struct {
	tokens   *uint32
	nTokens  uint64
	scalars  *uint32
	nScalars uint64
	escapes  *uint32
	nEscapes uint64
	quotes   *uint64 // where the next words of quotes go
}

// chunkSize is how many bytes are read before the lists may grow. Each byte adds
// an entry at most to each list, and 64 more may be written behind its end.
const chunkSize = 4096

// begin empties the lists for a document of n bytes.
func (x *index) begin(l *lists, n int) {
	x.tokens, x.scalars, x.escapes = x.tokens[:0], x.scalars[:0], x.escapes[:0]
	x.quotes = reserve(x.quotes[:0], (n/groupSize+1)*len(words{})+1)
	x.quotes = x.quotes[:cap(x.quotes)]
	*l = lists{quotes: unsafe.SliceData(x.quotes)}
}

// grow makes room for what a chunk adds to the lists.
func (x *index) grow(l *lists) {
	const room = chunkSize + 64
	x.tokens, x.scalars, x.escapes = reserve(x.tokens, room), reserve(x.scalars, room), reserve(x.escapes, room)
	l.tokens, l.scalars, l.escapes = unsafe.SliceData(x.tokens), unsafe.SliceData(x.scalars), unsafe.SliceData(x.escapes)
}

// grown gives the lists the length that they have.
func (x *index) grown(l *lists) {
	x.tokens, x.scalars, x.escapes = x.tokens[:l.nTokens], x.scalars[:l.nScalars], x.escapes[:l.nEscapes]
}

// link fills skips and checks what only a stack can tell.
//
// No token is behind the document's end: the last one is the greatest, and is
// compared with it.
func (x *index) link(doc []byte) bool {
	tokens := x.tokens
	x.skips = reserve(x.skips[:0], len(tokens))[:len(tokens)]
	if len(tokens) < 2 || blanksEnd(doc, int(tokens[len(tokens)-1])) != len(doc) {
		return false
	}
	x.open[0], x.open[1] = 0, inObject // nothing may stand at depth 0
	return linkTokens(&doc[0], &tokens[0], &x.skips[0], len(tokens), &x.open, &tokenKinds) == 0
}

// linkTokens fills skips for all tokens but the first, which opens the document.
// Of n there are two at least. It returns at which depth they end; -1 if a token
// stands where it may not, or above MaxDepth.
//
// There is no branch on what a token is, as that can not be foretold. Written in
// vain is what is overwritten before it is read: skips of a bracket that is not
// yet closed, and the stack above its top.
//
//go:noescape
func linkTokens(doc *byte, tokens, skips *uint32, n int, open *stack, kinds *[256]uint32) (depth int)

// tokenKinds has for the byte before each token, from the lowest byte: where it
// may stand, inObject or inArray; the same of what it opens; and, as two bytes,
// how the stack's top moves. What is neither bracket nor colon is a mark.
var tokenKinds = func() (kinds [256]uint32) {
	const up, down = 4 << 16, 0xFFFC << 16
	for c := range kinds {
		kinds[c] = inArray
	}
	kinds['{'] = inObject | inArray | inObject<<8 | up
	kinds['['] = inObject | inArray | inArray<<8 | up
	kinds['}'] = inObject | down
	kinds[']'] = inArray | down
	kinds[':'] = inObject
	return kinds
}()

// goodScalars checks the numbers and literals.
func (x *index) goodScalars(doc []byte) bool {
	for _, at := range x.scalars {
		if shortInteger(doc, int(at)) {
			continue
		}
		end := scalarEnd(doc, int(at))
		if end < 0 || end == len(doc) || !endsScalar(doc[end]) {
			return false
		}
	}
	return true
}
