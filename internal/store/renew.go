package store

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/tripline-sec/tripline/internal/disk"
)

// largestCopy is the size of a log that is copied at a start. It is larger only if
// sealing has failed for long.
const largestCopy = 512 << 20

// renewLog makes what is in the log durable, as one new file that is appended to. On
// a full disk, or if that would take long, it does what else can be done.
func (s *Store) renewLog() error {
	if len(s.logs) == 0 {
		return nil
	}
	old, size := s.logs, int64(0)
	for _, l := range old {
		size += l.end
	}
	var err error
	if size <= largestCopy {
		err = s.copyLog()
	}
	if size > largestCopy || disk.IsFull(err) {
		for _, l := range old {
			if err := s.syncLog(l.name); err != nil {
				return failure("sync log", err)
			}
		}
		if err := s.fsys.SyncDir(s.logDir()); err != nil {
			return failure("sync log", err)
		}
		return nil
	}
	if err != nil {
		return failure("copy log", err)
	}
	for _, l := range old {
		l.release()
		_ = s.fsys.Remove(l.name) // else at the next start: the new head does not name it
	}
	return nil
}

func (s *Store) syncLog(name string) error {
	file, err := s.fsys.OpenFile(name, os.O_RDWR)
	if err != nil {
		return err
	}
	err = file.Sync()
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// copyLog copies the records of all log files into a new one, which then is the
// log. It gets its name when it is whole.
func (s *Store) copyLog() (err error) {
	s.logNumber++
	to := &logFile{number: s.logNumber, name: filepath.Join(s.logDir(), logName(s.logNumber)), indices: map[string]struct{}{}}
	temp := to.name + disk.TempSuffix
	file, err := disk.Create(s.fsys, temp)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = s.fsys.Remove(temp)
		}
	}()
	data, err := encodeHead(nil, s.sealed+1)
	if err != nil {
		return err
	}
	w := disk.Writer{File: file}
	if _, err = w.Write(data); err != nil {
		return err
	}
	for _, l := range s.logs {
		maps.Copy(to.indices, l.indices)
		for _, r := range l.records {
			data = slices.Grow(data[:0], int(r.size))[:r.size]
			if n, err := l.file.ReadAt(data, r.at); n < len(data) {
				return wrapRead(l.name, err)
			}
			to.add(&record{at: w.Offset, size: r.size, bounds: r.bounds}, nil)
			if _, err = w.Write(data); err != nil {
				return err
			}
		}
	}
	if err = file.Sync(); err != nil {
		return err
	}
	if err = file.Close(); err != nil {
		return err
	}
	if err = disk.Publish(s.fsys, temp, to.name); err != nil {
		return err
	}
	if to.file, err = s.fsys.OpenFile(to.name, os.O_RDWR); err != nil {
		return err
	}
	to.uses.Store(1)
	s.active, s.logs = to, []*logFile{to}
	return nil
}
