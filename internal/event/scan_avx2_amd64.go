//go:build !purego

package event

const blockSize = 64

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
	lists    lists
}

// blocksAVX2 reads n blocks, one at least.
//
//go:noescape
func blocksAVX2(b *blocks, p *byte, n int)

// readBlocks fills the lists and reports whether every token may follow the one
// before it.
func (x *index) readBlocks(doc []byte) bool {
	b := &x.blocks
	*b = blocks{value: 1} // the document is a value
	x.begin(&b.lists, len(doc))
	rest := doc
	for len(rest) >= blockSize {
		n := min(len(rest), chunkSize) / blockSize
		x.grow(&b.lists)
		blocksAVX2(b, &rest[0], n)
		x.grown(&b.lists)
		rest = rest[n*blockSize:]
	}
	// There always is a last block that is not full: tokens are listed behind
	// their byte.
	for i := copy(x.last[:blockSize], rest); i < blockSize; i++ {
		x.last[i] = ' '
	}
	x.grow(&b.lists)
	blocksAVX2(b, &x.last[0], 1)
	x.grown(&b.lists)
	x.wide = b.wide != 0
	return b.bad == 0
}
