package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/event"
)

// Store is an event store that is open for writing. It is safe for concurrent use.
type Store struct {
	*catalog
	opts   Options
	lock   io.Closer
	window *window
	queue  *queue
	counts counts
	ecs    *event.Schema

	identifiers sync.Pool

	logMu       sync.Mutex // over what is appended; never held while a segment is written
	active      *logFile   // nil: the next append begins one
	logNumber   int64
	next        uint64 // arrival
	recent      []*record
	recentBytes int64

	sealMu   sync.Mutex // over the manifest
	manifest *manifest
	orphans  []string        // files that only a change that failed knows of
	known    map[string]bool // folders of segments that are durable

	sealer     chan struct{} // holds one
	cancel     context.CancelFunc
	sealerDone chan struct{}
	committed  chan struct{}
	closeOnce  sync.Once
	closeErr   error
}

// Open opens the store in a folder, which is made if it is missing, and puts right
// what a crash has left. It is the only writer until Close: another is refused with
// disk.ErrLocked. A full disk does not hinder Open of a store that is there, but each
// Append.
func Open(fsys disk.FS, dir string, opts Options) (_ *Store, err error) {
	opts = opts.withDefaults()
	s := &Store{
		catalog: newCatalog(fsys, dir), opts: opts, window: newWindow(opts), queue: newQueue(),
		ecs: event.NewSchema(Columns()), known: map[string]bool{},
		sealer: make(chan struct{}, 1), sealerDone: make(chan struct{}), committed: make(chan struct{}),
	}
	schema := event.NewSchema(identityFields())
	s.identifiers.New = func() any { return newIdentifier(schema) }
	if err := s.folders(); err != nil {
		return nil, failure("open store", err)
	}
	if s.lock, err = fsys.Lock(filepath.Join(dir, "lock")); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := s.recover(); err != nil {
		_ = s.lock.Close()
		return nil, fmt.Errorf("open store: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go s.commitLoop()
	if opts.Manual {
		close(s.sealerDone)
	} else {
		go s.sealLoop(ctx)
	}
	return s, nil
}

// folders makes the store's folders. The one who made them may have been killed
// before they were durable, so they are synced in any case.
func (s *Store) folders() error {
	for _, folder := range []string{s.dir, s.logDir(), s.segmentDir()} {
		if err := disk.MkdirSync(s.fsys, folder); err != nil {
			return err
		}
	}
	for above := s.dir; ; above = filepath.Dir(above) {
		err := s.fsys.SyncDir(above)
		switch {
		case errors.Is(err, fs.ErrPermission), errors.Is(err, errors.ErrUnsupported), disk.IsReadOnly(err):
			return nil // in such a folder no other was made
		case err != nil:
			return err
		case above == filepath.Dir(above):
			return nil
		}
	}
}

// segmentFolder makes a folder for segments, durable.
func (s *Store) segmentFolder(name string) error {
	if s.known[name] {
		return nil
	}
	if err := disk.MkdirSync(s.fsys, name); err != nil {
		return err
	}
	if err := disk.SyncDirs(s.fsys, s.segmentDir(), name); err != nil {
		return err
	}
	if len(s.known) > 1000 {
		clear(s.known)
	}
	s.known[name] = true
	return nil
}

func (s *Store) now() time.Time { return s.opts.Now() }

// Close waits for the appends that have begun, and gives the folder up. What is in
// the log is read again at the next start.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.queue.close()
		<-s.committed
		s.cancel()
		<-s.sealerDone
		s.sealMu.Lock() // a Seal that was called
		defer s.sealMu.Unlock()
		s.catalog.close()
		s.closeErr = s.lock.Close()
	})
	return s.closeErr
}

// close gives up the files. Scans that are under way keep theirs.
func (c *catalog) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	for _, l := range c.logs {
		l.release()
	}
	close(c.changed)
}

// Wait returns when a document with a number above after is there, with the last
// one that is: read on with Scan. It is for one who reads right behind; a Scan from
// there needs no disk as long as Options.Recent reaches. Of a Reader it returns after
// the Refresh that finds one.
func (c *catalog) Wait(ctx context.Context, after uint64) (last uint64, err error) {
	for {
		c.mu.Lock()
		last, changed, closed := c.last, c.changed, c.closed
		c.mu.Unlock()
		if last > after {
			return last, nil
		}
		if closed {
			return 0, ErrClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// Has says whether the window of ids knows a document, and its number.
func (s *Store) Has(index, id string) (arrival uint64, ok bool) {
	found, ok := s.window.has(s.window.key(index, id), s.now())
	return found.arrival, ok
}
