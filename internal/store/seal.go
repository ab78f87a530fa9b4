package store

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
)

const (
	// ownSegments is how many indices get segments of their own when a log is
	// sealed; the documents of further ones share segments.
	ownSegments = 32
	// sharedIndex is the folder of those. No index may have that name.
	sharedIndex = "_shared"
	// listedIndices is how many indices of a shared segment are listed.
	listedIndices = 256

	segmentSuffix = ".parquet"
)

// Seal makes segments of all that is in the log now, while others append.
func (s *Store) Seal(ctx context.Context) error {
	s.sealMu.Lock()
	defer s.sealMu.Unlock()
	job := s.detach()
	if len(job) == 0 {
		return nil
	}
	defer func() {
		for _, l := range job {
			l.release()
		}
	}()
	if err := s.seal(ctx, job); err != nil {
		return failure("seal", err)
	}
	return nil
}

// detach ends the file that is appended to and returns all there are.
func (s *Store) detach() []*logFile {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.active = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.logs {
		l.use()
	}
	return s.logs
}

// seal makes segments of log files.
func (s *Store) seal(ctx context.Context, job []*logFile) (err error) {
	w := &sealing{s: s, writers: map[sealKey]*segmentWriter{}}
	var last uint64
	defer func() {
		if err != nil {
			w.discard()
		}
	}()
	for _, l := range job {
		for _, r := range l.records {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := w.record(l, r); err != nil {
				return err
			}
			last = r.bounds.Last
		}
	}
	segments, err := w.finish()
	if err != nil {
		return err
	}
	if err := s.change(edit{Add: segments, Sealed: last}); err != nil {
		// The change may come back after a crash, and would need them. They go when
		// a later change has succeeded.
		for _, segment := range segments {
			s.orphans = append(s.orphans, s.path(segment))
		}
		w.writers = nil
		return err
	}
	s.mu.Lock()
	s.segments = s.manifest.state.segments
	s.sealed = max(s.sealed, last)
	s.logs = slices.Clone(s.logs[len(job):])
	s.mu.Unlock()
	for _, l := range job {
		l.release()
		_ = s.fsys.Remove(l.name) // else at the next start
	}
	_ = s.fsys.SyncDir(s.logDir())
	return nil
}

// change changes the manifest, and then removes what no state of it needs.
func (s *Store) change(e edit) error {
	if err := s.manifest.change(e); err != nil {
		return err
	}
	for _, name := range s.orphans {
		_ = s.fsys.Remove(name)
	}
	s.orphans = nil
	return nil
}

// sealKey is what the documents of one segment have in common.
type sealKey struct{ index, day string }

// sealing is one run of sealing.
type sealing struct {
	s       *Store
	writers map[sealKey]*segmentWriter
	own     int
	done    []string // segments that have their names

	page  []byte
	rows  [][]row
	split [][]byte
}

// record hands the documents of a record to the segments they belong to.
func (w *sealing) record(l *logFile, r *record) error {
	_, payload, err := readRecord(l.file, r.at)
	if err != nil {
		return fmt.Errorf("read %s: %w", l.name, err)
	}
	b, err := decodeBatch(payload)
	if err != nil {
		return fmt.Errorf("read %s: %w", l.name, err)
	}
	day := timeOfMicros(b.ingested).Format(time.DateOnly)
	w.rows = slices.Grow(w.rows[:0], len(b.pages))[:len(b.pages)]
	for i := range w.rows {
		w.rows[i] = w.rows[i][:0]
	}
	for i := range b.docs {
		d := &b.docs[i]
		w.rows[d.page] = append(w.rows[d.page], row{
			arrival: r.bounds.First + uint64(i), index: b.pages[d.page].index, id: d.id, source: d.source,
			sum: d.sum, time: d.time, timed: d.timed, ingested: b.ingested,
		})
	}
	var shared []sharedDoc
	for i := range b.pages {
		p := &b.pages[i]
		to, isShared, err := w.writer(p.index, day)
		if err != nil {
			return err
		}
		if w.page, err = w.s.pack.unpack(w.page[:0], p.packed, p.size); err != nil {
			return fmt.Errorf("read %s: %w", l.name, err)
		}
		if !isShared {
			if err := to.add(w.page, p.packed, w.rows[i]); err != nil {
				return err
			}
			continue
		}
		if w.split, err = splitPage(w.split[:0], w.page); err != nil || len(w.split) != len(w.rows[i]) {
			return fmt.Errorf("read %s: %w", l.name, errPayload)
		}
		for k, doc := range w.split {
			shared = append(shared, sharedDoc{slices.Clone(doc), w.rows[i][k]})
		}
	}
	return w.share(shared, day)
}

