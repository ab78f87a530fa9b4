package state

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Status is what people made of an alert.
type Status uint8

// The statuses, by Elastic's names.
const (
	StatusOpen Status = iota
	Acknowledged
	Closed
)

// Statuses are the names of the statuses, in their order.
func Statuses() []string { return []string{"open", "acknowledged", "closed"} }

func (s Status) String() string { return Statuses()[s] }

// CloseReasons are Elastic's reasons for which an alert is closed.
func CloseReasons() []string {
	return []string{
		"false_positive", "issue_resolved", "acceptable_risk", "expected_activity", "low_severity", "duplicate", "investigation_required",
	}
}

// By says who does something, and when.
type By struct {
	User string
	At   time.Time
}

// SetStatus changes the status of alerts and returns how many had another. The reason
// is for closing, and may be "". Blocks of a group have the status of their alert.
func (s *State) SetStatus(ctx context.Context, seqs []int64, status Status, reason string, by By) (changed int, err error) {
	if status != Closed {
		reason = ""
	}
	err = s.change(ctx, func(t *tx) error {
		changed = 0
		for _, seq := range seqs {
			n, err := t.do(`UPDATE alerts SET status = ?, close_reason = ?, status_user = ?, status_at = ?
				WHERE seq = ? AND (status <> ? OR close_reason <> ?)`,
				int(status), reason, by.User, by.At.UnixMicro(), seq, int(status), reason)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			if err := t.note(seq, by, status.String(), reason); err != nil {
				return err
			}
			changed += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("change status: %w", err)
	}
	return changed, nil
}

// Tag takes tags away and then adds others, each once.
func (s *State) Tag(ctx context.Context, seqs []int64, add, remove []string, by By) error {
	return s.relate(ctx, seqs, "tags", "tag", add, remove, by, "tagged", "untagged")
}

// Assign takes assignees away and then adds others, each once.
func (s *State) Assign(ctx context.Context, seqs []int64, add, remove []string, by By) error {
	return s.relate(ctx, seqs, "assignees", "user", add, remove, by, "assigned", "unassigned")
}

func (s *State) relate(ctx context.Context, seqs []int64, table, column string, add, remove []string, by By, added, removed string) error {
	err := s.change(ctx, func(t *tx) error {
		for _, seq := range seqs {
			var more, less []string
			for _, one := range remove {
				n, err := t.do("DELETE FROM "+table+" WHERE alert = ? AND "+column+" = ?", seq, one)
				if err != nil {
					return err
				}
				if n > 0 {
					less = append(less, one)
				}
			}
			for _, one := range add {
				n, err := t.do("INSERT INTO "+table+" VALUES (?, ?) ON CONFLICT DO NOTHING", seq, one)
				if err != nil {
					return err
				}
				if n > 0 {
					more = append(more, one)
				}
			}
			for _, did := range []struct {
				what string
				to   []string
			}{{removed, less}, {added, more}} {
				if len(did.to) == 0 {
					continue
				}
				if err := t.note(seq, by, did.what, strings.Join(did.to, ", ")); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("change %s: %w", table, err)
	}
	return nil
}

// note keeps what was done with an alert.
func (t *tx) note(seq int64, by By, action, detail string) error {
	_, err := t.do(`INSERT INTO history (alert, at, user, action, detail) VALUES (?, ?, ?, ?, ?)`,
		seq, by.At.UnixMicro(), by.User, action, detail)
	return err
}

// AddNote writes a note on alerts.
func (s *State) AddNote(ctx context.Context, seqs []int64, text string, by By) error {
	err := s.change(ctx, func(t *tx) error {
		for _, seq := range seqs {
			if _, err := t.do(`INSERT INTO notes (alert, at, user, text) VALUES (?, ?, ?, ?)`, seq, by.At.UnixMicro(), by.User, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	return nil
}

// Delete deletes alerts with all that belongs to them. Their ids are kept, so that the
// same matches are not told again; what was counted in them stays counted.
func (s *State) Delete(ctx context.Context, seqs []int64, by By) (deleted int, err error) {
	err = s.change(ctx, func(t *tx) error {
		deleted = 0
		for _, seq := range seqs {
			n, err := t.bury(seq, by)
			if err != nil {
				return err
			}
			deleted += n
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("delete alerts: %w", err)
	}
	return deleted, nil
}

func (t *tx) bury(seq int64, by By) (int, error) {
	if _, err := t.do(`INSERT INTO tombstones SELECT id, rule, ?, ?, made FROM alerts WHERE seq = ?`, by.User, by.At.UnixMicro(), seq); err != nil {
		return 0, err
	}
	return t.do(`DELETE FROM alerts WHERE seq = ?`, seq)
}
