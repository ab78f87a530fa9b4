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
	path  string
	vfs   string
	write *sql.DB // one connection
	read  *sql.DB // the same one where there can be no other

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
	return open(ctx, fsys, dir, true)
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
	return open(ctx, fsys, dir, false)
}

// patience is how long a writer waits for another process.
const patience = 15 * time.Second

func open(ctx context.Context, fsys disk.FS, dir string, daemon bool) (s *State, err error) {
	s = &State{path: filepath.Join(dir, File), more: make(chan struct{})}
	defer func() {
		if err != nil {
			s.Close()
			s, err = nil, fmt.Errorf("open state %s: %w", filepath.Join(dir, File), err)
		}
	}()
	if s.pack, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2)); err != nil {
		return nil, err
	}
	if s.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxBody)); err != nil {
		return nil, err
	}
	_, real := fsys.(disk.OS)
	path := dir
	if real {
		if path, err = filepath.Abs(dir); err != nil {
			return nil, err
		}
	}
	s.vfs = (&folder{fs: fsys, path: path, real: real}).register()
	pragmas := "&_pragma=temp_store(memory)&_pragma=synchronous(full)&_pragma=foreign_keys(on)&_pragma=journal_mode(wal)"
	pragmas = fmt.Sprintf("&_pragma=busy_timeout(%d)", patience.Milliseconds()) + pragmas
	if !real {
		pragmas = "&_pragma=locking_mode(exclusive)" + pragmas
	}
	if s.write, err = driver.Open("file:" + File + "?vfs=" + s.vfs + "&_txlock=immediate" + pragmas); err != nil {
		return nil, err
	}
	s.write.SetMaxOpenConns(1)
	s.read = s.write
	if err := s.settle(ctx, daemon); err != nil {
		return nil, err
	}
	if real {
		if s.read, err = driver.Open("file:" + File + "?vfs=" + s.vfs + "&_txlock=deferred&_pragma=query_only(on)" + pragmas); err != nil {
			return nil, err
		}
		s.read.SetMaxOpenConns(4)
		s.read.SetMaxIdleConns(2)
	}
	return s, nil
}

// settle brings the schema up to date, and what a log holds into the file: should a
// sync have failed before, what it left may be readable and yet not be on the disk,
// and nothing that is promised from now on may stand behind it.
func (s *State) settle(ctx context.Context, daemon bool) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	mode := "passive" // it waits for nobody
	if daemon {
		mode = "truncate"
	}
	var busy, log, moved int
	return s.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &log, &moved)
}

//go:embed schema
var schemas embed.FS

// Version is the version of the schema that this program writes.
const Version = 1

// application marks the file as ours: "TRIP".
const application = 0x54524950

// migrate brings the schema from whatever version it has to Version.
func (s *State) migrate(ctx context.Context) error {
	return s.change(ctx, func(t *tx) error {
		var version, app int
		if err := t.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		if err := t.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app); err != nil {
			return err
		}
		switch {
		case app != application && (app != 0 || version != 0):
			return errors.New("the file is a database of another program")
		case version > Version:
			return fmt.Errorf("%w: it has version %d, and this Tripline reads up to %d", ErrNewer, version, Version)
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

// tx is a transaction that writes.
type tx struct {
	*sql.Tx
	ctx   context.Context
	state *State
	made  map[string]*sql.Stmt // they end with the transaction
}

// change runs a function in a transaction that writes, of which all or nothing is
// there afterwards, and there to stay.
func (s *State) change(ctx context.Context, do func(*tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(&tx{t, ctx, s, map[string]*sql.Stmt{}}); err != nil {
		_ = t.Rollback() // the error that counts is known
		return err
	}
	return t.Commit()
}

// prepared returns a statement, made once a transaction.
func (t *tx) prepared(text string) (*sql.Stmt, error) {
	stmt := t.made[text]
	if stmt == nil {
		var err error
		if stmt, err = t.PrepareContext(t.ctx, text); err != nil {
			return nil, err
		}
		t.made[text] = stmt
	}
	return stmt, nil
}

// do runs a statement and returns how many rows it changed.
func (t *tx) do(text string, args ...any) (int, error) {
	stmt, err := t.prepared(text)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// one reads the first row of an answer; false if there is none.
func (t *tx) one(text string, args []any, into ...any) (bool, error) {
	stmt, err := t.prepared(text)
	if err != nil {
		return false, err
	}
	err = stmt.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// querier is what reads: the state's readers, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// rows reads an answer whole before it goes on: where there is one connection, it
// is free again for what the caller does with the answer.
func rows[T any](ctx context.Context, q querier, scan func(func(...any) error) (T, error), text string, args ...any) ([]T, error) {
	answer, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer answer.Close() //nolint:errcheck // Err tells
	var all []T
	for answer.Next() {
		one, err := scan(answer.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, answer.Err()
}

// micros writes a time; a zero one is null.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// timeOf reads a time.
func timeOf(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}