// sharedDoc is a document for a shared segment. There those of several pages stand
// in the order of arrival, so pages can not be copied.
type sharedDoc struct {
	raw []byte
	row row
}

func (w *sealing) share(docs []sharedDoc, day string) error {
	if len(docs) == 0 {
		return nil
	}
	slices.SortFunc(docs, func(a, b sharedDoc) int { return cmp.Compare(a.row.arrival, b.row.arrival) })
	to := w.writers[sealKey{sharedIndex, day}]
	for i := range docs {
		if err := to.addOne(docs[i].raw, docs[i].row); err != nil {
			return err
		}
	}
	return nil
}

// writer returns the segment that documents of an index belong to.
func (w *sealing) writer(index, day string) (_ *segmentWriter, shared bool, err error) {
	key := sealKey{index, day}
	if to := w.writers[key]; to != nil {
		return to, false, nil
	}
	if w.own >= ownSegments || index == sharedIndex {
		key.index, shared = sharedIndex, true
		if to := w.writers[key]; to != nil {
			return to, true, nil
		}
	}
	dir := filepath.Join(w.s.segmentDir(), "index="+folderName(key.index), "day="+day)
	if err := w.s.segmentFolder(dir); err != nil {
		return nil, false, err
	}
	to, err := newSegmentWriter(w.s.fsys, filepath.Join(dir, uniqueName()+disk.TempSuffix), w.s.pack, w.s.ecs, false)
	if err != nil {
		return nil, false, err
	}
	if !shared {
		w.own++
	}
	w.writers[key] = to
	return to, shared, nil
}

// finish makes the segments durable, under their names.
func (w *sealing) finish() ([]*segment, error) {
	keys := make([]sealKey, 0, len(w.writers))
	for key := range w.writers {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b sealKey) int {
		return cmp.Or(strings.Compare(a.index, b.index), strings.Compare(a.day, b.day))
	})
	var segments []*segment
	for _, key := range keys {
		to := w.writers[key]
		size, tail, sum, err := to.finish()
		if err != nil {
			return nil, err
		}
		dir := path.Join("segments", "index="+folderName(key.index), "day="+key.day)
		segment := &segment{
			Path:  path.Join(dir, fmt.Sprintf("%016d-%016d-%s%s", to.bounds.First, to.bounds.Last, uniqueName(), segmentSuffix)),
			Index: key.index, Day: key.day, Disk: size, Tail: tail, Sum: sum, bounds: to.bounds,
		}
		if key.index == sharedIndex {
			segment.Index = ""
			if len(to.indices) <= listedIndices {
				for index := range to.indices {
					segment.Indices = append(segment.Indices, index)
				}
				slices.Sort(segment.Indices)
			}
		}
		if err := disk.Publish(w.s.fsys, to.temp, w.s.path(segment)); err != nil {
			return nil, err
		}
		w.done = append(w.done, w.s.path(segment))
		segments = append(segments, segment)
	}
	return segments, nil
}

// discard removes what was written. The manifest does not know of it.
func (w *sealing) discard() {
	if w.writers == nil {
		return
	}
	for _, to := range w.writers {
		to.discard()
	}
	for _, name := range w.done {
		_ = w.s.fsys.Remove(name)
	}
}
