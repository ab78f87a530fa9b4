package live

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// FollowOptions are those of a Follow.
type FollowOptions struct {
	Options
	// Name is the source's, by which its positions are kept; "" = follow.
	Name string
	// Paths are files, patterns as filepath.Match knows them, and folders with all
	// below them. A file need not be there yet.
	Paths []string
	// FromEnd leaves out what stands in the files when the source is used for the
	// first time.
	FromEnd bool
	// Poll is how often files are looked at whatever the system tells; 0 = a second.
	// Network file systems tell nothing.
	Poll time.Duration
	// Idle is how long a file that is not to be followed any more (moved away by
	// rotation, removed) is still watched for what its writer adds; 0 = a minute.
	Idle time.Duration
}

// Follow reads files that grow: NDJSON, one document a line, or one search hit.
//
// A file is told from others by its number in the file system and by its first and
// last bytes up to where it was read, so that rotation may rename it, or copy and
// empty it; what was added before that and not yet read is then read from the file
// that was made of it, as long as that stands in the same folder and its name begins
// with the old one. In folders, files that are hidden, compressed, or begin with
// something else than '{' are left out.
//
// A last line without its end is waited for. It is read as it is when the file has
// been moved away or removed and nothing came for FollowOptions.Idle.
type Follow struct {
	opts   FollowOptions
	counts counts
	lines  *lines

	tails    []*tail // in the order in which they were found
	stored   []position
	rests    []rest // of files that were cut or replaced: what was not read stands in another one
	waits    map[string]*waiting
	left     map[string]uint64 // files of folders that are left out, with their numbers
	told     map[string]bool   // what was told of as unreadable
	fresh    bool              // nothing was ever saved
	rescan   bool
	dirty    bool
	saved    time.Time
	next     int // the tail to begin with
	notifier *fsnotify.Watcher
	watched  map[string]bool
}

// NewFollow returns one; nothing is opened before Run.
func NewFollow(opts FollowOptions) (*Follow, error) {
	opts.fill()
	if opts.Name == "" {
		opts.Name = "follow"
	}
	set(&opts.Poll, time.Second)
	set(&opts.Idle, time.Minute)
	if len(opts.Paths) == 0 {
		return nil, errors.New("follow needs a file, a pattern or a folder")
	}
	for i, path := range opts.Paths {
		if _, err := filepath.Match(path, ""); err != nil {
			return nil, fmt.Errorf("follow %s: not a pattern: %w", path, err)
		}
		whole, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("follow %s: %w", path, err)
		}
		if i == 0 {
			opts.Paths = slices.Clone(opts.Paths)
		}
		opts.Paths[i] = whole
	}
	return &Follow{opts: opts, lines: newLines(), waits: map[string]*waiting{}, left: map[string]uint64{}, told: map[string]bool{}, watched: map[string]bool{}, rescan: true}, nil
}

// Stats returns the counts so far. It may be called at any time.
func (f *Follow) Stats() Stats { return f.counts.stats() }

// Run follows until the context ends, whose error it returns; any other says that
// positions can not be read. It serves once.
func (f *Follow) Run(ctx context.Context) error {
	if err := f.load(ctx); err != nil {
		return err
	}
	defer f.end(ctx)
	var err error
	if f.notifier, err = fsnotify.NewWatcher(); err != nil {
		f.opts.Log.Warn("the system does not tell of changes; files are looked at now and then", "error", err)
	} else {
		defer f.notifier.Close()
	}
	polled := time.Time{}
	for {
		if now := time.Now(); f.rescan || now.Sub(polled) >= f.opts.Poll {
			f.discover()
			polled = now
		}
		more, err := f.round(ctx)
		if err != nil {
			return err
		}
		f.save(ctx, false)
		if more || f.rescan {
			continue
		}
		if err := f.wait(ctx, time.Until(polled.Add(f.opts.Poll))); err != nil {
			return err
		}
	}
}

// load reads the positions.
func (f *Follow) load(ctx context.Context) error {
	data, err := f.opts.Positions.Load(ctx, f.opts.Name)
	if err != nil {
		return fmt.Errorf("load positions of %s: %w", f.opts.Name, err)
	}
	if f.fresh = data == nil; f.fresh {
		f.dirty = true // that it was used is to be known the next time
		return nil
	}
	f.stored, err = decodePositions(data)
	return err
}

