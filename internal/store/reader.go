package store

import (
	"fmt"

	"github.com/tripline-sec/tripline/internal/disk"
)

// Reader is a store that another process may be writing. It shows what was there at
// the last Refresh, and of that also what the writer has not yet acknowledged. It
// changes nothing. It is safe for concurrent use.
type Reader struct {
	*catalog
}

// OpenReader opens the store in a folder for reading. A folder in which nothing was
// stored yet is an empty store.
func OpenReader(fsys disk.FS, dir string) (*Reader, error) {
	r := &Reader{newCatalog(fsys, dir)}
	if err := r.Refresh(); err != nil {
		return nil, err
	}
	return r, nil
}

// refreshTries is how often Refresh begins again because the writer sealed meanwhile.
const refreshTries = 20

// Refresh looks for what has changed.
func (r *Reader) Refresh() error {
	var err error
	for range refreshTries {
		var fresh *catalog
		if fresh, err = r.read(); err != nil {
			continue // a log file may have been sealed under our eyes
		}
		r.mu.Lock()
		old := r.logs
		r.segments, r.logs, r.sealed, r.last, r.lost = fresh.segments, fresh.logs, fresh.sealed, fresh.last, fresh.lost
		close(r.changed)
		r.changed = make(chan struct{})
		r.mu.Unlock()
		for _, l := range old {
			l.release()
		}
		return nil
	}
	return fmt.Errorf("read store: %w", err)
}

// read reads what there is, if it holds still meanwhile.
func (r *Reader) read() (*catalog, error) {
	fresh := &catalog{fsys: r.fsys, dir: r.dir}
	state, _, _, err := readManifest(r.fsys, r.manifestName())
	if err != nil {
		return nil, err
	}
	fresh.segments, fresh.sealed, fresh.lost = state.segments, state.sealed, state.lost
	numbers, _, err := listLogs(r.fsys, r.logDir())
	if err != nil {
		return nil, err
	}
	if _, _, err := fresh.readLogs(numbers, nil); err != nil {
		return nil, err
	}
	again, _, _, err := readManifest(r.fsys, r.manifestName())
	if err == nil && again.sealed != state.sealed {
		err = fmt.Errorf("the log was sealed meanwhile")
	}
	if err != nil {
		for _, l := range fresh.logs {
			l.release()
		}
		return nil, err
	}
	return fresh, nil
}

// Close gives up the files.
func (r *Reader) Close() error {
	r.catalog.close()
	return nil
}
