package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/value"
)

// elasticScan is a scan that tells what Elastic's schedule would have told.
type elasticScan struct {
	*scan
	rules []*schedule.Rule
	docs  map[uint64]*event.Document // of matches, by arrival
	past  *pass.Elastic
	lost  map[pass.Cause]int
	only  int // alerts that are not there by default
	rec   *pass.Recording
}

// scanAsElastic runs rules over an input as Elastic's schedule would have, by a
// virtual clock.
func (a *app) scanAsElastic(f *scanFlags, form string, paths []string) error {
	switch {
	case f.watch:
		return usage("leave one of them away", "--watch does not go with --as elastic")
	case form == "csv":
		return usage("use pretty or ndjson", "--format csv does not go with --as elastic")
	}
	set, err := a.loadRules(f.rules)
	if err != nil {
		return err
	}
	s := &elasticScan{scan: a.newScan(set, form), docs: map[uint64]*event.Document{}, lost: map[pass.Cause]int{}}
	s.all, s.filter = f.all, &f.filter
	if f.output != "" && f.output != "-" {
		if s.file, err = createAlertFile(f.output); err != nil {
			return err
		}
		defer s.file.discard()
	}
	if err := s.record(paths); err != nil {
		return err
	}
	s.filter.settle(s.report.Newest)
	s.past = s.rec.AsElastic(pass.ElasticOptions{Alert: s.alert, Pause: f.pause.Span})
	s.tellTold()
	s.tellLost()
	if s.file != nil && s.writeErr == nil {
		s.writeErr = s.file.keep()
	}
	if s.writeErr != nil {
		return s.writeErr
	}
	a.flush()
	for _, line := range s.elasticClosing() {
		a.sayf("%s", line)
	}
	return ended(s.exit(f.failOn.value))
}

// compile makes one program of all rules, for a recorder.
func (s *elasticScan) compile() (*engine.Program, error) {
	queries := make([]engine.Query, len(s.set.ready))
	for i, r := range s.set.ready {
		known, err := schedule.NewRule(r.rule, r.checked)
		if err != nil {
			return nil, fmt.Errorf("schedule rule %q: %w", r.rule.Name, err)
		}
		s.rules = append(s.rules, known)
		queries[i] = engine.Query{
			Name: r.rule.Name, Checked: r.checked, Ordered: true, Span: known.Span,
			TimestampField: r.rule.TimestampField, TiebreakerField: r.rule.TiebreakerField, CategoryField: r.rule.EventCategoryOverride,
			Accept: known.Indices.Fit, Patterns: strings.Join(known.Indices, ","),
		}
	}
	p, err := engine.Compile(queries, pass.RecordingPaths(s.rules)...)
	if err != nil {
		return nil, fmt.Errorf("compile rules: %w", err)
	}
	return p, nil
}

// record reads the input.
func (s *elasticScan) record(paths []string) error {
	program, err := s.compile()
	if err != nil {
		return err
	}
	s.loader = replay.NewLoader(program, nil)
	s.report = &replay.Report{Stats: source.Stats{Problems: map[source.Class]int{}}, Queries: make([]replay.QueryReport, len(s.rules))}
	recorder := pass.NewRecorder(program, s.rules)
	reader := source.Open(paths, s.Stdin, source.Options{Batching: s.batching})
	stop := s.progress(func() *source.Reader { return reader })
	defer stop()
	for b := range reader.Batches(s.ctx) {
		s.report.Stats.Add(b.Each(func(raw []byte, given event.Identity, at source.Ref) error {
			return recorder.Add(raw, given, at.Arrival(), at.Source)
		}, s.problems.add))
		b.Release()
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	s.problems.more()
	if s.rec, err = recorder.Close(); err != nil {
		return err
	}
	s.report.Newest = value.InstantOfTime(s.rec.Newest)
	return nil
}

// match decodes the documents of a match, each once.
func (s *elasticScan) match(m engine.Match) alert.Match {
	out := alert.Match{Group: !s.set.ready[m.Query].Single(), Keys: m.Keys}
	for _, held := range m.Events {
		if held == nil {
			out.Events = append(out.Events, nil)
			continue
		}
		doc := s.docs[held.Arrival]
		if doc == nil {
			var err error
			if doc, err = held.Document(); err != nil {
				continue // it has been read before
			}
			s.docs[held.Arrival] = doc
		}
		out.Events = append(out.Events, doc)
	}
	return out
}

// alert makes the alert of a match; nil if there is none.
func (s *elasticScan) alert(number int, m engine.Match, at time.Time) *alert.Alert {
	r, match := s.set.ready[number], s.match(m)
	if alert.Recurs(r.rule, match) || r.Drops(match) {
		return nil
	}
	return alert.New(r.rule, match, at)
}

// attach gives an alert its evidence, as far as its own events tell.
func (s *elasticScan) attach(one *alert.Alert, number int, m engine.Match) toldAlert {
	match, tree := s.match(m), proctree.New()
	for _, doc := range one.Events {
		tree.See(doc)
	}
	one.Attach(match, alert.Evidence{Clauses: s.clauses(number, match), Processes: tree})
	return toldAlert{one, tree}
}

// pauseFlag is a stretch of time, FROM/TO.
type pauseFlag struct {
	text string
	schedule.Span
}

func (p *pauseFlag) String() string { return p.text }
func (p *pauseFlag) Type() string   { return "FROM/TO" }

func (p *pauseFlag) Set(s string) error {
	bad := &badValue{reason: "is no stretch of time", hint: "write 2026-02-03T09:00:00Z/2026-02-03T10:00:00Z"}
	from, to, ok := strings.Cut(s, "/")
	var ends [2]moment
	for i, text := range []string{from, to} {
		if !ok || ends[i].Set(text) != nil || ends[i].before > 0 {
			return bad
		}
	}
	p.text, p.From, p.To = s, ends[0].at.Time(), ends[1].at.Time()
	if !p.From.Before(p.To) {
		return bad
	}
	return nil
}
