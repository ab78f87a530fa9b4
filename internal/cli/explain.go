package cli

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/source"
)

type explainFlags struct {
	format choice
	all    bool
	tree   bool
}

func (a *app) explainCommand() *cobra.Command {
	f := &explainFlags{format: choice{allowed: []string{"pretty", "json"}}}
	cmd := &cobra.Command{
		Use:   "explain RULE|QUERY|@FILE [EVENTS...] [FLAGS]",
		Short: "Say why a rule matched recorded events, or what kept it from it",
		Example: examples(
			"tripline explain my-rule.toml events.ndjson", "what fired, or how near it came and what was in the way",
			"tripline explain builtin --all events.ndjson", "every near miss of the built-in rules",
			`tripline explain 'process where process.name == "nc"' events.ndjson`, "an event query as a tree of true, false and null",
		),
		Long: inputHelp + `

RULE is a rule file, a folder of them with their exceptions, or builtin for the
rules that are compiled in.

A miss is the nearer, the less would have to be different: clauses, a span that
was too long, an until event, the order, events that are not there. Of an event
query each event is one, of a sequence or a sample each join key. Clauses are
numbered as they stand in the outermost "and" of a condition.

--format json writes one document a rule.

Exit codes: 0 explained, matched or not; 2 a bad rule, query or usage; 3 part of
the input was not read.`,
		GroupID: groupJudge,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("tripline explain my-rule.toml events.ndjson", "name a rule or a query")
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.explain(f, args[0], args[1:]) },
		ValidArgsFunction: completeFiles,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.format, "format", "how to print (default: pretty on a terminal, else json)")
	flags.BoolVar(&f.all, "all", false, "show every match and every miss, not the best three")
	flags.BoolVar(&f.tree, "tree", false, "show the condition of each stage as a tree, with the values seen")
	mustComplete(cmd, "format", f.format.complete)
	return cmd
}

// explained is a query that is to be explained, a rule's or one of the command
// line.
type explained struct {
	name  string // of the rule; "" for a query
	query *eql.Query
	opts  reference.Options
	drops func(alert.Match) bool // by an exception on whole matches; nil: none
}

func (a *app) explain(f *explainFlags, subject string, named []string) error {
	paths, err := a.eventPaths(named, "tripline explain")
	if err != nil {
		return err
	}
	queries, code, err := a.explainedQueries(subject)
	if err != nil {
		return err
	}
	p := &explainPrinter{teller: a.newTeller(), flags: f, pretty: f.format.or(a.StdoutTerminal, "pretty", "json") == "pretty"}
	var docs []*event.Document
	processes := proctree.New()
	p.Processes = processes
	stats, err := a.read(paths, a.Stdin, func(item source.Item) {
		docs = append(docs, item.Document)
		processes.See(item.Document)
	})
	if err != nil {
		return err
	}
	for i, q := range queries {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		report, err := explain.Run(q.query, q.opts, docs)
		if err != nil {
			return &fault{code: exitUsage, reason: err.Error()}
		}
		q.leaveOut(report)
		if i > 0 && p.pretty {
			a.printf("\n")
		}
		if err := p.print(q, report); err != nil {
			return err
		}
	}
	a.flush()
	for _, note := range inputNotes(stats) {
		a.sayf("%s", note)
	}
	if stats.BadTotal() > 0 {
		code = worst(code, exitIncomplete)
	}
	return ended(code)
}

// explainedQueries finds out what is meant: the built-in rules, a file or folder
// of rules, a file with a query, or a query.
func (a *app) explainedQueries(subject string) ([]explained, int, error) {
	var (
		set *ruleSet
		err error
	)
	switch _, statErr := os.Stat(subject); {
	case statErr == nil || subject == rule.BuiltinName:
		set, err = readRules([]string{subject})
	case !strings.HasPrefix(subject, "@") && looksLikeRule(subject):
		return nil, 0, usage("name a rule file, `builtin`, a query, or @FILE with a query", "no such file: %s", subject)
	default:
		q, err := a.explainedQuery(subject)
		return []explained{q}, exitOK, err
	}
	if err != nil {
		return nil, 0, err
	}
	code := exitOK
	shown := newRuleFaults()
	for _, p := range set.problems {
		if p.Kind == rule.KindError {
			a.show("error", shown.of(p))
			code = exitUsage
		}
	}
	var all []explained
	for _, r := range set.ready {
		all = append(all, explained{name: r.rule.Name, query: r.checked, opts: programOptions(r), drops: r.Drops})
	}
	switch {
	case len(all) == 0 && code == exitUsage:
		return nil, 0, ended(code)
	case len(all) == 0:
		return nil, 0, usage("name an EQL rule; write @FILE for a file that holds a query", "%s holds no rule", subject)
	}
	return all, code, nil
}

// looksLikeRule reports whether an argument is meant as a file and not as EQL.
func looksLikeRule(s string) bool {
	return !strings.ContainsAny(s, " \n\t") && strings.ContainsAny(s, "./")
}

func (a *app) explainedQuery(text string) (explained, error) {
	s := &search{app: a, flags: &queryFlags{
		category:  fieldName{value: eql.DefaultCategoryField},
		timestamp: fieldName{value: eql.DefaultTimestampField},
	}}
	if err := s.parse(text); err != nil {
		return explained{}, err
	}
	if err := s.compile(); err != nil { // tells of warnings too
		return explained{}, err
	}
	checked, _, err := eql.Check(s.query, eql.CheckOptions{})
	if err != nil {
		return explained{}, queryFaults(err, s.name, s.text)
	}
	return explained{query: checked}, nil
}

// leaveOut takes away the matches that an exception takes out whole, and says so.
func (q explained) leaveOut(r *explain.Report) {
	if q.drops == nil {
		return
	}
	all := len(r.Matches)
	r.Matches = slices.DeleteFunc(r.Matches, func(m *explain.Match) bool {
		match := alert.Match{}
		for _, s := range m.Stages {
			match.Events = append(match.Events, s.Document)
		}
		return q.drops(match)
	})
	if n := all - len(r.Matches); n > 0 {
		r.Notes = append(r.Notes, counted(n, "match is", "matches are")+" left out by an exception on whole matches")
	}
}
