package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/value"
)

// Candidate is an alert that the stream or the schedule found, ready to be stored.
// Making it is where the time goes (its documents are written and compressed), and
// needs no lock.
type Candidate struct {
	ID            string             `json:"id"`
	Rule          string             `json:"rule"` // uuid
	RuleID        string             `json:"rule_id"`
	Name          string             `json:"name"`
	Severity      rule.Severity      `json:"severity"`
	Risk          float64            `json:"risk"`
	Reason        string             `json:"reason"`
	Host          string             `json:"host"`
	User          string             `json:"user"`
	At            time.Time          `json:"at"`    // its first event; when it was made, if no event has a time
	Until         time.Time          `json:"until"` // its last event
	Made          time.Time          `json:"made"`
	Blocks        []string           `json:"blocks,omitempty"` // ids
	BuildingBlock bool               `json:"building_block,omitempty"`
	Run           string             `json:"run"`
	Suppression   *alert.Suppression `json:"suppression,omitempty"`

	body []byte // as in bodies
}

// Execution is what made an alert.
type Execution struct {
	// Run tells one run of a rule from others: for suppression without a duration,
	// and for the counts of Commit. Of the stream it is the rule's interval.
	Run string
	// What follows is written into the documents; of the stream nothing is.
	UUID     string    // kibana.alert.rule.execution.uuid
	Type     string    // scheduled or manual
	At       time.Time // when it began
	Intended time.Time // when it should have; zero: as the alert's own time
}

// fields are what the documents say of an execution.
func (e Execution) fields(made time.Time) map[string]any {
	if e.UUID == "" {
		return nil
	}
	if e.Intended.IsZero() {
		e.Intended = made
	}
	return map[string]any{
		"kibana.alert.rule.execution.uuid":      e.UUID,
		"kibana.alert.rule.execution.type":      e.Type,
		"kibana.alert.rule.execution.timestamp": iso(e.At),
		"kibana.alert.intended_timestamp":       iso(e.Intended),
	}
}

// Candidate makes an alert ready to be stored. The alert has its evidence by then.
func (s *State) Candidate(a *alert.Alert, by Execution) (*Candidate, error) {
	first := a.Events[0]
	c := &Candidate{
		ID: a.ID, Rule: a.Rule.UUID(), RuleID: a.Rule.RuleID, Name: a.Name, Severity: a.Severity, Risk: a.RiskScore,
		Reason: a.Reason, Host: first.Text("host.name"), User: first.Text("user.name"),
		At: a.Time, Until: a.Time, Made: a.Time, Blocks: a.Blocks(),
		BuildingBlock: a.Rule.BuildingBlockType != "", Run: by.Run, Suppression: a.Suppression(),
	}
	if c.Host == "" {
		c.Host = first.Text("host.id")
	}
	if a.HasEventTime {
		c.At, c.Until = utc(a.EventTime), utc(a.EventTime)
	}
	if last, ok := a.Latest(); ok {
		c.Until = utc(last)
	}
	docs := a.Documents()
	for _, doc := range docs {
		maps.Copy(doc, by.fields(a.Time))
	}
	if c.Suppression != nil {
		maps.Copy(docs[0], c.Suppression.Fields())
	}
	lines := make([][]byte, len(docs))
	for i, doc := range docs {
		var err error
		if lines[i], err = encode(doc); err != nil {
			return nil, fmt.Errorf("write alert %s: %w", a.ID, err)
		}
	}
	c.body = s.packed(lines)
	return c, nil
}

// order is the time by which candidates of a rule that suppresses are taken.
func (c *Candidate) order() time.Time {
	if c.Suppression != nil {
		return c.Suppression.Start
	}
	return c.At
}

// later makes a candidate one of another time: it had to wait.
func (s *State) later(c *Candidate, now time.Time) error {
	c.Made = now
	docs, err := s.unpacked(c.body)
	if err != nil {
		return err
	}
	stamp := iso(now)
	for i, doc := range docs {
		if docs[i], err = overlaid(doc, map[string]any{
			"@timestamp": stamp, "kibana.alert.start": stamp, "kibana.alert.last_detected": stamp,
		}); err != nil {
			return err
		}
	}
	c.body = s.packed(docs)
	return nil
}

// packed puts documents together as they are stored.
func (s *State) packed(docs [][]byte) []byte {
	return s.pack.EncodeAll(bytes.Join(docs, []byte("\n")), nil)
}

// unpacked takes them apart. JSON as we write it has no line breaks.
func (s *State) unpacked(body []byte) ([][]byte, error) {
	whole, err := s.unpack.DecodeAll(body, nil)
	if err != nil {
		return nil, fmt.Errorf("uncompress documents: %w", err)
	}
	return bytes.Split(whole, []byte("\n")), nil
}

// overlaid returns a document with some of its fields set, or, those that are nil,
// taken away.
func overlaid(doc []byte, fields map[string]any) ([]byte, error) {
	if len(fields) == 0 {
		return doc, nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(doc, &all); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	for key, v := range fields {
		if v == nil {
			delete(all, key)
			continue
		}
		text, err := encode(v)
		if err != nil {
			return nil, err
		}
		all[key] = text
	}
	return encode(all)
}

// encode writes JSON without escaping <, > and &.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// iso writes a time as Kibana does.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func utc(at value.Instant) time.Time { return at.Time().UTC() }
