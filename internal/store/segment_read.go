package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/tripline-sec/tripline/internal/disk"
)

// errDamaged says that a file is not what was written.
var errDamaged = errors.New("damaged")

// segmentReader reads a segment, a row group at a time.
type segmentReader struct {
	file    disk.File
	parquet *parquet.File
	numbers map[string]int
	values  []parquet.Value
	packed  []byte
}

func openSegment(fsys disk.FS, name string, s *segment) (*segmentReader, error) {
	file, err := disk.Open(fsys, name)
	if err != nil {
		return nil, wrapRead(name, err)
	}
	r := &segmentReader{file: file, numbers: map[string]int{}}
	if err := r.open(s); err != nil {
		_ = file.Close()
		return nil, wrapRead(name, err)
	}
	return r, nil
}

func (r *segmentReader) open(s *segment) (err error) {
	defer damaged(&err)
	end := make([]byte, max(0, s.Disk-s.Tail))
	if n, err := r.file.ReadAt(end, s.Tail); n < len(end) {
		return fmt.Errorf("%w: it is too short: %w", errDamaged, err)
	}
	if castagnoli(end) != s.Sum {
		return fmt.Errorf("%w: sum of its end", errDamaged)
	}
	content := &tailed{r.file, s.Tail, end}
	if r.parquet, err = parquet.OpenFile(content, s.Disk, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true)); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	text, _ := r.parquet.Lookup(segmentFormatKey)
	switch n, err := strconv.Atoi(text); {
	case err != nil:
		return fmt.Errorf("%w: no %s in the file", errDamaged, segmentFormatKey)
	case n > segmentFormat:
		return fmt.Errorf("segment of format %d: this program knows formats up to %d", n, segmentFormat)
	}
	for i, path := range r.parquet.Schema().Columns() {
		r.numbers[path[0]] = i
	}
	return nil
}

// tailed is a file whose end is in memory.
type tailed struct {
	file io.ReaderAt
	from int64
	end  []byte
}

