package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
)

// severities are the values of --fail-on and --severity, in rising order.
var severities = []string{string(rule.Low), string(rule.Medium), string(rule.High), string(rule.Critical)}

type scanFlags struct {
	rules  []string
	format choice
	output string
	all    bool
	watch  bool
	failOn choice
	filter alertFilter
}

func (a *app) scanCommand() *cobra.Command {
	f := &scanFlags{
		format: choice{allowed: []string{"pretty", "ndjson", "csv"}},
		failOn: choice{allowed: severities}, filter: alertFilter{severity: choice{allowed: severities}},
	}
	cmd := &cobra.Command{
		Use:   "scan [-r RULES]... [EVENTS...] [FLAGS]",
		Short: "Judge recorded events by detection rules",
		Example: examples(
			"tripline scan events.ndjson", "judge events by the seed rule, Elastic's for reverse shells",
			"tripline scan -r rules/ -r mine.toml logs/", "judge a folder of events by rules of your own",
			"tripline scan -r mine.toml --watch logs/", "judge again on each save of the rule or the events",
			"tripline scan -o alerts.ndjson logs/", "look at the alerts, and keep them whole in a file",
			"tripline scan -r builtin --since -2h --severity high --format csv logs/", "the grave alerts of the last two hours as a timeline",
			"zcat events.gz | tripline scan -r builtin --fail-on high", "fail a job when there is an alert of severity high or above",
			"tripline scan --format ndjson events.ndjson | jq", "take the alerts as JSON documents",
		),
		Long: inputHelp + `

RULES are rule files (.toml, or Kibana's .json and .ndjson exports) and folders of
them, exceptions among them; builtin means all built-in rules. A rule judges the
documents of its index patterns; a document of no known index is judged by every
rule. --format ndjson, and -o, write each alert as the document that Kibana would
store, with the matched events, the clauses that held, the ancestors and what came
after in fields tripline.*; one over a sequence is followed by its building blocks.
--format csv writes a line for each matched event.

More than 50 alerts are shown as a table by rule, host and lineage, unless --all
is given. --since, --until, --host and --severity leave out alerts everywhere, in
the file and for --fail-on too; TIME is 2026-02-03, 2026-02-03T09:00:00Z (UTC where
no zone is given), or -2h: that long before the newest event. An alert has the
time of its first event.

The closing lines say how many of the rules cannot match such events, whatever
happens; tripline inspect says which, and why.

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
	flags.StringArrayVarP(&f.rules, "rules", "r", nil, "a rule file or a folder of `RULES`, again for more; builtin: all built-in ones (default: the seed rule alone)")
	a.addValueLists(flags)
	flags.Var(&f.format, "format", "how to print alerts (default: pretty on a terminal or with -o, else ndjson)")
	flags.StringVarP(&f.output, "output", "o", "", "write the alerts as NDJSON to `FILE` too; - is standard output")
	flags.BoolVar(&f.all, "all", false, "show each alert, however many there are")
	flags.Var(&f.filter.since, "since", "only alerts of this time or later")
	flags.Var(&f.filter.until, "until", "only alerts before this time")
	flags.StringArrayVar(&f.filter.hosts, "host", nil, "only alerts of this host, by `NAME` (* stands for anything), id or address, again for more")
	flags.Var(&f.filter.severity, "severity", "only alerts of this severity or above")
	flags.Var(&f.failOn, "fail-on", "exit 1 if there is an alert of this severity or above")
	flags.BoolVar(&f.watch, "watch", false, "judge again on each save of a rule or event file, until ^C")
	mustComplete(cmd, "rules", completeRules)
	mustComplete(cmd, "format", f.format.complete)
	mustComplete(cmd, "severity", f.filter.severity.complete)
	mustComplete(cmd, "fail-on", f.failOn.complete)
	return cmd
}

func (a *app) scan(f *scanFlags, named []string) error {
	paths, err := a.eventPaths(named, "tripline scan")
	if err != nil {
		return err
	}
	form, err := f.form(a.StdoutTerminal)
	if err != nil {
		return err
	}
	if err := checkOutput(f.output, paths, f.rules); err != nil {
		return err
	}
	if f.watch {
		return a.watchScan(f, form, paths)
	}
	set, err := a.loadRules(f.rules)
	if err != nil {
		return err
	}
	return a.scanOnce(a.newScan(set, form), f, paths, a.Stdin)
}

// scanOnce judges an input, says what there is to say, and ends with the exit
// code.
func (a *app) scanOnce(s *scan, f *scanFlags, paths []string, stdin io.Reader) error {
	s.all, s.filter = f.all, &f.filter
	if f.output != "" && f.output != "-" {
		file, err := createAlertFile(f.output)
		if err != nil {
			return err
		}
		defer file.discard()
		s.file = file
	}
	if err := s.run(paths, stdin); err != nil {
		return err
	}
	a.flush()
	for _, line := range s.closing() {
		a.sayf("%s", line)
	}
	return ended(s.exit(f.failOn.value))
}

// form is how alerts are printed on stdout.
func (f *scanFlags) form(terminal bool) (string, error) {
	if f.output == "-" {
		if f.format.value != "" && f.format.value != "ndjson" {
			return "", usage("name a file, or leave --format away", "-o - writes NDJSON to standard output, where --format %s would go", f.format.value)
		}
		return "ndjson", nil
	}
	return f.format.or(terminal || f.output != "", "pretty", "ndjson"), nil
}

// loadRules reads the rules of a scan and says which of them do not run.
func (a *app) loadRules(paths []string) (*ruleSet, error) {
	if len(paths) == 0 {
		return builtinRules()
	}
	set, err := readRulesBy(paths, a.valueLists, prepare)
	if err != nil {
		return nil, err
	}
	return set, a.sayRuleFaults(set)
}

// sayRuleFaults says which rules do not run. The error is that none does.
func (a *app) sayRuleFaults(set *ruleSet) error {
	shown, unapplied := newRuleFaults(), 0
	for _, p := range set.problems {
		if p.Kind == rule.KindError {
			a.show("error", shown.of(p))
		}
		if p.Unapplied {
			a.show("warning", shown.of(p))
		}
		if p.Kind == rule.KindWarning && strings.Contains(p.Reason, notByScan) {
			unapplied++
		}
	}
	if unapplied > 0 {
		a.sayf("warning: %s not applied by scan", counted(unapplied, "part of a rule is", "parts of rules are"))
		a.sayf("hint: `tripline rules check` names them")
	}
	if len(set.ready) == 0 {
		return usage("`tripline rules check` says what is wrong with rules", "no rule to run")
	}
	return nil
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
