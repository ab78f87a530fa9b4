package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

const (
	// segmentFormat is the version of a segment's columns and their meaning.
	segmentFormat    = 1
	segmentFormatKey = "tripline.format"

	groupRows  = 128 << 10 // when a row group ends: at so many documents,
	groupBytes = 256 << 20 // or so many bytes of them

	// leastPage is how large a page must be to be taken over from the log as it was
	// compressed there. Larger ones compress better, by some percent; compressing again
	// costs as much as appending did.
	leastPage = pageSize / 8
)

// row is a document of a segment but for its bytes.
type row struct {
	arrival           uint64
	index, id, source string
	sum               sum
	time              value.Instant
	timed             bool
	ingested          int64 // µs
}

// segmentWriter writes a segment, under a temporary name until it is done.
type segmentWriter struct {
	fsys disk.FS
	temp string
	file disk.File
	out  *parquet.GenericWriter[any]

	codec   *pageCodec
	numbers map[string]int // column name to its number
	ecs     []int          // the numbers of Columns()
	scanner *event.Scanner
	fields  *event.Row
	values  []parquet.Value
	texts   []byte
	spans   []span

	page  []byte // of documents whose pages are too small to copy
	rows  []row
	split [][]byte

	bounds  bounds
	indices map[string]struct{}
	inGroup bounds
}

func newSegmentWriter(fsys disk.FS, temp string, pack *packer, ecs *event.Schema, export bool) (*segmentWriter, error) {
	file, err := disk.Create(fsys, temp)
	if err != nil {
		return nil, err
	}
	w := &segmentWriter{
		fsys: fsys, temp: temp, file: file,
		codec: &pageCodec{packer: pack}, numbers: map[string]int{}, indices: map[string]struct{}{},
		scanner: event.NewScanner(ecs), fields: event.NewRow(ecs),
	}
	schema := segmentSchema(w.codec, export)
	w.out = parquet.NewGenericWriter[any](&disk.Writer{File: file}, schema,
		parquet.DataPageVersion(1),
		parquet.PageBufferSize(256<<10),
		parquet.WriteBufferSize(1<<20),
		parquet.DictionaryMaxBytes(256<<10),
		parquet.SkipPageBounds(columnRaw), parquet.SkipPageBounds(columnSum), parquet.SkipPageBounds(columnID),
		parquet.SkipPageStatistics(columnRaw), parquet.SkipPageStatistics(columnSum), parquet.SkipPageStatistics(columnID),
		parquet.CreatedBy("tripline", "", ""),
		parquet.KeyValueMetadata(segmentFormatKey, strconv.Itoa(segmentFormat)),
	)
	for i, path := range schema.Columns() {
		w.numbers[path[0]] = i
	}
	for _, field := range Columns() {
		w.ecs = append(w.ecs, w.numbers[field])
	}
	return w, nil
}

// add adds a page of documents, with its compressed form. A small one becomes part
// of a larger.
func (w *segmentWriter) add(page, packed []byte, rows []row) error {
	if len(page) < leastPage {
		w.page = append(w.page, page...)
		w.rows = append(w.rows, rows...)
		if len(w.page) < pageSize {
			return nil
		}
		return w.flush()
	}
	if err := w.flush(); err != nil {
		return err
	}
	return w.write(page, packed, rows)
}

// addOne adds a document that has no page of its own.
func (w *segmentWriter) addOne(doc []byte, r row) error {
	w.page = appendDoc(w.page, doc)
	w.rows = append(w.rows, r)
	if len(w.page) < pageSize {
		return nil
	}
	return w.flush()
}

// appendDoc adds a document to a page.
func appendDoc(page, doc []byte) []byte {
	page = binary.LittleEndian.AppendUint32(page, uint32(len(doc)))
	return append(page, doc...)
}

func (w *segmentWriter) flush() error {
	if len(w.rows) == 0 {
		return nil
	}
	err := w.write(w.page, nil, w.rows)
	w.page, w.rows = w.page[:0], w.rows[:0]
	return err
}

// write writes one page of the documents' column, and the rest of the rows.
func (w *segmentWriter) write(page, packed []byte, rows []row) error {
	docs, err := splitPage(w.split[:0], page)
	if err != nil {
		return err
	}
	w.split = docs
	if len(docs) != len(rows) {
		return fmt.Errorf("page of %d documents for %d rows", len(docs), len(rows))
	}
	w.codec.page, w.codec.packed = page, packed
	raw := w.out.ColumnWriters()[w.numbers[columnRaw]]
	if err := w.column(columnRaw, len(rows), func(i int) parquet.Value { return parquet.ByteArrayValue(docs[i]) }); err != nil {
		return err
	}
	if err := raw.Flush(); err != nil {
		return err
	}
	w.codec.page, w.codec.packed = nil, nil
	if err := w.own(rows); err != nil {
		return err
	}
	if err := w.common(docs); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		w.inGroup.add(len(docs[i]), r.arrival, whenMicros(r.time, r.timed, r.ingested), r.ingested)
		w.indices[r.index] = struct{}{}
	}
	if w.inGroup.Documents < groupRows && w.inGroup.Bytes < groupBytes {
		return nil
	}
	return w.endGroup()
}

