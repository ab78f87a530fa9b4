package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/tripline-sec/tripline/internal/disk"
)

// logFile is a file of the log. What readers see of it are the records, which are
// whole and, in the store that writes, synced. It is closed when nobody uses it.
type logFile struct {
	number int64
	name   string
	file   disk.File
	uses   atomic.Int32

	// Under the catalog's lock; of records only what was there is read without.
	records []*record
	end     int64 // behind the last record
	bytes   int64 // of documents
	begun   int64 // µs: when the first document came
	indices map[string]struct{}
}

// record is where a batch is.
type record struct {
	at, size int64 // with its head
	bounds   bounds
	recent   atomic.Pointer[recent] // its content, if it is in memory
}

// recent is the content of a record that is kept in memory.
type recent struct {
	batch *batch
	pages [][]byte
	bytes int64
}

const logSuffix = ".log"

func logName(number int64) string { return fmt.Sprintf("%016d%s", number, logSuffix) }

func logNumber(name string) (int64, bool) {
	digits, ok := strings.CutSuffix(name, logSuffix)
	if !ok || len(digits) != 16 {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n >= 0
}

// logHead is what a log file begins with. Ends says up to where the files before
// it, those that were not sealed then, hold what was acknowledged: what is behind
// was given up, and its senders were told so.
type logHead struct {
	Format int             `json:"format"`
	Ends   map[int64]int64 `json:"ends,omitempty"`
}

const logFormat = 1

// createLog makes a log file that is durable but for what will be appended.
func createLog(fsys disk.FS, dir string, number int64, ends map[int64]int64, next uint64) (_ *logFile, err error) {
	l := &logFile{number: number, name: filepath.Join(dir, logName(number))}
	data, err := encodeHead(ends, next)
	if err != nil {
		return nil, err
	}
	if l.file, err = disk.Create(fsys, l.name); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = l.file.Close()
			_ = fsys.Remove(l.name)
		}
	}()
	if _, err = l.file.WriteAt(data, 0); err != nil {
		return nil, err
	}
	if err = l.file.Sync(); err != nil {
		return nil, err
	}
	if err = fsys.SyncDir(dir); err != nil {
		return nil, err
	}
	l.end = int64(len(data))
	l.uses.Store(1)
	return l, nil
}

func encodeHead(ends map[int64]int64, next uint64) ([]byte, error) {
	payload, err := json.Marshal(logHead{Format: logFormat, Ends: ends})
	if err != nil {
		return nil, err
	}
	data := append(make([]byte, recordHead), payload...)
	sealRecord(data, kindHead, next, castagnoli(payload))
	return data, nil
}

// listedInLog is how many indices of a log file are listed.
const listedInLog = 10_000

// add enters a record behind the others.
func (l *logFile) add(r *record, pages []pageRef) {
	if l.indices == nil {
		l.indices = map[string]struct{}{}
	}
	for i := range pages {
		if len(l.indices) < listedInLog {
			l.indices[pages[i].index] = struct{}{}
		}
	}
	if len(l.records) == 0 {
		l.begun = r.bounds.MinIngested
	}
	l.records = append(l.records, r)
	l.end = r.at + r.size
	l.bytes += r.bounds.Bytes
}

// use and release count who reads. The last one closes.
func (l *logFile) use() { l.uses.Add(1) }

func (l *logFile) release() {
	if l.uses.Add(-1) == 0 {
		_ = l.file.Close()
	}
}

// readRecord reads one record at a place: its head and payload. errNoRecord: there
// is none, or not all of it.
func readRecord(file io.ReaderAt, at int64) (head, []byte, error) {
	var first [recordHead]byte
	if n, err := file.ReadAt(first[:], at); n < len(first) {
		if err == nil || errors.Is(err, io.EOF) {
			err = errNoRecord
		}
		return head{}, nil, err
	}
	h, err := readHead(first[:])
	if err != nil {
		return head{}, nil, err
	}
	payload := make([]byte, h.length)
	if n, err := file.ReadAt(payload, at+recordHead); n < len(payload) {
		if err == nil || errors.Is(err, io.EOF) {
			err = errNoRecord
		}
		return head{}, nil, err
	}
	if castagnoli(payload) != h.sum {
		return head{}, nil, errNoRecord
	}
	return h, payload, nil
}

// leftover is what was found in a log file behind or between its records.
type leftover struct {
	tail   int64 // bytes behind the last record
	within int64 // bytes between records: something changed what was written
}

// scan reads a log file from the start and fills in its records. Limit is where it
// ends if a later file says so, else less than 0. What is no record is passed over:
// behind the last one it is what a crash left of calls that were not acknowledged.
func (l *logFile) scan(limit int64) (logHead, leftover, error) {
	var left leftover
	size, err := l.file.Size()
	if err != nil {
		return logHead{}, left, err
	}
	if limit >= 0 {
		left.within = max(0, limit-size)
		size = min(size, limit)
	}
	top, at, err := l.head()
	if err != nil {
		return top, left, err
	}
	l.end = at
	var last uint64
	for at < size {
		h, payload, err := readRecord(l.file, at)
		if err != nil && !errors.Is(err, errNoRecord) {
			return top, left, err
		}
		if err != nil || h.first <= last || h.kind != kindBatch || at+recordHead+int64(h.length) > size {
			if at, err = nextMagic(l.file, at+1, size); err != nil {
				return top, left, err
			}
			continue
		}
		b, err := decodeBatch(payload)
		if err != nil || len(b.docs) == 0 {
			return top, left, errPayload
		}
		r := &record{at: at, size: recordHead + int64(h.length), bounds: b.bounds(h.first)}
		last = r.bounds.Last
		left.within += at - l.end
		l.add(r, b.pages)
		at = l.end
	}
	left.tail = size - l.end
	return top, left, nil
}

// head reads the head of the file, and where it ends: at 0 if there is none, as in
// a file that was made and not finished.
func (l *logFile) head() (top logHead, end int64, err error) {
	h, payload, err := readRecord(l.file, 0)
	switch {
	case errors.Is(err, errNoRecord) || err == nil && h.kind != kindHead:
		return top, 0, nil
	case err != nil:
		return top, 0, err
	}
	if err := json.Unmarshal(payload, &top); err != nil {
		return top, 0, err
	}
	if top.Format > logFormat {
		return top, 0, fmt.Errorf("log of format %d: this program knows formats up to %d", top.Format, logFormat)
	}
	return top, int64(recordHead + h.length), nil
}

// each hands over the batches of the records.
func (l *logFile) each(do func(*record, *batch) error) error {
	for _, r := range l.records {
		_, payload, err := readRecord(l.file, r.at)
		if err != nil {
			return err
		}
		b, err := decodeBatch(payload)
		if err != nil {
			return err
		}
		if err := do(r, b); err != nil {
			return err
		}
	}
	return nil
}

// nextMagic finds where the next record may begin; the end if none does.
func nextMagic(file io.ReaderAt, at, end int64) (int64, error) {
	magic := binary.LittleEndian.AppendUint32(nil, recordMagic)
	chunk := make([]byte, 64<<10)
	for end-at >= int64(len(magic)) {
		n, err := file.ReadAt(chunk[:min(int64(len(chunk)), end-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := bytes.Index(chunk[:n], magic); i >= 0 {
			return at + int64(i), nil
		}
		if n < len(magic) {
			break
		}
		at += int64(n - len(magic) + 1)
	}
	return end, nil
}
