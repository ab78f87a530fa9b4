package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Item is an alert on its way to sinks. Its Seq is its number in the outbox: alerts
// are numbered in the order in which they were made, and no number is given twice.
// Those of rules whose alerts are building blocks are among them.
type Item struct {
	Alert
	Docs Documents
}

// Next returns the alerts behind a number, in the order in which they were made; none
// if there is none yet. What was deleted meanwhile is passed over.
func (s *State) Next(ctx context.Context, after int64, most int) ([]Item, error) {
	var out []Item
	err := s.InOrder(ctx, Filter{After: after, BuildingBlocks: true}, most, func(a *Alert) error {
		docs, err := s.documents(ctx, s.read, a)
		if errors.Is(err, ErrNotFound) {
			return nil // deleted just now
		}
		if err == nil {
			out = append(out, Item{*a, *docs})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return out, nil
}

// Head returns the number of the alert that was made last, even if it is deleted; 0
// if there never was one.
func (s *State) Head(ctx context.Context) (seq int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'alerts'), 0)`).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	return seq, nil
}

// Sinks returns how far each sink is that was ever heard of.
func (s *State) Sinks(ctx context.Context) (map[string]int64, error) {
	type place struct {
		name string
		seq  int64
	}
	all, err := rows(ctx, s.read, func(scan func(...any) error) (p place, err error) {
		err = scan(&p.name, &p.seq)
		return p, err
	}, `SELECT name, seq FROM sinks`)
	if err != nil {
		return nil, fmt.Errorf("read sinks: %w", err)
	}
	sinks := make(map[string]int64, len(all))
	for _, p := range all {
		sinks[p.name] = p.seq
	}
	return sinks, nil
}

// Done notes that a sink is done with all up to a number. A sink that is new begins
// so: behind Head for what comes from now on, behind 0 for all that is stored.
func (s *State) Done(ctx context.Context, sink string, seq int64) error {
	err := s.change(ctx, func(t *tx) error {
		_, err := t.do(`INSERT INTO sinks VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET seq = max(seq, ?2)`, sink, seq)
		return err
	})
	if err != nil {
		return fmt.Errorf("advance sink %s: %w", sink, err)
	}
	return nil
}

// RemoveSink forgets a sink and its dead letters.
func (s *State) RemoveSink(ctx context.Context, name string) error {
	err := s.change(ctx, func(t *tx) error {
		if _, err := t.do(`DELETE FROM sinks WHERE name = ?`, name); err != nil {
			return err
		}
		_, err := t.do(`DELETE FROM dead_letters WHERE sink = ?`, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove sink %s: %w", name, err)
	}
	return nil
}

// DeadLetter is something that a sink would not take: an alert, or an event that was
// to be forwarded. It is kept whole.
type DeadLetter struct {
	N      int64 // by which it is known
	Sink   string
	Seq    int64
	ID     string
	Index  string   // of an event
	Docs   [][]byte // the document, and behind it its blocks
	At     time.Time
	Reason string
}

// Dead keeps a dead letter, of each number of a sink one.
func (s *State) Dead(ctx context.Context, d DeadLetter) error {
	body := s.packed(d.Docs)
	err := s.change(ctx, func(t *tx) error {
		_, err := t.do(`INSERT INTO dead_letters (sink, seq, id, place, body, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (sink, seq) DO UPDATE SET at = excluded.at, reason = excluded.reason`,
			d.Sink, d.Seq, d.ID, d.Index, body, d.At.UnixMicro(), d.Reason)
		return err
	})
	if err != nil {
		return fmt.Errorf("write dead letter of %s: %w", d.Sink, err)
	}
	return nil
}

// DeadLetters returns those of a sink, or of all for "", the oldest first.
func (s *State) DeadLetters(ctx context.Context, sink string) ([]DeadLetter, error) {
	all, err := rows(ctx, s.read, func(scan func(...any) error) (DeadLetter, error) {
		var (
			d    DeadLetter
			at   sql.NullInt64
			body []byte
		)
		err := scan(&d.N, &d.Sink, &d.Seq, &d.ID, &d.Index, &body, &at, &d.Reason)
		if err == nil {
			d.At = timeOf(at)
			d.Docs, err = s.unpacked(body)
		}
		return d, err
	}, `SELECT n, sink, seq, id, place, body, at, reason FROM dead_letters WHERE ?1 = '' OR sink = ?1 ORDER BY n`, sink)
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return all, nil
}

// Settled forgets a dead letter: it was delivered after all, or nobody wants it.
func (s *State) Settled(ctx context.Context, n int64) error {
	err := s.change(ctx, func(t *tx) error {
		_, err := t.do(`DELETE FROM dead_letters WHERE n = ?`, n)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget dead letter: %w", err)
	}
	return nil
}

// Changed returns a channel that is closed when this State has stored new alerts. Take
// it before looking, so that none is overlooked.
func (s *State) Changed() <-chan struct{} {
	s.told.Lock()
	defer s.told.Unlock()
	return s.more
}

func (s *State) tell() {
	s.told.Lock()
	defer s.told.Unlock()
	close(s.more)
	s.more = make(chan struct{})
}
