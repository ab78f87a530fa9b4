package cli

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/daemon"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/ruleset"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/store"
)

type previewFlags struct {
	data   string
	rules  []string
	to     string
	runs   count
	compat choice
}

func (a *app) rulesPreviewCommand() *cobra.Command {
	f := &previewFlags{
		runs:   count{value: 12, reason: "must be 1 or more"},
		compat: choice{value: "tripline", allowed: []string{"tripline", "elastic"}},
	}
	cmd := &cobra.Command{
		Use:   "preview RULE [FLAGS]",
		Short: "Show what a rule would have alerted on over the stored events, and store nothing",
		Example: examples(
			"tripline rules preview -r new.toml 'My rule'", "its last twelve runs, had the daemon had it",
			"tripline rules preview 'My rule' --runs 288 --compat elastic", "a day of runs, as Elastic's schedule would have them",
		),
		Long: `Works with the daemon running or not. RULE is a name, a rule_id or an id.

Exit codes: 0 shown; 1 it did not work; 2 usage.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("see `tripline rules list`", "name one rule, by its name, rule_id or id")
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.rulesPreview(f, args[0]) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().SortFlags = false
	a.addDataFlag(cmd, &f.data)
	cmd.Flags().StringArrayVarP(&f.rules, "rules", "r", nil, "rule `FILE-OR-FOLDER`s (default: those of the daemon)")
	cmd.Flags().StringVar(&f.to, "to", "now", "the `TIME` of the last run")
	cmd.Flags().Var(&f.runs, "runs", "how many runs, an interval apart")
	cmd.Flags().Var(&f.compat, "compat", "whose schedule")
	mustComplete(cmd, "compat", f.compat.complete)
	return cmd
}

func (a *app) rulesPreview(f *previewFlags, name string) error {
	dir, err := a.dataDir(f.data)
	if err != nil {
		return err
	}
	paths := f.rules
	if len(paths) == 0 {
		if paths, err = a.daemonRules(f.data); err != nil {
			return err
		}
	}
	set, err := readRules(paths)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(set.ready, func(r *readyRule) bool {
		return name == r.rule.UUID() || name == r.rule.RuleID || name == r.rule.Name
	})
	if at < 0 {
		return usage("`tripline rules list` names them", "there is no rule %s that runs", show.ShellWord(name))
	}
	end, err := a.instant("to", f.to)
	if err != nil {
		return err
	}
	events, err := store.OpenReader(disk.OS{}, filepath.Join(dir, "store"))
	if err != nil {
		return failure("%v", err)
	}
	defer func() { _ = events.Close() }()
	p, err := a.newPreview(set.ready[at].Rule, events)
	if err != nil {
		return err
	}
	policy := schedule.Tripline(schedule.Limits{})
	if f.compat.value == "elastic" {
		policy = schedule.Elastic()
	}
	moment := schedule.Moment{Now: end, Arrival: events.Stats().LastArrival}
	for job := range schedule.Rehearse(policy, p.known, end, f.runs.value, moment) {
		if err := p.run(job); err != nil {
			return err
		}
	}
	a.sayf("%s up to %s: %s, none of them stored", counted(p.runs, "run", "runs"), a.clock(end), counted(len(p.seen), "alert", "alerts"))
	return nil
}

// preview runs one rule and shows what it finds, each alert once.
type preview struct {
	*app
	rule     *ruleset.Rule
	known    *schedule.Rule
	runner   *pass.Runner
	resolver *engine.Resolver
	reader   schedule.Reader
	teller   *teller
	seen     map[string]bool
	runs     int
}

func (a *app) newPreview(r *ruleset.Rule, events *store.Reader) (*preview, error) {
	known, err := schedule.NewRule(r.Rule, r.Checked)
	if err != nil {
		return nil, usage("`tripline rules check` says more", "the rule can not be scheduled: %v", err)
	}
	q := r.Query()
	q.Span = known.Span
	program, err := engine.Compile([]engine.Query{q}, pass.TimeFields([]*schedule.Rule{known})...)
	if err != nil {
		return nil, failure("%v", err)
	}
	return &preview{
		app: a, rule: r, known: known, runner: pass.NewRunner(program, pass.Options{}), resolver: program.NewResolver(),
		reader: daemon.Windows(events), teller: a.newTeller(), seen: map[string]bool{},
	}, nil
}

func (p *preview) run(job *schedule.Job) error {
	p.runs++
	report, err := p.runner.Run(p.ctx, &schedule.Work{Started: job.Started, Arrival: job.Arrival, Jobs: []*schedule.Job{job}}, p.reader)
	if err != nil {
		return failure("run of %s: %v", p.clock(job.Started), err)
	}
	for _, m := range slices.Concat(job.Messages, report.Jobs[0].Messages()) {
		if m.Level != schedule.Info {
			p.sayf("run of %s: %s", p.clock(job.Started), show.Escape(m.Text))
		}
	}
	for i := range report.Jobs[0].Matches {
		m := &report.Jobs[0].Matches[i].Match
		keys := m.Keys
		if keys == nil && len(m.Events) > 0 {
			keys = p.resolver.Keys(0, m.Key, m.Events)
		}
		match, err := p.rule.Match(keys, m.Events)
		if err != nil {
			return failure("%v", err)
		}
		if one := p.rule.Alert(match, job.Started); one != nil && !p.seen[one.ID] {
			p.seen[one.ID] = true
			p.show(one, match, job.Started)
		}
	}
	return nil
}

func (p *preview) show(one *alert.Alert, m alert.Match, at time.Time) {
	one.Attach(m, alert.Evidence{})
	p.printf("run of %s\n", p.clock(at))
	p.teller.Alert(show.Of(one))
	p.printf("\n")
}
