//go:build !purego

package event

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// The first stage for processors with AVX2 or AVX-512 works on 64 bytes at once,
// with words that have a bit for each byte. It never goes through a document
// token by token: nearly all of JSON's grammar is about what may follow what.
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

// blocks is the state of the first stage between blocks. The assembly knows the
// places of its fields.
type blocks struct {
	inString uint64 // all ones: the next block begins in a string
	escape   uint64 // 1: its first byte is escaped; and so on, 1: its first byte or, behind blanks there, the first other
	comma    uint64 // follows a comma
	brace    uint64 // follows an opening brace
	value    uint64 // follows a colon or opening bracket
	keyEnd   uint64 // follows a string that may be a key
	key      uint64 // is in a string that may be a key
	scalar   uint64 // may go on with a number or literal
	token    uint64 // is behind a token
	bad      uint64 // not 0: the document is not valid
	wide     uint64 // not 0: there are bytes above 0x7F
	base     uint64 // the position of the next block
	opens    uint64 // opening quotes of the block at hand

	// The lists and their lengths.
	tokens   *uint32
	nTokens  uint64
	scalars  *uint32
	nScalars uint64
	escapes  *uint32
	nEscapes uint64
}

// blocksAVX512 and blocksAVX2 read n blocks, one at least. Each adds up to 64
// entries a block to every list, and may write 64 more behind its end.
//
//go:noescape
func blocksAVX512(b *blocks, p *byte, n int)

//go:noescape
func blocksAVX2(b *blocks, p *byte, n int)

const (
	blockSize   = 64
	chunkBlocks = 64 // how many blocks are read before the lists may grow
	listRoom    = (chunkBlocks + 2) * blockSize
)

var (
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT && cpu.X86.HasPCLMULQDQ
	hasAVX512 = hasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VBMI2
)

// stage is what the first stage keeps between documents.
type stage struct {
	blocks  blocks
	scalars []uint32 // where numbers and literals begin
	escapes []uint32 // the bytes behind backslashes that are not escaped themselves
	last    [blockSize]byte
	open    stack
}

// build is the first stage.
func (x *index) build(doc []byte) bool {
	switch {
	case hasAVX512:
		return x.buildBlocks(doc, blocksAVX512)
	case hasAVX2:
		return x.buildBlocks(doc, blocksAVX2)
	}
	return x.buildPlain(doc)
}

// buildBlocks is buildPlain by blocks.
func (x *index) buildBlocks(doc []byte, read func(b *blocks, p *byte, n int)) bool {
	b := &x.blocks
	*b = blocks{value: 1} // the document is a value
	x.tokens, x.scalars, x.escapes = x.tokens[:0], x.scalars[:0], x.escapes[:0]
	whole := len(doc) / blockSize
	for done := 0; done < whole; done += chunkBlocks {
		x.readBlocks(doc[done*blockSize:], min(chunkBlocks, whole-done), read)
	}
	// The rest is never empty: tokens are listed behind their byte.
	for i := copy(x.last[:], doc[whole*blockSize:]); i < blockSize; i++ {
		x.last[i] = ' '
	}
	x.readBlocks(x.last[:], 1, read)
	x.wide = b.wide != 0
	return b.bad == 0 && x.link(doc) && x.goodScalars(doc) && x.goodEscapes(doc)
}

// readBlocks reads n blocks and makes room for what they list.
func (x *index) readBlocks(doc []byte, n int, read func(b *blocks, p *byte, n int)) {
	b := &x.blocks
	x.tokens, x.scalars, x.escapes = reserve(x.tokens, listRoom), reserve(x.scalars, listRoom), reserve(x.escapes, listRoom)
	b.tokens, b.scalars, b.escapes = unsafe.SliceData(x.tokens), unsafe.SliceData(x.scalars), unsafe.SliceData(x.escapes)
	read(b, &doc[0], n)
	x.tokens, x.scalars, x.escapes = x.tokens[:b.nTokens], x.scalars[:b.nScalars], x.escapes[:b.nEscapes]
}

// link fills skips and checks what only a stack can tell.
func (x *index) link(doc []byte) bool {
	tokens := x.tokens
	x.skips = reserve(x.skips[:0], len(tokens))[:len(tokens)]
	if len(tokens) < 2 || int(tokens[len(tokens)-1]) != len(doc) {
		return false
	}
	skips, depth := x.skips, 1
	x.open[0], x.open[1] = 0, inObject // nothing may stand at depth 0
	for i := 1; i < len(tokens); i++ {
		kind := &bracketKinds[doc[tokens[i]-1]]
		top := x.open[depth&1023]
		if kind.within&top == 0 {
			return false
		}
		// What is written in vain here is overwritten before it is read: it is
		// cheaper than a branch that can not be foretold.
		skips[i] = uint32(i)
		skips[top>>2] = uint32(i + 1)
		x.open[(depth+1)&1023] = uint32(i)<<2 | kind.opens
		depth += int(kind.step)
		if depth > MaxDepth {
			return false
		}
	}
	return depth == 0
}

// bracketKind is what link must know of the byte before a token.
type bracketKind struct {
	within uint32 // inObject, inArray: where it may stand
	opens  uint32 // what is inside of it
	step   int32  // how the depth changes
}

// bracketKinds has for all that is neither bracket nor colon what marks within
// arrays need.
var bracketKinds = func() (kinds [256]bracketKind) {
	for c := range kinds {
		kinds[c] = bracketKind{within: inArray}
	}
	kinds['{'] = bracketKind{inObject | inArray, inObject, 1}
	kinds['['] = bracketKind{inObject | inArray, inArray, 1}
	kinds['}'] = bracketKind{inObject, 0, -1}
	kinds[']'] = bracketKind{inArray, 0, -1}
	kinds[':'] = bracketKind{within: inObject}
	return kinds
}()

// goodScalars checks the numbers and literals.
func (x *index) goodScalars(doc []byte) bool {
	for _, at := range x.scalars {
		end := scalarEnd(doc, int(at))
		if end < 0 || end == len(doc) || !endsScalar(doc[end]) {
			return false
		}
	}
	return true
}

// goodEscapes checks the escapes and finds those in keys.
func (x *index) goodEscapes(doc []byte) bool {
	x.escaped, x.keysEscaped = len(x.escapes) > 0, false
	end := 0 // of the string at hand
	for _, at := range x.escapes {
		at := int(at)
		if !goodEscape(doc[at:]) {
			return false
		}
		if at >= end {
			end = at - 1 + closing(doc[at-1:])
			if doc[blanksEnd(doc, end+1)] == ':' {
				x.keysEscaped = true
			}
		}
	}
	return true
}
