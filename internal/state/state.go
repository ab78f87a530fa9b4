package state

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/tripline-sec/tripline/internal/disk"
)

// maxBody bounds the documents of one alert, uncompressed.
const maxBody = 1 << 30

// File is the name of the state in a data folder.
const File = "state.db"

// State is an open state.
type State struct {
	folder *folder
	vfs    string  // the folder's name
	write  *sql.DB // one connection
	read   *sql.DB // the same one where there can be no other

	mu sync.Mutex // for one transaction that writes at a time

	pack   *zstd.Encoder
	unpack *zstd.Decoder

	told sync.Mutex
	more chan struct{} // closed when there are more alerts
}

// Errors that callers tell apart.
var (
	ErrNone     = errors.New("there is no state")
	ErrNewer    = errors.New("the state is of a newer version")
	ErrNotFound = errors.New("there is no such alert")
)

// Open opens the state in a data folder, which is made if it is missing, for the
// daemon. What a crash left unfinished is undone.
func Open(ctx context.Context, fsys disk.FS, dir string) (*State, error) {
	if err := disk.MkdirSync(fsys, dir); err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	return open(ctx, fsys, dir)
}

// OpenExisting opens the state of a daemon, running or not, for a command. Without
// one the error is ErrNone.
func OpenExisting(ctx context.Context, fsys disk.FS, dir string) (*State, error) {
	there, err := disk.Exists(fsys, filepath.Join(dir, File))
	if err == nil && !there {
		err = ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("open state in %s: %w", dir, err)
	}
	return open(ctx, fsys, dir)
}

// patience is how long a writer waits for another process.
const patience = 15 * time.Second

func open(ctx context.Context, fsys disk.FS, dir string) (*State, error) {
	s := &State{more: make(chan struct{})}
	if err := s.open(ctx, fsys, dir); err != nil {
		_ = s.Close() // the error that counts is known
		return nil, fmt.Errorf("open state %s: %w", filepath.Join(dir, File), err)
	}
	return s, nil
}

func (s *State) open(ctx context.Context, fsys disk.FS, dir string) (err error) {
	if s.pack, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2)); err != nil {
		return err
	}
	if s.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxBody)); err != nil {
		return err
	}
	_, real := fsys.(disk.OS)
	if real {
		if dir, err = filepath.Abs(dir); err != nil {
			return err
		}
	}
	s.folder = &folder{fs: fsys, path: dir, real: real}
	if err := s.folder.renew(); err != nil {
		return err
	}
	s.vfs = s.folder.register()
	pragmas := fmt.Sprintf("&_pragma=busy_timeout(%d)", patience.Milliseconds()) +
		"&_pragma=temp_store(memory)&_pragma=synchronous(full)&_pragma=foreign_keys(on)&_pragma=journal_mode(wal)"
	if !real {
		pragmas = "&_pragma=locking_mode(exclusive)" + pragmas
	}
	name := "file:" + File + "?vfs=" + s.vfs
	if s.write, err = driver.Open(name + "&_txlock=immediate" + pragmas); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	s.read = s.write
	if err := s.migrate(ctx); err != nil {
		return s.folder.explained(err)
	}
	if !real {
		return nil
	}
	s.folder.giveBack()
	if s.read, err = driver.Open(name + "&_txlock=deferred" + pragmas + "&_pragma=query_only(on)"); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(2)
	return nil
}

//go:embed schema
var schemas embed.FS

// Version is the version of the schema that this program writes.
const Version = 1

// application marks the file as ours: "TRIP".
const application = 0x54524950

// migrate brings the schema from whatever version it has to Version.
func (s *State) migrate(ctx context.Context) error {
	// As a rule there is nothing to do, and nobody to wait for.
	if version, err := versionOf(ctx, s.write); err != nil || version == Version {
		return err
	}
	return s.change(ctx, func(t *tx) error {
		version, err := versionOf(ctx, t)
		if err != nil {
			return err
		}
		for ; version < Version; version++ {
			step, err := fs.ReadFile(schemas, fmt.Sprintf("schema/%d.sql", version+1))
			if err != nil {
				return err
			}
			if _, err := t.ExecContext(ctx, string(step)); err != nil {
				return fmt.Errorf("migrate to version %d: %w", version+1, err)
			}
			if _, err := t.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", version+1, application)); err != nil {
				return err
			}
		}
		return nil
	})
}

// versionOf returns the version of the schema; 0 if there is none yet.
func versionOf(ctx context.Context, q reader) (version int, err error) {
	var app int
	if err := q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	if err := q.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app); err != nil {
		return 0, err
	}
	tables := 0
	if version == 0 {
		if err := q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
			return 0, err
		}
	}
	switch {
	case app != application && (app != 0 || version != 0 || tables != 0):
		return 0, errors.New("the file is a database of another program")
	case version > Version:
		return 0, fmt.Errorf("%w: it has version %d, and this Tripline reads up to %d", ErrNewer, version, Version)
	}
	return version, nil
}

// Close closes the state.
func (s *State) Close() error {
	var errs []error
	if s.read != nil && s.read != s.write {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if s.vfs != "" {
		vfs.Unregister(s.vfs)
	}
	if s.pack != nil {
		errs = append(errs, s.pack.Close())
	}
	if s.unpack != nil {
		s.unpack.Close()
	}
	return errors.Join(errs...)
}
