package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/disk"
)

// found is what a start found in a folder.
type found struct {
	tail    int64 // bytes of the log that were never acknowledged
	damage  int64 // bytes of the log that were changed behind our back
	orphans int   // files that no manifest and no head names
}

func (f found) notices() []Notice {
	var list []Notice
	if f.tail > 0 || f.orphans > 0 {
		list = append(list, Notice{Kind: Recovered, Text: fmt.Sprintf(
			"after a crash %d bytes of the log that were not acknowledged were cut off, and %d unfinished files removed", f.tail, f.orphans)})
	}
	if f.damage > 0 {
		list = append(list, Notice{Kind: Damaged, Text: fmt.Sprintf(
			"%d bytes between records of the log are damaged; the documents in them are lost", f.damage)})
	}
	return list
}

// recover reads what there is, makes it durable and removes what is left over.
//
// What is read may be known to the system and not be on the disk: its writer was
// killed before a sync, or went on after one that failed. So the log is copied, and
// the manifest written anew before anything goes that an older one needs.
func (s *Store) recover() error {
	state, _, _, err := readManifest(s.fsys, s.manifestName())
	if err != nil {
		return err
	}
	s.manifest = &manifest{fsys: s.fsys, name: s.manifestName(), state: state}
	s.segments, s.sealed, s.lost = state.segments, state.sealed, state.lost
	if err := s.restoreSegments(); err != nil {
		return err
	}
	numbers, temps, err := listLogs(s.fsys, s.logDir())
	if err != nil {
		return err
	}
	got, void, err := s.readLogs(numbers, func(r *record, b *batch) error {
		s.restoreBatch(r, b)
		return nil
	})
	if err != nil {
		return err
	}
	if len(numbers) > 0 {
		s.logNumber = numbers[len(numbers)-1]
	}
	s.next = s.last + 1
	s.window.forget(s.now())
	orphans, unfinished, err := s.orphanSegments()
	if err != nil {
		return err
	}
	temps = append(temps, unfinished...)
	void = append(void, orphans...)
	got.orphans = len(temps) + len(void)
	for _, name := range temps { // first, as a full disk may need the room
		_ = s.fsys.Remove(name)
	}
	if len(void) > 0 {
		if err := s.manifest.rewrite(state); err != nil {
			return failure("put right what a crash has left", err)
		}
	}
	if err := s.renewLog(); err != nil {
		return err
	}
	for _, name := range void { // last, as what makes them void may not have been durable
		_ = s.fsys.Remove(name)
	}
	for _, notice := range got.notices() {
		s.opts.Told(notice)
	}
	return nil
}

// listLogs returns the numbers of the log files, in order, and what else is there.
func listLogs(fsys disk.FS, dir string) (numbers []int64, others []string, err error) {
	entries, err := fsys.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, entry := range entries {
		if n, ok := logNumber(entry.Name()); ok {
			numbers = append(numbers, n)
		} else {
			others = append(others, filepath.Join(dir, entry.Name()))
		}
	}
	slices.Sort(numbers)
	return numbers, others, nil
}

// readLogs fills in the catalog's log files and its last arrival, and returns the
// names of those that hold nothing. It begins with the newest, whose head says what
// the others hold.
func (c *catalog) readLogs(numbers []int64, each func(*record, *batch) error) (got found, void []string, err error) {
	c.last = c.sealed
	var ends map[int64]int64 // nil: no head was read
	var logs []*logFile
	defer func() {
		if err != nil {
			for _, l := range logs {
				l.release()
			}
		}
	}()
	for _, number := range slices.Backward(numbers) {
		l := &logFile{number: number, name: filepath.Join(c.logDir(), logName(number))}
		limit := int64(-1)
		if ends != nil {
			end, named := ends[number]
			if !named {
				void = append(void, l.name)
				continue
			}
			limit = end
		}
		if l.file, err = disk.Open(c.fsys, l.name); err != nil {
			return got, void, err
		}
		l.uses.Store(1)
		top, left, err := l.scan(limit)
		if err != nil {
			l.release()
			return got, void, fmt.Errorf("read %s: %w", l.name, err)
		}
		if ends == nil && top.Format > 0 {
			ends = top.Ends
			if ends == nil {
				ends = map[int64]int64{}
			}
		}
		got.damage += left.within
		if limit >= 0 {
			got.damage += left.tail // a head counted on it
		} else {
			got.tail += left.tail
		}
		l.records = slices.DeleteFunc(l.records, func(r *record) bool { return r.bounds.Last <= c.sealed })
		if len(l.records) == 0 {
			l.release()
			void = append(void, l.name)
			continue
		}
		logs = append(logs, l)
	}
	slices.Reverse(logs)
	for _, l := range logs {
		if each != nil {
			if err := l.each(each); err != nil {
				return got, void, fmt.Errorf("read %s: %w", l.name, err)
			}
		}
		c.last = max(c.last, l.records[len(l.records)-1].bounds.Last)
	}
	c.logs = logs
	return got, void, nil
}

