package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Tidy says what may go.
type Tidy struct {
	Now time.Time
	// Closed is how long closed alerts are kept; 0: for ever.
	Closed time.Duration
	// Runs is how long runs, and blind spans that have ended, are kept; 0: for ever.
	Runs time.Duration
	// Events is when the oldest event came that is still stored. What only keeps a
	// match from being told twice goes when its events can not be judged again. Zero:
	// nothing of that goes.
	Events time.Time
}

// capsKept is how long the use of a cap is remembered: longer than any interval in
// which a pass may still count.
const capsKept = 14 * 24 * time.Hour

// atOnce is how many rows go at a time: others want to write, too.
const atOnce = 500

// Tidy removes what may go, a little at a time, and returns how many alerts went.
func (s *State) Tidy(ctx context.Context, y Tidy) (alerts int, err error) {
	if y.Closed > 0 {
		for {
			n, err := s.retire(ctx, y.Now.Add(-y.Closed), y.Now)
			alerts += n
			if err != nil || n < atOnce {
				if err != nil {
					return alerts, fmt.Errorf("remove closed alerts: %w", err)
				}
				break
			}
		}
	}
	type removal struct {
		text   string
		before time.Time
	}
	removals := []removal{{`DELETE FROM caps WHERE (rule, interval) IN (SELECT rule, interval FROM caps WHERE interval < ? LIMIT ?)`, y.Now.Add(-capsKept)}}
	if y.Runs > 0 {
		before := y.Now.Add(-y.Runs)
		removals = append(removals,
			removal{`DELETE FROM runs WHERE n IN (SELECT n FROM runs WHERE started < ? LIMIT ?)`, before},
			removal{`DELETE FROM blind WHERE n IN (SELECT n FROM blind WHERE until < ? LIMIT ?)`, before})
	}
	if !y.Events.IsZero() {
		removals = append(removals,
			removal{`DELETE FROM suppressed WHERE id IN (SELECT id FROM suppressed WHERE at < ? LIMIT ?)`, y.Events},
			removal{`DELETE FROM tombstones WHERE id IN (SELECT id FROM tombstones WHERE made < ? LIMIT ?)`, y.Events})
	}
	for _, r := range removals {
		for n := atOnce; n == atOnce; {
			if err := s.change(ctx, func(t *tx) error {
				var err error
				n, err = t.do(r.text, r.before.UnixMicro(), atOnce)
				return err
			}); err != nil {
				return alerts, fmt.Errorf("tidy state: %w", err)
			}
		}
	}
	return alerts, nil
}

// retire removes some alerts that were closed before a time.
func (s *State) retire(ctx context.Context, before, now time.Time) (n int, err error) {
	err = s.change(ctx, func(t *tx) error {
		seqs, err := rows(ctx, t, func(scan func(...any) error) (seq int64, err error) {
			err = scan(&seq)
			return seq, err
		}, `SELECT seq FROM alerts WHERE status = ? AND status_at < ? LIMIT ?`, int(Closed), before.UnixMicro(), atOnce)
		if err != nil {
			return err
		}
		for _, seq := range seqs {
			if _, err := t.bury(seq, By{At: now}); err != nil {
				return err
			}
		}
		n = len(seqs)
		return nil
	})
	return n, err
}

// Size returns how many bytes the state takes on disk, its log left out.
func (s *State) Size(ctx context.Context) (int64, error) {
	var size sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&size)
	return size.Int64, err
}
