package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/tripline-sec/tripline/internal/value"
)

// A log file is a head and then records. A record is
//
//	magic u32 | version u8 | kind u8 | 0 u16 | length u32 | sum u32 | first u64 | head sum u32 | payload
//
// in little endian: the length and CRC-32C of the payload, the arrival number of
// the first document, the CRC-32C of what is before that sum. The numbers of
// records rise, so that what an overwritten one left behind is no record.
//
// The payload of a batch is, with numbers as varints:
//
//	ingested (µs) | strings: n, each length and bytes
//	documents: n, each
//	  page | source (a string's number) | flags | seconds | nanoseconds | length of the id | XXH64 of what was sent: u64
//	the ids: length and bytes
//	pages: n, each
//	  index (a string's number) | documents | bytes | compressed bytes
//	the compressed pages
//
// A page is what Parquet calls PLAIN: for each document its length as u32 and its
// bytes. It is compressed as one frame of zstd.
const (
	recordMagic   = 0x31524c54 // "TLR1"
	recordVersion = 1
	recordHead    = 28
	maxRecord     = 1 << 30

	kindBatch = 1
	kindHead  = 2 // of a log file, its payload is JSON
)

// errNoRecord says that there is none where one was looked for.
var errNoRecord = errors.New("no record")

func castagnoli(data []byte) uint32 {
	return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
}

// sealRecord fills in the head of a record; its payload follows in the same slice.
func sealRecord(record []byte, kind byte, first uint64, payloadSum uint32) {
	le := binary.LittleEndian
	le.PutUint32(record[0:], recordMagic)
	record[4], record[5], record[6], record[7] = recordVersion, kind, 0, 0
	le.PutUint32(record[8:], uint32(len(record)-recordHead))
	le.PutUint32(record[12:], payloadSum)
	le.PutUint64(record[16:], first)
	le.PutUint32(record[24:], castagnoli(record[:24]))
}

// head is the head of a record.
type head struct {
	version, kind byte
	length        int
	sum           uint32
	first         uint64
}

// readHead reads the head of a record; errNoRecord if it is none.
func readHead(data []byte) (head, error) {
	le := binary.LittleEndian
	if len(data) < recordHead || le.Uint32(data) != recordMagic || le.Uint32(data[24:]) != castagnoli(data[:24]) {
		return head{}, errNoRecord
	}
	h := head{data[4], data[5], int(le.Uint32(data[8:])), le.Uint32(data[12:]), le.Uint64(data[16:])}
	if h.length > maxRecord {
		return head{}, errNoRecord
	}
	if h.version > recordVersion {
		return head{}, fmt.Errorf("record of version %d: this program knows versions up to %d", h.version, recordVersion)
	}
	return h, nil
}

// batch is the payload of a record, taken apart but for its pages.
type batch struct {
	ingested int64 // µs
	docs     []meta
	pages    []pageRef
}

// meta is what a record says of a document.
type meta struct {
	page   int32
	source string
	id     string
	time   value.Instant
	timed  bool
	sum    sum
}

// pageRef is a page of a record.
type pageRef struct {
	index  string
	docs   int
	size   int    // of the page
	packed []byte // compressed
}

const flagTimed = 1

// encode appends the payload.
func (b *batch) encode(dst []byte) []byte {
	dst = binary.AppendVarint(dst, b.ingested)
	var list []string
	numbers := map[string]uint64{}
	number := func(s string) uint64 {
		n, ok := numbers[s]
		if !ok {
			n = uint64(len(list))
			numbers[s] = n
			list = append(list, s)
		}
		return n
	}
	for i := range b.pages {
		number(b.pages[i].index)
	}
	for i := range b.docs {
		if s := b.docs[i].source; i == 0 || s != b.docs[i-1].source {
			number(s)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, s := range list {
		dst = appendText(dst, s)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.docs)))
	source, ids := uint64(0), 0
	for i := range b.docs {
		d := &b.docs[i]
		if i == 0 || d.source != b.docs[i-1].source {
			source = numbers[d.source]
		}
		dst = binary.AppendUvarint(dst, uint64(d.page))
		dst = binary.AppendUvarint(dst, source)
		flags := byte(0)
		if d.timed {
			flags |= flagTimed
		}
		dst = append(dst, flags)
		dst = binary.AppendVarint(dst, d.time.Sec)
		dst = binary.AppendUvarint(dst, uint64(d.time.Nsec))
		dst = binary.AppendUvarint(dst, uint64(len(d.id)))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(d.sum))
		ids += len(d.id)
	}
	dst = binary.AppendUvarint(dst, uint64(ids))
	for i := range b.docs {
		dst = append(dst, b.docs[i].id...)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.pages)))
	for i := range b.pages {
		p := &b.pages[i]
		dst = binary.AppendUvarint(dst, numbers[p.index])
		dst = binary.AppendUvarint(dst, uint64(p.docs))
		dst = binary.AppendUvarint(dst, uint64(p.size))
		dst = binary.AppendUvarint(dst, uint64(len(p.packed)))
	}
	for i := range b.pages {
		dst = append(dst, b.pages[i].packed...)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
