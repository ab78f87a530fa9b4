package source

import (
	"sync/atomic"

	"github.com/tripline-sec/tripline/internal/event"
)

// Ref is where a document stands: in the text of a source, after decompression.
type Ref struct {
	Offset int64  // of its first byte
	Source uint32 // the number of the source
	Length int32  // in bytes
}

// Arrival is the place of the document in the order of arrival: by source, and in
// a source by offset. That is the order in which All yields documents, however
// the sources were merged. It tells apart 16 million sources of 1 TiB each.
func (r Ref) Arrival() uint64 { return uint64(r.Source)<<40 | uint64(r.Offset) }

// RefOf returns a Ref of an Arrival.
func RefOf(arrival uint64, length int) Ref {
	return Ref{Source: uint32(arrival >> 40), Offset: int64(arrival & (1<<40 - 1)), Length: int32(length)}
}

// Batch is a stretch of one source: documents, not yet decoded, and problems, in
// order. It may be used in any goroutine, by one at a time, until it is released.
type Batch struct {
	Number uint64 // its place in the order of delivery, from 0
	Source uint32 // the number of the source, see Reader.Source

	name  string
	block *block
	base  int64 // where in the text block.buf begins
	parts []part
	limit int   // MaxDocument
	read  Stats // what was counted while it was read

	plain   bool         // from a plain file
	resume  *resumption  // where reading can go on behind it, see merging
	wrapped *atomic.Bool // of the source: set if an envelope gave a document an identity
}

// part is lines that look like one document each, or one document or problem.
type part struct {
	// Lines: block.buf[from:to], which begins with '{', as what follows it does
	// unless bound says otherwise.
	from, to int
	line     int // the first one's number
	bound    bound
	end      error   // how the text ended at to; nil if it did not
	ends     []int32 // of the first lines, where their newlines are; they may be fewer

	raw     []byte
	at      spot
	given   event.Identity
	problem *Problem
}

// bound is what stands behind a part that is lines.
type bound uint8

const (
	anObject bound = iota // another line that begins with '{', in the same block
	anything              // what does not matter, because the last line is whole
	theEnd                // nothing, see part.end
)

// Release gives the buffer back. Nothing that Each handed over may be used after
// it.
func (b *Batch) Release() {
	if b.block != nil {
		b.block.pool.putParts(b.parts)
		b.block.release()
		b.block, b.parts = nil, nil
	}
}

// Rereadable reports whether documents of the batch can be read again at the cost
// of a read each, see Reader.Fetch: those of a plain file, as long as no envelope
// gives them an identity.
func (b *Batch) Rereadable() bool { return b.plain && b.wrapped != nil && !b.wrapped.Load() }

// Size returns how many bytes of text the batch spans, about.
func (b *Batch) Size() int {
	n := 0
	for i := range b.parts {
		n += b.parts[i].to - b.parts[i].from + len(b.parts[i].raw)
	}
	return n
}

// Place returns the place, with its line, of a document of this batch.
func (b *Batch) Place(at Ref) Place {
	for i := range b.parts {
		p := &b.parts[i]
		switch from := b.base + int64(p.from); {
		case p.raw != nil && p.at.offset == at.Offset:
			return p.at.Place
		case p.raw == nil && p.problem == nil && at.Offset >= from && at.Offset < b.base+int64(p.to):
			text := b.block.buf[p.from : at.Offset-b.base]
			return Place{Name: b.name, Line: p.line + countLines(text)}
		}
	}
	return Place{Name: b.name}
}