func (w *segmentWriter) endGroup() error {
	w.bounds.join(w.inGroup)
	w.inGroup = bounds{}
	return w.out.Flush()
}

// column writes the values of some rows to a column.
func (w *segmentWriter) column(name string, n int, of func(i int) parquet.Value) error {
	return w.columnAt(w.numbers[name], n, of)
}

func (w *segmentWriter) columnAt(number, n int, of func(i int) parquet.Value) error {
	w.values = slices.Grow(w.values[:0], n)[:n]
	for i := range w.values {
		w.values[i] = of(i)
	}
	_, err := w.out.ColumnWriters()[number].WriteRowValues(w.values)
	return err
}

// own writes the store's own columns.
func (w *segmentWriter) own(rows []row) error {
	var same struct {
		text  string
		value parquet.Value
	}
	repeated := func(s string) parquet.Value { // mostly the one before
		if s != same.text || same.value.IsNull() {
			same.text, same.value = s, parquet.ByteArrayValue([]byte(s))
		}
		return same.value
	}
	for _, c := range []struct {
		name string
		of   func(r *row) parquet.Value
	}{
		{columnArrival, func(r *row) parquet.Value { return parquet.Int64Value(int64(r.arrival)) }},
		{columnIndex, func(r *row) parquet.Value { return repeated(r.index) }},
		{columnID, func(r *row) parquet.Value { return parquet.ByteArrayValue([]byte(r.id)) }},
		{columnSource, func(r *row) parquet.Value { return repeated(r.source) }},
		{columnSum, func(r *row) parquet.Value { return parquet.Int64Value(int64(r.sum)) }},
		{columnIngested, func(r *row) parquet.Value { return parquet.Int64Value(r.ingested) }},
		{columnNanos, func(r *row) parquet.Value { return parquet.Int32Value(r.time.Nsec % 1000) }},
		{columnTime, func(r *row) parquet.Value {
			if !r.timed {
				return parquet.NullValue()
			}
			return parquet.Int64Value(micros(r.time)).Level(0, 1, 0)
		}},
	} {
		if _, there := w.numbers[c.name]; !there {
			continue
		}
		if err := w.column(c.name, len(rows), func(i int) parquet.Value { return c.of(&rows[i]) }); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	return nil
}

// common writes the columns of Columns. The values are collected first, as one scan
// of a document finds all of its own.
func (w *segmentWriter) common(docs [][]byte) error {
	w.texts, w.spans = w.texts[:0], w.spans[:0]
	for _, doc := range docs {
		if err := w.scanner.Scan(doc, w.fields); err != nil {
			return err
		}
		for slot := range w.ecs {
			s := span{from: -1}
			if at := w.fields.Head(slot); at >= 0 {
				s.from = len(w.texts)
				w.texts = append(w.texts, w.fields.At(at).Text...)
				s.to = len(w.texts)
			}
			w.spans = append(w.spans, s)
		}
	}
	for slot, number := range w.ecs {
		err := w.columnAt(number, len(docs), func(i int) parquet.Value {
			s := w.spans[i*len(w.ecs)+slot]
			if s.from < 0 {
				return parquet.NullValue()
			}
			return parquet.ByteArrayValue(w.texts[s.from:s.to]).Level(0, 1, 0)
		})
		if err != nil {
			return fmt.Errorf("column %s: %w", Columns()[slot], err)
		}
	}
	return nil
}

// span is a part of the texts of a page's common columns; from -1: no value.
type span struct{ from, to int }

// finish makes the file durable under its temporary name. It returns its size and
// what its end must be like, see segment.Tail.
func (w *segmentWriter) finish() (size, tail int64, sum uint32, err error) {
	if err = w.flush(); err == nil {
		err = w.endGroup()
	}
	if err == nil {
		err = w.out.Close()
	}
	if err == nil {
		err = w.file.Sync()
	}
	if err == nil {
		size, tail, sum, err = w.tail()
	}
	if closed := w.file.Close(); err == nil {
		err = closed
	}
	w.file = nil
	return size, tail, sum, err
}

// tail reads the end of the file: what is behind the pages, which have sums.
func (w *segmentWriter) tail() (size, tail int64, sum uint32, err error) {
	if size, err = w.file.Size(); err != nil {
		return 0, 0, 0, err
	}
	file, err := parquet.OpenFile(w.file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return 0, 0, 0, err
	}
	for _, group := range file.Metadata().RowGroups {
		for i := range group.Columns {
			c := &group.Columns[i].MetaData
			start := c.DataPageOffset
			if c.DictionaryPageOffset > 0 {
				start = min(start, c.DictionaryPageOffset)
			}
			tail = max(tail, start+c.TotalCompressedSize)
		}
	}
	end := make([]byte, size-tail)
	if n, err := w.file.ReadAt(end, tail); n < len(end) {
		return 0, 0, 0, err
	}
	return size, tail, castagnoli(end), nil
}

// discard removes what was written.
func (w *segmentWriter) discard() {
	if w.file != nil {
		_ = w.file.Close()
	}
	_ = w.fsys.Remove(w.temp)
}
