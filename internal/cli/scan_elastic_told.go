package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

// verdict is what ndjson says of an alert.
type verdict struct {
	Told    bool       `json:"told"`
	Run     string     `json:"run,omitempty"`
	AfterMS int64      `json:"after_ms,omitempty"`
	Only    string     `json:"only,omitempty"`
	Cause   pass.Cause `json:"cause,omitempty"`
	Reason  string     `json:"reason,omitempty"`
}

// tellTold tells what the runs tell.
func (s *elasticScan) tellTold() {
	s.past.Told = slices.DeleteFunc(s.past.Told, func(t pass.Told) bool { return s.hides(t.Alert) })
	many := len(s.past.Told) > mostBlocks && !s.all
	var groups alertGroups
	for _, t := range s.past.Told {
		s.alerts[t.Severity]++
		if t.Only != "" {
			s.only++
		}
		shown := s.attach(t.Alert, t.Rule, t.Match)
		s.write(t.Alert, verdict{
			Told: true, Run: t.Run.UTC().Format(time.RFC3339), AfterMS: t.After.Milliseconds(), Only: t.Only,
		})
		switch {
		case s.form != "pretty":
		case many:
			groups.add(t.Alert)
		default:
			s.showAlert(shown)
			text := fmt.Sprintf("told by the run of %s, %s after its last event", t.Run.UTC().Format(time.DateTime), pass.Short(t.After))
			if t.Only != "" {
				text += "; by default it is not there: " + t.Only
			}
			s.remark(text)
		}
	}
	if len(groups) > 0 {
		s.newTeller().groups(groups.sorted())
	}
}

// tellLost tells what no run tells.
func (s *elasticScan) tellLost() {
	s.past.Lost = slices.DeleteFunc(s.past.Lost, func(l pass.Lost) bool { return s.hides(l.Alert) })
	many := len(s.past.Lost) > mostBlocks && !s.all
	var groups alertGroups
	for _, l := range s.past.Lost {
		s.lost[l.Cause]++
		shown := s.attach(l.Alert, l.Rule, l.Match)
		s.write(l.Alert, verdict{Cause: l.Cause, Reason: l.Reason})
		switch {
		case s.form != "pretty":
		case many:
			groups.add(l.Alert)
		default:
			s.showAlert(shown)
			s.remark("lost: " + l.Reason)
		}
	}
	if len(groups) > 0 {
		s.printf("\nlost:\n")
		s.newTeller().groups(groups.sorted())
	}
}

// hides reports, and counts, that the filter leaves an alert out.
func (s *elasticScan) hides(one *alert.Alert) bool {
	if s.filter.lets(one) {
		return false
	}
	s.leftOut++
	return true
}

// remark puts a line below an alert.
func (s *elasticScan) remark(text string) {
	s.printf("%s  %s\n", strings.Repeat(" ", show.DeltaColumns), s.teller.Palette.Dim(show.Escape(text)))
}

// write writes an alert as JSON, with what is to be said of it; of a lost one the
// alert alone, since there would be no building blocks.
func (s *elasticScan) write(one *alert.Alert, v verdict) {
	if s.form != "ndjson" && s.file == nil {
		return
	}
	docs := one.Documents()
	if !v.Told {
		docs = docs[:1]
	}
	for _, doc := range docs {
		doc["tripline.elastic"] = v
		line, err := json.Marshal(doc)
		if err != nil {
			s.writeErr = fmt.Errorf("write alert %s: %w", one.ID, err)
			return
		}
		line = append(line, '\n')
		if s.form == "ndjson" {
			if _, err := s.out.Write(line); err != nil && !s.gone() && s.writeErr == nil {
				s.writeErr = fmt.Errorf("write alert %s: %w", one.ID, err)
			}
		}
		if s.file != nil {
			if _, err := s.file.Write(line); err != nil && s.writeErr == nil {
				s.writeErr = fmt.Errorf("write alert %s: %w", one.ID, err)
			}
		}
	}
}

// elasticClosing are the closing lines.
func (s *elasticScan) elasticClosing() []string {
	line := fmt.Sprintf("%s by %s as Elastic's schedule runs them: %s",
		counted(s.report.Stats.Documents, "event", "events"), counted(len(s.set.ready), "rule", "rules"), counted(s.past.Runs, "run", "runs"))
	if s.past.Runs > 0 {
		line += fmt.Sprintf(" with events in their windows, from %s to %s", s.past.First.UTC().Format(time.DateTime), s.past.Last.UTC().Format(time.DateTime))
	}
	lines := []string{line, fmt.Sprintf("told: %s%s", counted(len(s.past.Told), "alert", "alerts"), s.bySeverity())}
	if n := len(s.past.Lost); n > 0 {
		lines = append(lines, fmt.Sprintf("lost: %s that Tripline tells: %s", counted(n, "alert", "alerts"), s.causes()))
	} else {
		lines = append(lines, "lost: nothing that Tripline tells")
	}
	if s.only > 0 {
		lines = append(lines, "of those told, Tripline does not tell "+show.Number(s.only))
	}
	if s.past.Gaps > 0 {
		lines = append(lines, counted(s.past.Gaps, "run", "runs")+" failed for a gap that four catch-up windows did not close")
	}
	if s.rec.Stamped > 0 {
		lines = append(lines, fmt.Sprintf("%s at event.ingested, %s without it at @timestamp, which makes them arrive at once",
			counted(s.rec.Ingested, "event arrives", "events arrive"), show.Number(s.rec.Stamped)))
	}
	if s.leftOut > 0 {
		lines = append(lines, counted(s.leftOut, "alert", "alerts")+" left out by "+s.filter.String())
	}
	if s.file != nil {
		lines = append(lines, "alerts written to "+show.Escape(s.file.name))
	}
	if s.set.bad > 0 {
		lines = append(lines, counted(s.set.bad, "rule", "rules")+" did not load")
	}
	if text := s.set.skippedText(); text != "" {
		lines = append(lines, text)
	}
	return append(lines, inputNotes(s.report.Stats)...)
}

// causes are why alerts are lost, the most frequent first.
func (s *elasticScan) causes() string {
	var parts []string
	var order []pass.Cause
	for c := range s.lost {
		order = append(order, c)
	}
	slices.SortFunc(order, func(a, b pass.Cause) int {
		if n := s.lost[b] - s.lost[a]; n != 0 {
			return n
		}
		return strings.Compare(string(a), string(b))
	})
	for _, c := range order {
		parts = append(parts, show.Number(s.lost[c])+" "+string(c))
	}
	return strings.Join(parts, ", ")
}

// bySeverity is how many alerts there are of each severity, in brackets.
func (s *elasticScan) bySeverity() string {
	var parts []string
	for _, name := range slices.Backward(severities) {
		if n := s.alerts[rule.Severity(name)]; n > 0 {
			parts = append(parts, show.Number(n)+" "+name)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
