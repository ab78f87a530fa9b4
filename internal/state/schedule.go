package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tripline-sec/tripline/internal/schedule"
)

// Blind is a stretch of time in which something was not seen, and why. One that is
// told again, of the same Since and the rest, takes the place of the one before.
type Blind struct {
	Cause  string // late, dropped, evicted, unreadable, gap, silent, ...
	Host   string // "": of any
	Source string
	Rule   string // uuid; "": for all
	Since  time.Time
	Until  time.Time // zero: it lasts
	Count  int       // of events, where it is known
	Text   string    // for people
}

// schedule stores what a pass leaves besides alerts.
func (t *tx) schedule(c *Commit, done *Committed) error {
	for i := range c.Runs {
		r := &c.Runs[i]
		own, all := done.ByRun[r.ID], done.ByRule[r.Rule]
		r.Counts.New = own.New + own.Suppressed + own.Carried + own.Lost
		r.Counts.Told = own.New + all.Released
		r.Counts.Carried = own.Carried
		body, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("write run: %w", err)
		}
		if _, err := t.do(`INSERT INTO runs (id, rule, started, body) VALUES (?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET body = excluded.body`, r.ID, r.Rule, r.Started.UnixMicro(), string(body)); err != nil {
			return err
		}
	}
	for i := range c.Ledgers {
		l := &c.Ledgers[i]
		body, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("write ledger: %w", err)
		}
		if _, err := t.do(`INSERT INTO ledgers VALUES (?, ?) ON CONFLICT (rule) DO UPDATE SET body = excluded.body`, l.Rule, string(body)); err != nil {
			return err
		}
	}
	for _, b := range c.Blind {
		if _, err := t.do(`INSERT INTO blind (cause, host, source, rule, since, until, count, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (cause, host, source, rule, since) DO UPDATE SET until = excluded.until, count = excluded.count, text = excluded.text`,
			b.Cause, b.Host, b.Source, b.Rule, b.Since.UnixMicro(), micros(b.Until), b.Count, b.Text); err != nil {
			return err
		}
	}
	return nil
}

// Runs returns the last runs, of a rule or of all ("" for that), the newest first.
func (s *State) Runs(ctx context.Context, rule string, most int) ([]schedule.Run, error) {
	all, err := rows(ctx, s.read, asJSON[schedule.Run], `SELECT body FROM runs
		WHERE ?1 = '' OR rule = ?1 ORDER BY started DESC, n DESC LIMIT ?2`, rule, most)
	if err != nil {
		return nil, fmt.Errorf("read runs: %w", err)
	}
	return all, nil
}

// Ledgers returns the ledgers of all rules.
func (s *State) Ledgers(ctx context.Context) ([]schedule.Ledger, error) {
	all, err := rows(ctx, s.read, asJSON[schedule.Ledger], `SELECT body FROM ledgers ORDER BY rule`)
	if err != nil {
		return nil, fmt.Errorf("read ledgers: %w", err)
	}
	return all, nil
}

func asJSON[T any](scan func(...any) error) (one T, err error) {
	var body []byte
	if err = scan(&body); err == nil {
		err = json.Unmarshal(body, &one)
	}
	return one, err
}

// Blind returns what was not seen in a stretch of time, the earliest first. Zero
// times are no bounds.
func (s *State) Blind(ctx context.Context, from, to time.Time) ([]Blind, error) {
	return blindIn(ctx, s.read, from, to)
}

func blindIn(ctx context.Context, q querier, from, to time.Time) ([]Blind, error) {
	return rows(ctx, q, func(scan func(...any) error) (Blind, error) {
		var (
			b            Blind
			since, until sql.NullInt64
		)
		err := scan(&b.Cause, &b.Host, &b.Source, &b.Rule, &since, &until, &b.Count, &b.Text)
		b.Since, b.Until = timeOf(since), timeOf(until)
		return b, err
	}, `SELECT cause, host, source, rule, since, until, count, text FROM blind
		WHERE (?1 IS NULL OR until IS NULL OR until >= ?1) AND (?2 IS NULL OR since <= ?2) ORDER BY since, n`, micros(from), micros(to))
}

// Readers of the event store, as Commit.Positions names them.
const (
	StreamPosition   = "stream"   // what the stream has judged
	SchedulePosition = "schedule" // what the ledgers know to have arrived
)

// Arrival returns the arrival up to which a reader of the event store is done; 0 if
// it has done nothing.
func (s *State) Arrival(ctx context.Context, name string) (uint64, error) {
	var arrival int64
	err := s.read.QueryRowContext(ctx, `SELECT arrival FROM positions WHERE name = ?`, name).Scan(&arrival)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read position of %s: %w", name, err)
	}
	return uint64(arrival), nil //nolint:gosec // written from one
}