// end saves and closes.
func (f *Follow) end(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	f.save(last, true)
	for _, t := range f.tails {
		t.close()
	}
}

// round reads from all files once and hands over what it got. It reports whether
// there is more to be had at once.
func (f *Follow) round(ctx context.Context) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	b := &batch{}
	var ended []*tail
	for i := range f.tails {
		t := f.tails[(f.next+i)%len(f.tails)]
		if b.full(&f.opts.Options) {
			more = true
			f.next = (f.next + i) % len(f.tails) // it has its turn first, so that none is starved
			break
		}
		if t.file == nil {
			continue
		}
		replaced, err := t.look()
		if err == nil && replaced {
			f.replaced(t)
		}
		if err == nil {
			before := t.offset + t.scanned
			if err = f.collect(t, b); err == nil && !t.named && f.gone(t, before) {
				err = f.last(t, b)
				ended = append(ended, t)
			}
		}
		if err != nil {
			f.unreadable(t, err)
		}
	}
	if err := f.counts.hand(ctx, &f.opts.Options, b.docs); err != nil {
		return false, err
	}
	for _, m := range b.moves {
		f.dirty = f.dirty || m.offset != m.tail.offset
	}
	b.apply()
	for _, t := range ended {
		f.drop(t)
	}
	var behind int64
	for _, t := range f.tails {
		behind += t.behind()
	}
	f.counts.change(func(s *Stats) { s.Files, s.Behind = len(f.tails), behind })
	return more || b.full(&f.opts.Options), nil
}

// gone reports whether nothing more will come of a file that is not to be followed.
func (f *Follow) gone(t *tail, before int64) bool {
	if t.quiet.IsZero() || before < t.size {
		t.quiet = time.Now()
		return false
	}
	return time.Since(t.quiet) >= f.opts.Idle
}

func (f *Follow) drop(t *tail) {
	t.close()
	f.tails = slices.DeleteFunc(f.tails, func(one *tail) bool { return one == t })
	f.dirty = true
	f.next = 0
}

// replaced begins a file anew that was emptied, or that another was written into.
func (f *Follow) replaced(t *tail) {
	f.opts.Log.Info("file was emptied or replaced, it is read from its start", "file", t.path, "read", t.offset)
	f.rests = append(f.rests, rest{position: t.position(), fits: t.known.fits})
	t.offset, t.line, t.scanned, t.known = 0, 0, 0, known{}
	f.rescan, f.dirty = true, true
}

// save keeps the positions, if it is time.
func (f *Follow) save(ctx context.Context, now bool) {
	if !f.dirty || !now && time.Since(f.saved) < f.opts.SaveEvery {
		return
	}
	var files []position
	for _, t := range f.tails {
		files = append(files, t.position())
	}
	for _, r := range f.rests {
		files = append(files, r.position)
	}
	files = append(files, f.stored...)
	data, err := encodePositions(files)
	if err == nil {
		err = f.opts.Positions.Save(ctx, f.opts.Name, data)
	}
	f.saved = time.Now()
	if err != nil {
		f.opts.Log.Warn("positions are not saved", "error", err)
		return
	}
	f.dirty = false
}

// breath is how long after the last look files are left alone: a writer that writes
// all the time makes a thousand changes in it.
const breath = 5 * time.Millisecond

// wait waits until something happens, or it is time to look.
func (f *Follow) wait(ctx context.Context, pause time.Duration) error {
	if f.dirty {
		pause = min(pause, max(time.Until(f.saved.Add(f.opts.SaveEvery)), breath))
	}
	timer := time.NewTimer(max(pause, 0))
	defer timer.Stop()
	var (
		events chan fsnotify.Event
		faults chan error
	)
	if f.notifier != nil {
		events, faults = f.notifier.Events, f.notifier.Errors
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	case e := <-events:
		f.note(e)
	case <-faults: // events were lost
		f.rescan = true
	}
	rest := time.After(breath)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-rest:
			return nil
		case e := <-events:
			f.note(e)
		case <-faults:
			f.rescan = true
		}
	}
}

func (f *Follow) note(e fsnotify.Event) {
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Rename) || e.Has(fsnotify.Remove) {
		f.rescan = true
	}
}
