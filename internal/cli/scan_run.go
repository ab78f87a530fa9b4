package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/inspect"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/value"
)

// mostBlocks is how many alerts are shown one by one.
const mostBlocks = 50

// scan is one run of rules over an input. What of it is printed goes to stdout
// as it is found.
type scan struct {
	*app
	set       *ruleSet
	form      string // of what is printed: pretty, ndjson, csv
	all       bool   // pretty: however many there are
	filter    *alertFilter
	file      *alertFile // nil: none
	judge     *referenceJudge
	kept      *source.Kept // nil: nothing is kept
	inspector *inspect.Inspector
	processes *proctree.Tree

	stats    source.Stats
	verdict  verdict
	took     time.Duration
	unknown  int                   // documents of no known index
	newest   value.Instant         // the latest @timestamp
	alerts   map[rule.Severity]int // by severity
	ids      []string              // of the alerts
	leftOut  int                   // alerts that the filter does not let through
	told     []*alert.Alert        // pretty: to be shown at the end
	writeErr error
}

func (a *app) newScan(set *ruleSet, form string) *scan {
	s := &scan{app: a, set: set, form: form, filter: &alertFilter{}, alerts: map[rule.Severity]int{}, processes: proctree.New()}
	s.inspector = inspect.New(set.inspected(), inspect.Options{RulesOnly: true})
	s.judge = &referenceJudge{rules: set.ready, now: a.Now(), stop: a.ctx.Err, give: s.give, processes: s.processes}
	return s
}

// run judges an input.
func (s *scan) run(paths []string, stdin io.Reader) error {
	start := s.Now()
	stats, err := s.readKept(paths, stdin, s.kept, func(item source.Item) { s.take(item.Document) })
	if err != nil {
		return err
	}
	s.stats = stats
	if s.kept != nil {
		s.kept.Done()
	}
	s.filter.settle(s.newest)
	if s.form == "csv" {
		s.timelineHead()
	}
	if s.verdict, err = s.judge.close(); err != nil {
		return err
	}
	s.took = s.Now().Sub(start)
	if s.form == "pretty" {
		s.tell()
	}
	if s.file != nil && s.writeErr == nil {
		s.writeErr = s.file.keep()
	}
	return s.writeErr
}

func (s *scan) take(doc *event.Document) {
	if doc.Index == event.UnknownIndex {
		s.unknown++
	}
	if at, ok := proctree.Time(doc); ok && at.Compare(s.newest) > 0 {
		s.newest = at
	}
	s.inspector.Take(doc)
	s.processes.See(doc)
	s.judge.take(doc)
}

// give takes an alert from the judge.
func (s *scan) give(one *alert.Alert) {
	if !s.filter.lets(one) {
		s.leftOut++
		return
	}
	s.alerts[one.Severity]++
	s.ids = append(s.ids, one.ID)
	if s.file != nil {
		s.document(s.file, one)
	}
	switch s.form {
	case "pretty":
		s.told = append(s.told, one)
	case "csv":
		s.timeline(one)
	default:
		s.document(s.out, one)
	}
}

// tell shows the alerts to people: each, or where there are many, by what they
// have in common.
func (s *scan) tell() {
	t := s.newTeller()
	t.processes = s.processes
	if len(s.told) > mostBlocks && !s.all {
		t.groups(s.told)
		return
	}
	for _, one := range s.told {
		t.alert(one)
	}
}

// document writes an alert as JSON, a line a document, and its building blocks
// after it.
func (s *scan) document(w io.Writer, one *alert.Alert) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, doc := range append([]alert.Document{one.Document()}, one.Blocks()...) {
		if err := encoder.Encode(doc); err != nil && !s.gone() && s.writeErr == nil {
			s.writeErr = fmt.Errorf("write alert %s: %w", one.ID, err)
		}
	}
}

