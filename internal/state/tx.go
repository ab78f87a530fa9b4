package state

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

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
		return s.folder.explained(err)
	}
	if err := do(&tx{t, ctx, s, map[string]*sql.Stmt{}}); err != nil {
		_ = t.Rollback() // the error that counts is known
		return s.folder.explained(err)
	}
	return s.folder.explained(t.Commit())
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