// orphanSegments lists the files below the segments' folder that the manifest does
// not name, for the log still has what is in them or retention dropped them, and
// those that were not finished.
func (s *Store) orphanSegments() (orphans, unfinished []string, err error) {
	known := map[string]bool{}
	for _, segment := range s.segments {
		known[s.path(segment)] = true
	}
	var walk func(dir string) error
	walk = func(dir string) error {
		entries, err := s.fsys.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := filepath.Join(dir, entry.Name())
			switch {
			case entry.IsDir():
				if err := walk(name); err != nil {
					return err
				}
			case strings.HasSuffix(name, disk.TempSuffix):
				unfinished = append(unfinished, name)
			case strings.HasSuffix(name, segmentSuffix) && !known[name]:
				orphans = append(orphans, name)
			}
		}
		return nil
	}
	err = walk(s.segmentDir())
	return orphans, unfinished, err
}

// restoreBatch makes the ids of a record known.
func (s *Store) restoreBatch(r *record, b *batch) {
	came := timeOfMicros(b.ingested)
	for i := range b.docs {
		d := &b.docs[i]
		k := s.window.key(b.pages[d.page].index, d.id)
		s.window.restore(k, known{d.sum, r.bounds.First + uint64(i)}, came)
	}
}

// restoreSegments makes the ids known that came last before the log.
func (s *Store) restoreSegments() error {
	oldest := s.now().Add(-s.opts.DedupeAge).UnixMicro()
	from, count := len(s.segments), int64(0)
	for from > 0 && count < int64(s.opts.DedupeCount) && s.segments[from-1].MaxIngested >= oldest {
		from--
		count += s.segments[from].Documents
	}
	// The segments of one sealing overlap, and ids are restored in order.
	var rows []row
	var last uint64
	flush := func() {
		slices.SortFunc(rows, func(a, b row) int {
			if a.arrival < b.arrival {
				return -1
			}
			return 1
		})
		for i := range rows {
			r := &rows[i]
			s.window.restore(s.window.key(r.index, r.id), known{r.sum, r.arrival}, timeOfMicros(r.ingested))
		}
		rows = rows[:0]
	}
	for _, segment := range s.segments[from:] {
		if segment.First > last {
			flush()
		}
		last = max(last, segment.Last)
		more, err := s.identities(segment, wantIdentity|wantSum)
		if err != nil {
			// The documents may be lost; what comes must not be.
			s.opts.Told(Notice{Kind: Damaged, Text: "the ids of a segment can not be read", Err: err})
			continue
		}
		rows = append(rows, more...)
	}
	flush()
	return nil
}

// identities reads who the documents of a segment are.
func (c *catalog) identities(segment *segment, w want) ([]row, error) {
	r, err := openSegment(c.fsys, c.path(segment), segment)
	if errors.Is(err, fs.ErrNotExist) && !c.lists(segment) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	defer r.close()
	var all []row
	for group := range r.groups() {
		rows, err := r.rows(group, w)
		if err != nil {
			return nil, wrapRead(segment.Path, err)
		}
		all = append(all, rows...)
	}
	return all, nil
}