// total returns the number of alerts at or above a severity.
func (s *scan) total(least rule.Severity) int {
	n := 0
	for severity, count := range s.alerts {
		if severity.Rank() >= least.Rank() {
			n += count
		}
	}
	return n
}

// exit returns the exit code.
func (s *scan) exit(failOn string) int {
	code := exitOK
	if failOn != "" && s.total(rule.Severity(failOn)) > 0 {
		code = exitNothing
	}
	if s.set.bad+s.set.badExceptions > 0 {
		code = worst(code, exitUsage)
	}
	for _, v := range s.verdict.rules {
		if v.noTimestamp > 0 || v.failed != nil {
			code = worst(code, exitIncomplete)
		}
	}
	if s.stats.BadTotal() > 0 {
		code = worst(code, exitIncomplete)
	}
	return code
}

// closing returns the closing line and, below it, all that was not as it should be.
func (s *scan) closing() []string {
	bySeverity := ""
	for _, name := range slices.Backward(severities) {
		if n := s.alerts[rule.Severity(name)]; n > 0 {
			bySeverity += fmt.Sprintf(", %s %s", number(n), name)
		}
	}
	if bySeverity != "" {
		bySeverity = " (" + strings.TrimPrefix(bySeverity, ", ") + ")"
	}
	lines := []string{fmt.Sprintf("%s by %s in %s: %s%s",
		counted(s.stats.Documents, "event", "events"), counted(len(s.set.ready), "rule", "rules"),
		rate(s.stats.Documents, s.took), counted(s.total(""), "alert", "alerts"), bySeverity)}
	if s.leftOut > 0 {
		lines = append(lines, counted(s.leftOut, "alert", "alerts")+" left out by "+s.filter.String())
	}
	if s.form == "pretty" && len(s.told) > mostBlocks && !s.all {
		lines = append(lines, "more than "+number(mostBlocks)+" alerts are shown in groups; --all shows each, -o FILE writes them")
	}
	if s.file != nil {
		lines = append(lines, "alerts written to "+escape(s.file.name))
	}
	if s.set.bad > 0 {
		lines = append(lines, counted(s.set.bad, "rule", "rules")+" did not load")
	}
	if n := s.set.badExceptions; n > 0 {
		lines = append(lines, counted(n, "exception is", "exceptions are")+" not applied for a fault in "+map[bool]string{true: "it", false: "them"}[n == 1])
	}
	if text := s.set.skippedText(); text != "" {
		lines = append(lines, text)
	}
	lines = append(lines, inputNotes(s.stats)...)
	if s.unknown > 0 {
		lines = append(lines, counted(s.unknown, "document", "documents")+" of no known index, judged by every rule")
	}
	for _, v := range s.verdict.rules {
		name := escape(v.rule.rule.Name)
		if v.failed != nil {
			lines = append(lines, fmt.Sprintf("error: rule %q could not be run: %s", name, escape(v.failed.Error())))
		}
		if v.valueErrors > 0 {
			lines = append(lines, fmt.Sprintf("rule %q: %s counted as false, the first: %s",
				name, counted(v.valueErrors, "bad value", "bad values"), escape(v.firstValueError.Error())))
		}
		if v.noTimestamp > 0 {
			lines = append(lines, fmt.Sprintf("rule %q: %s without timestamp left out",
				name, counted(v.noTimestamp, "document", "documents")))
		}
	}
	if zero := inspect.Summary(s.inspector.Blocked(), len(s.set.ready)); zero != "" {
		lines = append(lines, escape(zero)+"; tripline inspect says which")
	}
	return lines
}

// rate is how long it took, and how many events a second that is.
func rate(events int, took time.Duration) string {
	switch {
	case took < time.Millisecond:
		return "less than 1ms"
	case events == 0:
		return took.Round(time.Millisecond).String()
	}
	return fmt.Sprintf("%s (%s a second)", took.Round(time.Millisecond), number(int(float64(events)/took.Seconds())))
}
