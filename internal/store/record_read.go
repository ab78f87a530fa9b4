package store

import (
	"encoding/binary"
	"errors"
)

const sumSize = 8

var errPayload = errors.New("record is not as its version says")

// decodeBatch takes a payload apart. Pages share its memory.
func decodeBatch(payload []byte) (*batch, error) {
	r := payloadReader{data: payload}
	b := &batch{ingested: r.int()}
	list := make([]string, r.count(1))
	for i := range list {
		list[i] = string(r.bytes(r.count(1)))
	}
	text := func() string {
		if n := r.uint(); n < uint64(len(list)) {
			return list[n]
		}
		r.failed = true
		return ""
	}
	b.docs = make([]meta, r.count(sumSize))
	lengths := make([]int, len(b.docs))
	for i := range b.docs {
		d := &b.docs[i]
		d.page = int32(r.uint())
		d.source = text()
		if flags := r.bytes(1); len(flags) == 1 {
			d.timed = flags[0]&flagTimed != 0
		}
		d.time.Sec = r.int()
		d.time.Nsec = int32(r.uint())
		lengths[i] = r.count(0)
		if bytes := r.bytes(sumSize); len(bytes) == sumSize {
			d.sum = sum(binary.LittleEndian.Uint64(bytes))
		}
	}
	ids := string(r.bytes(r.count(1)))
	for i, n := range lengths {
		if n > len(ids) {
			return nil, errPayload
		}
		b.docs[i].id, ids = ids[:n], ids[n:]
	}
	b.pages = make([]pageRef, r.count(1))
	sizes := make([]int, len(b.pages))
	docs := 0
	for i := range b.pages {
		b.pages[i] = pageRef{index: text(), docs: r.count(0), size: r.count(0)}
		docs += b.pages[i].docs
		sizes[i] = r.count(0)
	}
	for i, n := range sizes {
		b.pages[i].packed = r.bytes(n)
	}
	for i := range b.docs {
		if page := b.docs[i].page; page < 0 || int(page) >= len(b.pages) {
			return nil, errPayload
		}
	}
	if r.failed || len(r.data) != 0 || docs != len(b.docs) {
		return nil, errPayload
	}
	return b, nil
}

// payloadReader reads a payload; once it has failed it yields zeros.
type payloadReader struct {
	data   []byte
	failed bool
}

func (r *payloadReader) uint() uint64 {
	v, n := binary.Uvarint(r.data)
	return v * uint64(r.took(n))
}

func (r *payloadReader) int() int64 {
	v, n := binary.Varint(r.data)
	return v * int64(r.took(n))
}

// took goes on behind n bytes; it returns 0 if there was no number, else 1.
func (r *payloadReader) took(n int) int {
	if n <= 0 || r.failed {
		r.failed = true
		return 0
	}
	r.data = r.data[n:]
	return 1
}

// count reads how many there are of something that takes at least so many bytes.
func (r *payloadReader) count(each int) int {
	n := r.uint()
	if n > maxRecord || int(n)*each > len(r.data) {
		r.failed = true
		return 0
	}
	return int(n)
}

func (r *payloadReader) bytes(n int) []byte {
	if r.failed || n > len(r.data) {
		r.failed = true
		return nil
	}
	taken := r.data[:n]
	r.data = r.data[n:]
	return taken
}

// splitPage takes a page apart into its documents, which share its memory.
func splitPage(docs [][]byte, page []byte) ([][]byte, error) {
	for len(page) > 0 {
		if len(page) < 4 {
			return docs, errPayload
		}
		n := int(binary.LittleEndian.Uint32(page))
		if n > len(page)-4 {
			return docs, errPayload
		}
		docs = append(docs, page[4:4+n:4+n])
		page = page[4+n:]
	}
	return docs, nil
}
