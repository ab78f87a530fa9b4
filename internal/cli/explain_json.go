package cli

import (
	"encoding/json"
	"fmt"

	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// The documents of explain --format json.
type (
	reportJSON struct {
		Rule    string      `json:"rule,omitempty"`
		Query   string      `json:"query"` // as it is run
		Kind    string      `json:"kind"`  // event, sequence or sample
		Events  int         `json:"events"`
		Outside int         `json:"outside_index"`
		Matches []matchJSON `json:"matches"`
		Misses  []missJSON  `json:"misses"`
		Unshown int         `json:"more_matches,omitempty"`
		Untold  int         `json:"more_misses,omitempty"`
		Notes   []string    `json:"notes"`
	}
	matchJSON struct {
		Keys   []keyJSON   `json:"join_keys,omitempty"`
		Stages []stageJSON `json:"stages"`
	}
	missJSON struct {
		Cause  explain.Cause `json:"cause"`
		Text   string        `json:"text"`
		Keys   []keyJSON     `json:"join_keys,omitempty"`
		Stages []stageJSON   `json:"stages"`
		Alike  int           `json:"alike"`
	}
	keyJSON struct {
		Field string          `json:"field"`
		Value json.RawMessage `json:"value"`
	}
	stageJSON struct {
		Stage     int         `json:"stage"`
		Run       int         `json:"run,omitempty"`
		Holds     bool        `json:"holds"`
		Late      bool        `json:"late,omitempty"`
		Index     string      `json:"_index,omitempty"`
		ID        string      `json:"_id,omitempty"`
		Timestamp string      `json:"timestamp,omitempty"`
		Text      string      `json:"text,omitempty"`
		Faults    []faultJSON `json:"faults,omitempty"`
		Held      []heldJSON  `json:"held,omitempty"`
		Tree      *nodeJSON   `json:"tree,omitempty"`
	}
	faultJSON struct {
		Clause int    `json:"clause"`          // 0 is the category
		Added  bool   `json:"added,omitempty"` // by an exception or a filter
		Branch string `json:"branch,omitempty"`
		Text   string `json:"text"`
	}
	heldJSON struct {
		Clause int    `json:"clause"`
		Expr   string `json:"expr"`
		Seen   string `json:"seen"`
	}
	nodeJSON struct {
		Result   *bool                        `json:"result"`
		Expr     string                       `json:"expr,omitempty"`
		Op       string                       `json:"op,omitempty"`
		Seen     map[string][]json.RawMessage `json:"seen,omitempty"`
		Error    string                       `json:"error,omitempty"`
		Children []*nodeJSON                  `json:"children,omitempty"`
	}
)

func (p *explainPrinter) printJSON(q explained, r *explain.Report) error {
	kinds := map[reference.Kind]string{reference.Events: "event", reference.Sequences: "sequence", reference.Samples: "sample"}
	out := reportJSON{
		Rule: q.name, Query: q.query.String(), Kind: kinds[r.Kind], Events: r.Documents, Outside: r.Outside,
		Matches: []matchJSON{}, Misses: []missJSON{}, Untold: r.Untold, Notes: append([]string{}, r.Notes...),
	}
	shown := p.most(len(r.Matches))
	out.Unshown = len(r.Matches) - shown
	for _, m := range r.Matches[:shown] {
		out.Matches = append(out.Matches, matchJSON{keysJSON(m.Keys), p.stagesJSON(m.Stages, p.flags.tree)})
	}
	for i, m := range r.Misses[:p.most(len(r.Misses))] {
		tree := p.flags.tree || r.Kind == reference.Events && i == 0
		out.Misses = append(out.Misses, missJSON{m.Cause, m.Text, keysJSON(m.Keys), p.stagesJSON(m.Stages, tree), m.Alike})
	}
	for _, m := range r.Misses[p.most(len(r.Misses)):] {
		out.Untold += 1 + m.Alike
	}
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil && !p.gone() {
		return fmt.Errorf("write explanation: %w", err)
	}
	return nil
}

func keysJSON(keys []explain.Key) []keyJSON {
	var all []keyJSON
	for _, k := range keys {
		all = append(all, keyJSON{k.Field, json.RawMessage(jsonValue(k.Value))})
	}
	return all
}

func (p *explainPrinter) stagesJSON(stages []explain.Stage, tree bool) []stageJSON {
	all := []stageJSON{}
	for _, s := range stages {
		one := stageJSON{Stage: s.Number, Run: s.Run, Late: s.Late, Text: s.NoEvent, Holds: s.Missing && s.Document == nil}
		if s.Document != nil {
			one.Index, one.ID = s.Document.Index, s.Document.ID
			one.Holds = len(s.Faults) == 0 && s.NoEvent == ""
			if s.HasTime {
				one.Timestamp = s.At.String()
			}
		}
		for _, f := range s.Faults {
			one.Faults = append(one.Faults, faultJSON{f.Clause, f.Added, f.Branch, f.Text})
		}
		for _, h := range s.Held {
			one.Held = append(one.Held, heldJSON(h))
		}
		if tree && s.Truth != nil {
			one.Tree = treeJSON(s.Truth)
		}
		all = append(all, one)
	}
	return all
}

func treeJSON(t *reference.Truth) *nodeJSON {
	n := &nodeJSON{}
	if t.Result.Kind() == value.Bool {
		holds := t.Result.Bool()
		n.Result = &holds
	}
	if text := explain.Tree(t)[0].Text; len(t.Children) == 0 {
		n.Expr = text
	} else {
		n.Op = text
	}
	for _, s := range t.Seen {
		if n.Seen == nil {
			n.Seen = map[string][]json.RawMessage{}
		}
		values := []json.RawMessage{}
		for _, v := range s.Values {
			values = append(values, json.RawMessage(jsonValue(v)))
		}
		n.Seen[s.Field.Name()] = values
	}
	if t.Failed != nil {
		n.Error = t.Failed.Error()
	}
	for _, child := range t.Children {
		n.Children = append(n.Children, treeJSON(child))
	}
	return n
}
