package state

import (
	"database/sql"

	"github.com/tripline-sec/tripline/internal/alert"
)

// suppress counts a candidate in an alert that stands, if its rule wants that. The
// zero Counts say that it is to be told.
func (t *tx) suppress(c *Commit, one *Candidate) (Counts, error) {
	s := one.Suppression
	if s == nil {
		return Counts{}, nil
	}
	stands, seq, err := t.standing(s.Instance)
	if err != nil {
		return Counts{}, err
	}
	switch s.Judge(stands, one.Run, one.Made, c.ByTime) {
	case alert.Tell:
		return Counts{}, nil
	case alert.Drop:
		return Counts{Existing: 1}, nil
	case alert.Count:
	}
	s.Take(stands)
	if _, err := t.do(`UPDATE alerts SET counted = ?, first_counted = ?, last_counted = ?, last_detected = max(last_detected, ?) WHERE seq = ?`,
		stands.Count, micros(stands.Start), micros(stands.End), one.Made.UnixMicro(), seq); err != nil {
		return Counts{}, err
	}
	if _, err := t.do(`INSERT INTO suppressed VALUES (?, ?, ?)`, one.ID, seq, one.Made.UnixMicro()); err != nil {
		return Counts{}, err
	}
	return Counts{Suppressed: 1}, nil
}

// standing returns the newest alert of an instance that is not closed; nil if there
// is none.
func (t *tx) standing(instance string) (*alert.Standing, int64, error) {
	var (
		seq                int64
		stands             alert.Standing
		made, first, until sql.NullInt64
	)
	found, err := t.one(`SELECT seq, run, made, first_counted, last_counted, counted FROM alerts
		WHERE instance = ? AND status <> ? ORDER BY made DESC, seq DESC LIMIT 1`,
		[]any{instance, int(Closed)}, &seq, &stands.Run, &made, &first, &until, &stands.Count)
	if err != nil || !found {
		return nil, 0, err
	}
	stands.Made, stands.Start, stands.End = timeOf(made), timeOf(first), timeOf(until)
	return &stands, seq, nil
}
