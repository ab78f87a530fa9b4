package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Alert is a stored alert without its documents.
type Alert struct {
	Seq           int64
	ID            string
	Rule          string // uuid
	RuleID        string
	Name          string
	Severity      rule.Severity
	Risk          float64
	Reason        string
	Host, User    string
	At, Until     time.Time // its first and last event
	Made          time.Time
	LastDetected  time.Time // the last time that another was counted in it
	Blocks        int
	BuildingBlock bool // of a rule whose alerts are building blocks
	Run           string
	Superseded    time.Time // zero: it is not

	Status      Status
	CloseReason string
	StatusUser  string
	StatusAt    time.Time // zero: never changed
	Tags        []string
	Assignees   []string

	Instance                  string // of a rule that suppresses
	FirstCounted, LastCounted time.Time
	Counted                   int // others that are counted in it
}

const alertColumns = `seq, id, rule, rule_id, name, severity, risk, reason, host, user, at, until, made, last_detected,
	blocks, building_block, run, superseded, status, close_reason, status_user, status_at,
	coalesce(instance, ''), first_counted, last_counted, counted,
	(SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE alert = seq ORDER BY tag)),
	(SELECT json_group_array(user) FROM (SELECT user FROM assignees WHERE alert = seq ORDER BY user))`

func scanAlert(scan func(...any) error) (Alert, error) {
	var (
		a                                                              Alert
		rank                                                           int
		at, until, made, detected, superseded, changed, counted, count sql.NullInt64
		tags, assignees                                                []byte
	)
	err := scan(&a.Seq, &a.ID, &a.Rule, &a.RuleID, &a.Name, &rank, &a.Risk, &a.Reason, &a.Host, &a.User, &at, &until, &made, &detected,
		&a.Blocks, &a.BuildingBlock, &a.Run, &superseded, &a.Status, &a.CloseReason, &a.StatusUser, &changed,
		&a.Instance, &counted, &count, &a.Counted, &tags, &assignees)
	if err != nil {
		return a, err
	}
	a.Severity = severityOf(rank)
	a.At, a.Until, a.Made, a.LastDetected = timeOf(at), timeOf(until), timeOf(made), timeOf(detected)
	a.Superseded, a.StatusAt = timeOf(superseded), timeOf(changed)
	a.FirstCounted, a.LastCounted = timeOf(counted), timeOf(count)
	if err := json.Unmarshal(tags, &a.Tags); err != nil {
		return a, err
	}
	return a, json.Unmarshal(assignees, &a.Assignees)
}

// Filter says which alerts are wanted. The zero filter wants all but those that are
// building blocks for other rules.
type Filter struct {
	Status         []Status      // any of them; none: all
	Severity       rule.Severity // this or above
	Rule           string        // uuid, rule_id or, letter case ignored, part of the name
	Host           string        // with * for anything, letter case ignored
	Tag            string
	Assignee       string
	Since, Until   time.Time // of its first event; Until is not included
	BuildingBlocks bool      // those too
	After          int64     // made after the one of this Seq
}

func (f *Filter) where() (string, []any) {
	var (
		parts []string
		args  []any
	)
	add := func(part string, values ...any) {
		parts = append(parts, part)
		args = append(args, values...)
	}
	switch len(f.Status) {
	case 0:
	case 1:
		add("status = ?", int(f.Status[0]))
	default:
		// Several stretches of the index by status would have to be sorted; the index
		// by time is in order. The plus keeps SQLite from the former.
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(f.Status)), ", ")
		parts = append(parts, "+status IN ("+marks+")")
		for _, s := range f.Status {
			args = append(args, int(s))
		}
	}
	if f.Severity != "" {
		add("severity >= ?", f.Severity.Rank())
	}
	if _, err := uuid.Parse(f.Rule); err == nil {
		add("rule = ?", strings.ToLower(f.Rule))
	} else if f.Rule != "" {
		add("(rule = ? OR rule_id = ? OR instr(lower(name), lower(?)) > 0)", f.Rule, f.Rule, f.Rule)
	}
	switch {
	case strings.ContainsAny(f.Host, "*?["):
		escaped := strings.NewReplacer("?", "[?]", "[", "[[]").Replace(strings.ToLower(f.Host))
		add("lower(host) GLOB ?", escaped)
	case f.Host != "":
		add("host COLLATE NOCASE = ?", f.Host)
	}
	if f.Tag != "" {
		add("seq IN (SELECT alert FROM tags WHERE tag = ?)", f.Tag)
	}
	if f.Assignee != "" {
		add("seq IN (SELECT alert FROM assignees WHERE user = ?)", f.Assignee)
	}
	if !f.Since.IsZero() {
		add("at >= ?", f.Since.UnixMicro())
	}
	if !f.Until.IsZero() {
		add("at < ?", f.Until.UnixMicro())
	}
	if !f.BuildingBlocks {
		parts = append(parts, "building_block = 0")
	}
	if f.After > 0 {
		add("seq > ?", f.After)
	}
	if len(parts) == 0 {
		return "1", nil
	}
	return strings.Join(parts, " AND "), args
}