// ReadAt implements [io.ReaderAt].
func (t *tailed) ReadAt(p []byte, at int64) (int, error) {
	if at < t.from {
		return t.file.ReadAt(p, at)
	}
	n := copy(p, t.end[min(at-t.from, int64(len(t.end))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// damaged makes an error of a panic: the library does not expect every change of a
// page's head.
func damaged(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", errDamaged, p)
	}
}

func (r *segmentReader) close() { _ = r.file.Close() }

// groups is how many row groups there are.
func (r *segmentReader) groups() int { return len(r.parquet.RowGroups()) }

// want says which of the rows' parts are asked for besides arrival and times.
type want uint8

const (
	wantIdentity want = 1 << iota
	wantSum
)

// rows reads the store's own columns of a row group.
func (r *segmentReader) rows(group int, w want) (_ []row, err error) {
	defer damaged(&err)
	rows := make([]row, r.parquet.RowGroups()[group].NumRows())
	type column struct {
		name string
		set  func(*row, parquet.Value)
	}
	columns := []column{
		{columnArrival, func(d *row, v parquet.Value) { d.arrival = uint64(v.Int64()) }},
		{columnIngested, func(d *row, v parquet.Value) { d.ingested = v.Int64() }},
		{columnNanos, func(d *row, v parquet.Value) { d.time.Nsec = v.Int32() }},
		{columnTime, func(d *row, v parquet.Value) {
			if d.timed = !v.IsNull(); d.timed {
				d.time = instantOfMicros(v.Int64(), d.time.Nsec)
			}
		}},
	}
	var ids []byte // all of them, as one text is one allocation
	var lengths []int
	if w&wantIdentity != 0 {
		var index, source string
		columns = append(columns,
			column{columnIndex, func(d *row, v parquet.Value) { d.index = again(&index, v.ByteArray()) }},
			column{columnSource, func(d *row, v parquet.Value) { d.source = again(&source, v.ByteArray()) }},
			column{columnID, func(_ *row, v parquet.Value) {
				ids = append(ids, v.ByteArray()...)
				lengths = append(lengths, len(v.ByteArray()))
			}},
		)
	}
	if w&wantSum != 0 {
		columns = append(columns, column{columnSum, func(d *row, v parquet.Value) { d.sum = sum(v.Uint64()) }})
	}
	for _, c := range columns {
		if err := r.column(group, c.name, rows, c.set); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	text := string(ids)
	for i, n := range lengths {
		rows[i].id, text = text[:n], text[n:]
	}
	return rows, nil
}

// again returns the text, which mostly is the one before.
func again(last *string, text []byte) string {
	if string(text) != *last {
		*last = string(text)
	}
	return *last
}

// column hands over the values of a column, row by row.
func (r *segmentReader) column(group int, name string, rows []row, set func(*row, parquet.Value)) (err error) {
	number, ok := r.numbers[name]
	if !ok {
		return fmt.Errorf("%w: it is missing", errDamaged)
	}
	if r.values == nil {
		r.values = make([]parquet.Value, 1024)
	}
	pages := r.parquet.RowGroups()[group].ColumnChunks()[number].Pages()
	defer func() {
		if closed := pages.Close(); err == nil {
			err = closed
		}
	}()
	at := 0
	for at < len(rows) {
		page, err := pages.ReadPage()
		if err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		values := page.Values()
		for {
			n, err := values.ReadValues(r.values)
			if n > len(rows)-at {
				return fmt.Errorf("%w: too many values", errDamaged)
			}
			for i := range n {
				set(&rows[at+i], r.values[i])
			}
			at += n
			if errors.Is(err, io.EOF) || err == nil && n == 0 {
				break
			}
			if err != nil {
				return err
			}
		}
		parquet.Release(page)
	}
	return nil
}

// pageSpot is where a page of documents is.
type pageSpot struct {
	at, size int64 // with its head
	rows     int
}

// pages lists the pages of documents of a row group.
func (r *segmentReader) pages(group int) ([]pageSpot, error) {
	g := r.parquet.RowGroups()[group]
	index, err := g.ColumnChunks()[r.numbers[columnRaw]].OffsetIndex()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	list := make([]pageSpot, index.NumPages())
	for i := range list {
		end := g.NumRows()
		if i+1 < len(list) {
			end = index.FirstRowIndex(i + 1)
		}
		list[i] = pageSpot{index.Offset(i), index.CompressedPageSize(i), int(end - index.FirstRowIndex(i))}
	}
	return list, nil
}

// read reads a page of documents into a buffer of at least its size.
func (r *segmentReader) read(spot pageSpot, pack *packer, buffer func(size int) []byte) (_ []byte, err error) {
	defer damaged(&err)
	if int64(cap(r.packed)) < spot.size {
		r.packed = make([]byte, spot.size)
	}
	packed := r.packed[:spot.size]
	if n, err := r.file.ReadAt(packed, spot.at); n < len(packed) {
		return nil, fmt.Errorf("read page: %w", err)
	}
	var h format.PageHeader
	protocol := thrift.CompactProtocol{}
	if err := thrift.NewDecoder(protocol.NewReader(bytes.NewReader(packed))).Decode(&h); err != nil {
		return nil, fmt.Errorf("%w: head of a page: %w", errDamaged, err)
	}
	if int64(h.CompressedPageSize) > spot.size || h.CompressedPageSize < 0 || h.UncompressedPageSize < 0 {
		return nil, fmt.Errorf("%w: size of a page", errDamaged)
	}
	packed = packed[len(packed)-int(h.CompressedPageSize):]
	if int32(crc32.ChecksumIEEE(packed)) != h.CRC {
		return nil, fmt.Errorf("%w: sum of a page", errDamaged)
	}
	size := int(h.UncompressedPageSize)
	page, err := pack.unpack(buffer(size)[:0], packed, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return page, nil
}
