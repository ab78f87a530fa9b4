package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"time"
)

// Documents are those of an alert, as JSON.
type Documents struct {
	Alert  []byte   // of a group, its shell
	Blocks [][]byte // the building blocks of a group, in the order of its events
}

// Documents returns the documents of an alert as they are now: as they were made,
// with what people made of it and what it has counted since, and with what was not
// seen while it happened.
func (s *State) Documents(ctx context.Context, a *Alert) (*Documents, error) {
	docs, err := s.documents(ctx, s.read, a)
	if err != nil {
		return nil, fmt.Errorf("read documents of alert %s: %w", a.ID, err)
	}
	return docs, nil
}

func (s *State) documents(ctx context.Context, q reader, a *Alert) (*Documents, error) {
	var body []byte
	err := q.QueryRowContext(ctx, `SELECT body FROM bodies WHERE seq = ?`, a.Seq).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	lines, err := s.unpacked(body)
	if err != nil {
		return nil, err
	}
	blind, err := blindIn(ctx, q, a.At, a.Until)
	if err != nil {
		return nil, err
	}
	fields := a.workflow()
	docs := &Documents{Blocks: lines[1:]}
	for i, block := range docs.Blocks {
		if docs.Blocks[i], err = overlaid(block, fields); err != nil {
			return nil, err
		}
	}
	maps.Copy(fields, a.repeats())
	if spans := a.blind(blind); spans != nil {
		fields["tripline.blind"] = spans
	}
	docs.Alert, err = overlaid(lines[0], fields)
	return docs, err
}

// workflow is what is laid over an alert's document and its blocks'. Blocks have no
// workflow of their own: they are closed with their alert.
func (a *Alert) workflow() map[string]any {
	fields := map[string]any{}
	if !a.StatusAt.IsZero() {
		fields["kibana.alert.workflow_status"] = a.Status.String()
		fields["kibana.alert.workflow_user"] = a.StatusUser
		fields["kibana.alert.workflow_status_updated_at"] = iso(a.StatusAt)
	}
	if a.CloseReason != "" {
		fields["kibana.alert.workflow_reason"] = a.CloseReason
	}
	if len(a.Tags) > 0 {
		fields["kibana.alert.workflow_tags"] = a.Tags
	}
	if len(a.Assignees) > 0 {
		fields["kibana.alert.workflow_assignee_ids"] = a.Assignees
	}
	if !a.Superseded.IsZero() {
		fields["tripline.superseded"] = iso(a.Superseded)
	}
	return fields
}

// repeats is what is laid over the document of an alert that counts others.
func (a *Alert) repeats() map[string]any {
	if a.Instance == "" {
		return nil
	}
	return map[string]any{
		"kibana.alert.suppression.start":      iso(a.FirstCounted),
		"kibana.alert.suppression.end":        iso(a.LastCounted),
		"kibana.alert.suppression.docs_count": a.Counted,
		"kibana.alert.last_detected":          iso(a.LastDetected),
	}
}

// blindSpan is how a document tells of what was not seen.
type blindSpan struct {
	From   string `json:"from"`
	To     string `json:"to,omitempty"`
	Cause  string `json:"cause"`
	Host   string `json:"host,omitempty"`
	Source string `json:"source,omitempty"`
	Count  int    `json:"count,omitempty"`
	Text   string `json:"text,omitempty"`
}

// blind picks what concerns the alert.
func (a *Alert) blind(all []Blind) []blindSpan {
	var spans []blindSpan
	for _, b := range all {
		if b.Host != "" && b.Host != a.Host || b.Rule != "" && b.Rule != a.Rule {
			continue
		}
		span := blindSpan{From: iso(b.Since), Cause: b.Cause, Host: b.Host, Source: b.Source, Count: b.Count, Text: b.Text}
		if !b.Until.IsZero() {
			span.To = iso(b.Until)
		}
		spans = append(spans, span)
	}
	return spans
}

// reader is what reads rows: the state's readers, or a transaction.
type reader interface {
	querier
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Note is what someone wrote on an alert.
type Note struct {
	At         time.Time
	User, Text string
}

// Notes returns those of an alert, the oldest first.
func (s *State) Notes(ctx context.Context, seq int64) ([]Note, error) {
	return rows(ctx, s.read, func(scan func(...any) error) (Note, error) {
		var (
			n  Note
			at sql.NullInt64
		)
		err := scan(&at, &n.User, &n.Text)
		n.At = timeOf(at)
		return n, err
	}, `SELECT at, user, text FROM notes WHERE alert = ? ORDER BY n`, seq)
}

// Deed is one thing that someone did with an alert.
type Deed struct {
	At                   time.Time
	User, Action, Detail string
}

// History returns what was done with an alert, the oldest first; notes are not in it.
func (s *State) History(ctx context.Context, seq int64) ([]Deed, error) {
	return rows(ctx, s.read, func(scan func(...any) error) (Deed, error) {
		var (
			d  Deed
			at sql.NullInt64
		)
		err := scan(&at, &d.User, &d.Action, &d.Detail)
		d.At = timeOf(at)
		return d, err
	}, `SELECT at, user, action, detail FROM history WHERE alert = ? ORDER BY n`, seq)
}
