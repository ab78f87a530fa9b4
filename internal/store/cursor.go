package store

import (
	"slices"
	"sync/atomic"
)

// Batch is some documents, in the order of arrival.
type Batch struct {
	Docs   []Stored
	blocks []*block // whose memory they are
}

// Release gives the memory of the documents back; nothing of them may be used
// after it. A batch that is not released is left to the garbage collector.
func (b *Batch) Release() {
	for _, block := range b.blocks {
		block.release()
	}
	b.blocks, b.Docs = nil, nil
}

// block is documents that were read together.
type block struct {
	docs  []Stored
	pages [][]byte // to be given back; not those of records in memory
	c     *catalog
	uses  atomic.Int32
}

func (b *block) release() {
	if b.uses.Add(-1) > 0 {
		return
	}
	for _, page := range b.pages {
		b.c.giveBack(page)
	}
	b.pages, b.docs = nil, nil
}

// source is a file or a part of one that holds documents in the order of arrival.
type source interface {
	first() uint64
	open(s *Scan) error
	// read reads the next documents that are asked for; nil: there are no more.
	read(s *Scan) (*block, error)
	close()
}

// cursor is a source and what was read of it and not yet handed out.
type cursor struct {
	source source
	block  *block
	at     int
}

// first is the number of the next document.
func (c *cursor) first() uint64 { return c.block.docs[c.at].Arrival }

// spent says that all that was read is handed out.
func (c *cursor) spent() bool { return c.at == len(c.block.docs) }

// take adds to a batch the documents before another one's number. There is one at
// least.
func (c *cursor) take(b *Batch, before uint64) {
	docs := c.block.docs[c.at:]
	n := len(docs)
	if docs[n-1].Arrival >= before {
		n = 0
		for docs[n].Arrival < before {
			n++
		}
	}
	c.at += n
	if len(b.Docs) == 0 {
		b.Docs = docs[:n:n] // mostly that is all
	} else {
		b.Docs = append(b.Docs, docs[:n]...)
	}
	if !slices.Contains(b.blocks, c.block) {
		c.block.uses.Add(1)
		b.blocks = append(b.blocks, c.block)
	}
}

// fill sees that there is a next document, if there is one.
func (c *cursor) fill(s *Scan) (more bool, err error) {
	for c.block == nil || c.spent() {
		c.drop()
		b, err := c.source.read(s)
		if b == nil || err != nil {
			return false, err
		}
		c.block, c.at = b, 0
	}
	return true, nil
}

func (c *cursor) drop() {
	if c.block != nil {
		c.block.release()
		c.block = nil
	}
}

func (c *cursor) close() {
	c.drop()
	c.source.close()
}

func wrapRead(name string, err error) error { return &ReadError{name, err} }

// ReadError says which file of the store can not be read.
type ReadError struct {
	File string
	Err  error
}

func (e *ReadError) Error() string { return "read " + e.File + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }
