package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/source"
)

// severities are the values of --fail-on, in rising order.
var severities = []string{string(rule.Low), string(rule.Medium), string(rule.High), string(rule.Critical)}

type scanFlags struct {
	rules  []string
	format choice
	failOn choice
}

func (a *app) scanCommand() *cobra.Command {
	f := &scanFlags{format: choice{allowed: []string{"pretty", "ndjson"}}, failOn: choice{allowed: severities}}
	cmd := &cobra.Command{
		Use:   "scan [-r RULES]... [EVENTS...] [FLAGS]",
		Short: "Judge recorded events by detection rules",
		Example: examples(
			"tripline scan events.ndjson", "judge events by the built-in rule",
			"tripline scan -r rules/ -r mine.toml logs/", "judge a folder of events by rules of your own",
			"zcat events.gz | tripline scan --fail-on high", "fail a job when there is an alert of severity high or above",
			"tripline scan --format ndjson events.ndjson | jq", "take the alerts as JSON documents",
		),
		Long: inputHelp + `

RULES are rule files (.toml, or Kibana's .json and .ndjson exports) and folders of
them. A rule judges the documents of its index patterns; a document of no known
index is judged by every rule. --format ndjson writes each alert as the document
that Kibana would store; one over a sequence is followed by its building blocks.

Exit codes: 0 done; 1 an alert at or above --fail-on; 2 usage, or a rule did not
load (the others ran); 3 part of the input was not read or left out.`,
		GroupID: groupJudge,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.scan(f, args)
		},
		ValidArgsFunction: completeFiles,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.rules, "rules", "r", nil, "a rule file or a folder of `RULES`, again for more (default: the built-in rule)")
	flags.Var(&f.format, "format", "how to print alerts (default: pretty on a terminal, else ndjson)")
	flags.Var(&f.failOn, "fail-on", "exit 1 if there is an alert of this severity or above")
	mustComplete(cmd, "rules", completeRules)
	mustComplete(cmd, "format", f.format.complete)
	mustComplete(cmd, "fail-on", f.failOn.complete)
	return cmd
}

func (a *app) scan(f *scanFlags, named []string) error {
	paths, err := a.eventPaths(named, "tripline scan")
	if err != nil {
		return err
	}
	set, err := a.loadRules(f.rules)
	if err != nil {
		return err
	}
	s := a.newScan(set, f.format.or(a.StdoutTerminal, "pretty", "ndjson") == "pretty")
	if err := s.run(paths, a.Stdin); err != nil {
		return err
	}
	a.flush()
	for _, line := range s.closing() {
		a.sayf("%s", line)
	}
	return ended(s.exit(f.failOn.value))
}

// loadRules reads the rules of a scan and says which of them do not run.
func (a *app) loadRules(paths []string) (*ruleSet, error) {
	if len(paths) == 0 {
		return builtinRules()
	}
	set, err := readRules(paths)
	if err != nil {
		return nil, err
	}
	shown, unapplied := newRuleFaults(), 0
	for _, p := range set.problems {
		if p.Kind == rule.KindError {
			a.show("error", shown.of(p))
		}
		if p.Kind == rule.KindWarning && strings.Contains(p.Reason, notAppliedYet) {
			unapplied++
		}
	}
	if unapplied > 0 {
		a.sayf("warning: %s not applied yet", counted(unapplied, "part of a rule is", "parts of rules are"))
		a.sayf("hint: `tripline rules check` names them")
	}
	if len(set.ready) == 0 {
		return nil, usage("`tripline rules check` says what is wrong with rules", "no rule to run")
	}
	return set, nil
}

// or returns the chosen word, else one that depends on where it is printed.
func (c *choice) or(terminal bool, there, elsewhere string) string {
	switch {
	case c.value != "":
		return c.value
	case terminal:
		return there
	}
	return elsewhere
}

// scan is one run of rules over an input. What of it is printed goes to stdout
// as it is found.
type scan struct {
	*app
	set    *ruleSet
	teller *teller // nil: alerts are printed as documents
	judge  judge

	stats    source.Stats
	verdict  verdict
	took     time.Duration
	unknown  int                   // documents of no known index
	alerts   map[rule.Severity]int // by severity
	writeErr error
}

func (a *app) newScan(set *ruleSet, pretty bool) *scan {
	s := &scan{app: a, set: set, alerts: map[rule.Severity]int{}}
	give := s.document
	if pretty {
		s.teller = a.newTeller()
		give = s.teller.alert
	}
	s.judge = &referenceJudge{
		rules: set.ready, now: a.Now(), stop: a.ctx.Err,
		give: func(one *alert.Alert) {
			s.alerts[one.Severity]++
			give(one)
		},
	}
	return s
}

// run judges an input.
func (s *scan) run(paths []string, stdin io.Reader) error {
	start := s.Now()
	stats, err := s.read(paths, stdin, func(item source.Item) { s.take(item.Document) })
	if err != nil {
		return err
	}
	s.stats = stats
	if s.verdict, err = s.judge.close(); err != nil {
		return err
	}
	s.took = s.Now().Sub(start)
	return s.writeErr
}

func (s *scan) take(doc *event.Document) {
	if doc.Index == event.UnknownIndex {
		s.unknown++
	}
	if s.teller != nil {
		s.teller.lines.see(doc)
	}
	s.judge.take(doc)
}

// document prints an alert as JSON, a line a document, and its building blocks
// after it.
func (s *scan) document(one *alert.Alert) {
	encoder := json.NewEncoder(s.out)
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
	if s.set.bad > 0 {
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
	if s.set.bad > 0 {
		lines = append(lines, counted(s.set.bad, "rule", "rules")+" did not load")
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