// page is how many alerts are read at a time.
const page = 500

// Alerts hands over alerts, the newest first by the time of their first events,
// until the function is done with an error, or most are handed over; 0 is all.
// Other processes may write meanwhile: each page is read by itself.
func (s *State) Alerts(ctx context.Context, f Filter, most int, each func(*Alert) error) error {
	return s.list(ctx, f, most, []string{"at", "seq"}, true, each)
}

// InOrder hands over alerts in the order in which they were made.
func (s *State) InOrder(ctx context.Context, f Filter, most int, each func(*Alert) error) error {
	return s.list(ctx, f, most, []string{"seq"}, false, each)
}

func (s *State) list(ctx context.Context, f Filter, most int, by []string, down bool, each func(*Alert) error) error {
	where, args := f.where()
	order, than := strings.Join(by, ", "), ">"
	if down {
		order, than = strings.Join(by, " DESC, ")+" DESC", "<"
	}
	var from []any // where the last page ended
	for given := 0; most <= 0 || given < most; {
		n := page
		if most > 0 {
			n = min(page, most-given)
		}
		text, with := where, args
		if from != nil {
			marks := strings.TrimSuffix(strings.Repeat("?, ", len(by)), ", ")
			text += " AND (" + strings.Join(by, ", ") + ") " + than + " (" + marks + ")"
			with = append(args[:len(args):len(args)], from...)
		}
		some, err := rows(ctx, s.read, scanAlert, "SELECT "+alertColumns+" FROM alerts WHERE "+text+
			" ORDER BY "+order+" LIMIT ?", append(with[:len(with):len(with)], n)...)
		if err != nil {
			return fmt.Errorf("read alerts: %w", err)
		}
		for i := range some {
			if err := each(&some[i]); err != nil {
				return err
			}
		}
		if given += len(some); len(some) < n {
			return nil
		}
		last := some[len(some)-1]
		from = []any{last.Seq}
		if len(by) > 1 {
			from = []any{last.At.UnixMicro(), last.Seq}
		}
	}
	return nil
}

// Count returns how many alerts a filter wants.
func (s *State) Count(ctx context.Context, f Filter) (int, error) {
	where, args := f.where()
	n := 0
	err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM alerts WHERE "+where, args...).Scan(&n)
	return n, err
}

// Ambiguous is the error of an id's beginning that several alerts share.
type Ambiguous struct {
	Prefix string
	IDs    []string // some of them
}

func (a *Ambiguous) Error() string { return "several alerts have an id that begins with " + a.Prefix }

// Find returns the alert of an id, or of the beginning of one that no other has. If
// there is none, an id of a building block finds its alert.
func (s *State) Find(ctx context.Context, prefix string) (*Alert, error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	if prefix == "" || strings.Trim(prefix, "0123456789abcdef") != "" {
		return nil, ErrNotFound
	}
	const some = 3
	found, err := rows(ctx, s.read, scanAlert, "SELECT "+alertColumns+` FROM alerts
		WHERE id >= ?1 AND id < ?1 || 'g' ORDER BY id LIMIT ?2`, prefix, some)
	if err == nil && len(found) == 0 {
		found, err = rows(ctx, s.read, scanAlert, "SELECT "+alertColumns+` FROM alerts
			WHERE seq IN (SELECT alert FROM blocks WHERE id >= ?1 AND id < ?1 || 'g') ORDER BY id LIMIT ?2`, prefix, some)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("find alert %s: %w", prefix, err)
	case len(found) == 0:
		return nil, ErrNotFound
	case len(found) > 1:
		ambiguous := &Ambiguous{Prefix: prefix}
		for _, a := range found {
			ambiguous.IDs = append(ambiguous.IDs, a.ID)
		}
		return nil, ambiguous
	}
	return &found[0], nil
}
