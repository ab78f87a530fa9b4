package state

// known says whether an id was stored before, and how.
func (t *tx) known(id string) (Counts, error) {
	var how int
	found, err := t.one(`SELECT 1 FROM alerts WHERE id = ?1
		UNION ALL SELECT 1 FROM suppressed WHERE id = ?1
		UNION ALL SELECT 1 FROM carried WHERE id = ?1
		UNION ALL SELECT 2 FROM tombstones WHERE id = ?1 LIMIT 1`, []any{id}, &how)
	switch {
	case err != nil || !found:
		return Counts{}, err
	case how == 2:
		return Counts{Deleted: 1}, nil
	}
	return Counts{Existing: 1}, nil
}

// taken is what became of one candidate.
type taken struct {
	Counts
	seq int64
}

// take stores a candidate, counts it in an alert that stands, or, if there is no room
// for it, lets it wait.
func (t *tx) take(c *Commit, one *Candidate, released, room bool) (taken, error) {
	counted, err := t.suppress(c, one)
	switch {
	case err != nil:
		return taken{}, err
	case counted != (Counts{}):
		if released {
			counted.Released = 1
		}
		return taken{Counts: counted}, nil
	case !room:
		return taken{Counts: Counts{Carried: 1}}, t.carry(c, one)
	}
	seq, err := t.insert(one)
	made := Counts{New: 1, Blocks: len(one.Blocks)}
	if released {
		made.Released = 1
	}
	return taken{made, seq}, err
}

// insert stores an alert.
func (t *tx) insert(one *Candidate) (int64, error) {
	var instance, first, last any
	if s := one.Suppression; s != nil {
		instance, first, last = s.Instance, micros(s.Start), micros(s.End)
	}
	var seq int64
	_, err := t.one(`INSERT INTO alerts (id, rule, rule_id, name, severity, risk, reason, host, user, at, until, made,
			last_detected, blocks, building_block, run, instance, first_counted, last_counted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
		[]any{
			one.ID, one.Rule, one.RuleID, one.Name, one.Severity.Rank(), one.Risk, one.Reason, one.Host, one.User,
			one.At.UnixMicro(), one.Until.UnixMicro(), one.Made.UnixMicro(), one.Made.UnixMicro(),
			len(one.Blocks), one.BuildingBlock, one.Run, instance, first, last,
		}, &seq)
	if err != nil {
		return 0, err
	}
	if _, err := t.do(`INSERT INTO bodies VALUES (?, ?)`, seq, one.body); err != nil {
		return 0, err
	}
	for i, id := range one.Blocks {
		if _, err := t.do(`INSERT INTO blocks VALUES (?, ?, ?)`, id, seq, i); err != nil {
			return 0, err
		}
	}
	return seq, nil
}

// supersede marks alerts that the order of time would not have given. What waits
// need not be told any more.
func (t *tx) supersede(c *Commit) error {
	for _, id := range c.Superseded {
		if _, err := t.do(`UPDATE alerts SET superseded = ? WHERE id = ? AND superseded IS NULL`, micros(c.Now), id); err != nil {
			return err
		}
		if _, err := t.do(`DELETE FROM carried WHERE id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}
