package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/inspect"
	"github.com/tripline-sec/tripline/internal/order"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/source"
)

// mostBlocks is how many alerts are shown one by one.
const mostBlocks = 50

// scan is one run of rules over an input. What of it is printed goes to stdout
// as it is found.
type scan struct {
	*app
	set    *ruleSet
	form   string // of what is printed: pretty, ndjson, csv
	all    bool   // pretty: however many there are
	filter *alertFilter
	file   *alertFile // nil: none

	matches   *matchStore
	loader    *replay.Loader
	index     *proctree.Index // of where the events of each process stand
	processes *proctree.Tree  // around the alerts that are being made
	judged    time.Time       // when the alerts were made
	report    *replay.Report
	spilled   *order.Report // why events were sorted on disk; nil: they were not
	notRead   int           // events around alerts that could not be read again
	cut       int           // alerts after which more came than is read again
	fetchErr  error
	problems  *problems

	bounds   replay.Options  // of memory; zero: as replay has them
	batching source.Batching // the same of reading

	took     time.Duration
	alerts   map[rule.Severity]int // by severity
	ids      []string              // of the alerts
	leftOut  int                   // alerts that the filter does not let through
	encoder  alert.Encoder         // NDJSON
	told     toldAlerts            // pretty: to be shown at the end
	teller   *teller
	writeErr error
}

func (a *app) newScan(set *ruleSet, form string) *scan {
	return &scan{
		app: a, set: set, form: form, filter: &alertFilter{}, alerts: map[rule.Severity]int{},
		matches: newMatchStore(), index: proctree.NewIndex(0), judged: a.Now(), problems: a.newProblems(),
	}
}

// run judges an input.
func (s *scan) run(paths []string, stdin io.Reader) error {
	start := s.Now()
	program, err := s.set.compile()
	if err != nil {
		return err
	}
	var reader atomic.Pointer[source.Reader] // the last one
	batching := s.batching
	batching.Peek = engine.PeekTime
	open := func() *source.Reader {
		reader.Store(source.Open(paths, stdin, source.Options{Batching: batching}))
		return reader.Load()
	}
	opts := s.bounds
	opts.Processes, opts.Match, opts.Problem, opts.Restart = s.index, s.matches.add, s.problems.add, s.restart
	opts.Spilled = func(r order.Report) {
		s.spilled = &r
		s.saySpilled(r)
	}
	run := replay.New(program, opts)
	stop := s.progress(reader.Load)
	s.report, err = run.Run(s.ctx, open, !slices.Contains(paths, "-"))
	stop()
	if err != nil {
		s.matches.close()
		return err
	}
	s.problems.more()
	s.filter.settle(s.report.Newest)
	if s.form == "csv" {
		s.timelineHead()
	}
	s.loader = replay.NewLoader(program, reader.Load())
	if err := s.giveAlerts(reader.Load()); err != nil {
		return err
	}
	s.took = s.Now().Sub(start)
	if s.form == "pretty" {
		s.told.tell(s)
	}
	if s.file != nil && s.writeErr == nil {
		s.writeErr = s.file.keep()
	}
	return s.writeErr
}

// restart forgets what came of the input so far: it is read from the start again.
func (s *scan) restart(sorting bool) {
	s.matches.reset()
	s.problems.again()
	s.sayRestart(sorting)
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
		s.told.add(s, one)
	case "csv":
		s.timeline(one)
	default:
		s.document(s.out, one)
	}
}

// document writes an alert as JSON, a line a document, and its building blocks
// after it.
func (s *scan) document(w io.Writer, one *alert.Alert) {
	text, err := s.encoder.Append(nil, one)
	if err == nil {
		if _, err = w.Write(text); err != nil {
			err = fmt.Errorf("write alert %s: %w", one.ID, err)
		}
	}
	if err != nil && !s.gone() && s.writeErr == nil {
		s.writeErr = err
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
	for _, q := range s.report.Queries {
		if q.NoTime+q.Late+q.Evicted > 0 {
			code = worst(code, exitIncomplete)
		}
	}
	if s.report.Stats.BadTotal() > 0 {
		code = worst(code, exitIncomplete)
	}
	return code
}

// closing returns the closing line and, below it, all that was not as it should be.
func (s *scan) closing() []string {
	bySeverity := ""
	for _, name := range slices.Backward(severities) {
		if n := s.alerts[rule.Severity(name)]; n > 0 {
			bySeverity += fmt.Sprintf(", %s %s", show.Number(n), name)
		}
	}
	if bySeverity != "" {
		bySeverity = " (" + strings.TrimPrefix(bySeverity, ", ") + ")"
	}
	lines := []string{fmt.Sprintf("%s by %s in %s: %s%s",
		counted(s.report.Stats.Documents, "event", "events"), counted(len(s.set.ready), "rule", "rules"),
		rate(s.report.Stats.Documents, s.took), counted(s.total(""), "alert", "alerts"), bySeverity)}
	if s.leftOut > 0 {
		lines = append(lines, counted(s.leftOut, "alert", "alerts")+" left out by "+s.filter.String())
	}
	if s.form == "pretty" && s.told.count > mostBlocks && !s.all {
		lines = append(lines, "more than "+show.Number(mostBlocks)+" alerts are shown in groups; --all shows each, -o FILE writes them")
	}
	if s.file != nil {
		lines = append(lines, "alerts written to "+show.Escape(s.file.name))
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
	lines = append(lines, inputNotes(s.report.Stats)...)
	if s.report.Unknown > 0 {
		lines = append(lines, counted(s.report.Unknown, "document", "documents")+" of no known index, judged by every rule")
	}
	for i, q := range s.report.Queries {
		lines = append(lines, s.ruleNotes(s.set.ready[i], q)...)
	}
	lines = append(lines, s.orderNotes()...)
	if zero := inspect.Summary(s.blocked(), len(s.set.ready)); zero != "" {
		lines = append(lines, show.Escape(zero)+"; tripline inspect says which")
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
	return fmt.Sprintf("%s (%s a second)", took.Round(time.Millisecond), show.Number(int(float64(events)/took.Seconds())))
}
