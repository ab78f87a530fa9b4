package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// used returns how many alerts a rule has made in the interval of its cap.
func (t *tx) used(c *Cap) (used int, err error) {
	if c != nil {
		_, err = t.one(`SELECT used FROM caps WHERE rule = ? AND interval = ?`, []any{c.Rule, c.Interval.UnixMicro()}, &used)
	}
	return used, err
}

// use notes how many of them it made.
func (t *tx) use(c *Cap, n int) error {
	if c == nil || n == 0 {
		return nil
	}
	_, err := t.do(`INSERT INTO caps VALUES (?1, ?2, ?3) ON CONFLICT (rule, interval) DO UPDATE SET used = used + ?3`,
		c.Rule, c.Interval.UnixMicro(), n)
	return err
}

// carry lets a candidate wait.
func (t *tx) carry(c *Commit, one *Candidate) error {
	fields, err := json.Marshal(one)
	if err != nil {
		return err
	}
	_, err = t.do(`INSERT INTO carried (id, rule, found, fields, body) VALUES (?, ?, ?, ?, ?)`,
		one.ID, one.Rule, c.Now.UnixMicro(), string(fields), one.body)
	return err
}

// carried takes out the oldest of what waits of a rule.
func (t *tx) carried(rule string, most int) ([]*Candidate, error) {
	type waiting struct {
		n int64
		c *Candidate
	}
	some, err := rows(t.ctx, t, func(scan func(...any) error) (waiting, error) {
		var (
			w      waiting
			fields string
			body   []byte
		)
		if err := scan(&w.n, &fields, &body); err != nil {
			return w, err
		}
		w.c = &Candidate{}
		err := json.Unmarshal([]byte(fields), w.c)
		w.c.body = body
		return w, err
	}, `SELECT n, fields, body FROM carried WHERE rule = ? ORDER BY n LIMIT ?`, rule, most)
	if err != nil {
		return nil, err
	}
	all := make([]*Candidate, len(some))
	for i, w := range some {
		if _, err := t.do(`DELETE FROM carried WHERE n = ?`, w.n); err != nil {
			return nil, err
		}
		all[i] = w.c
	}
	return all, nil
}

// lose counts what is neither made nor carried.
func (t *tx) lose(c *Commit, rule string) error {
	_, err := t.do(`INSERT INTO lost VALUES (?1, 1, ?2, ?2) ON CONFLICT (rule) DO UPDATE SET count = count + 1, last = ?2`,
		rule, c.Now.UnixMicro())
	return err
}

// Waiting is what a rule found over its cap.
type Waiting struct {
	Rule    string // uuid
	Carried int    // to be told in later intervals
	Oldest  time.Time
	Lost    int // more than are carried: not told at all
	LostAt  time.Time
}

// Waiting returns what waits of each rule of which something does, or was lost.
func (s *State) Waiting(ctx context.Context) ([]Waiting, error) {
	return rows(ctx, s.read, func(scan func(...any) error) (Waiting, error) {
		var (
			w              Waiting
			oldest, lostAt sql.NullInt64
		)
		err := scan(&w.Rule, &w.Carried, &oldest, &w.Lost, &lostAt)
		w.Oldest, w.LostAt = timeOf(oldest), timeOf(lostAt)
		return w, err
	}, `SELECT rule, sum(carried), min(oldest), sum(lost), max(last) FROM (
			SELECT rule, count(*) AS carried, min(found) AS oldest, 0 AS lost, NULL AS last FROM carried GROUP BY rule
			UNION ALL SELECT rule, 0, NULL, count, last FROM lost)
		GROUP BY rule ORDER BY rule`)
}
