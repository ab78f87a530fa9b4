package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/daemon"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

func (a *app) rulesStatusCommand() *cobra.Command {
	var data string
	format := choice{value: "text", allowed: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "status [RULE]",
		Short: "Show what the daemon's rules have covered, when they run, and what was not seen",
		Example: examples(
			"tripline rules status", "all rules: last run, next run, what is covered, what waits",
			"tripline rules status 'Potential Reverse Shell via Suspicious Child Process'", "one rule, with its last runs, gaps and what was not seen",
		),
		Long: `Works with the daemon running or not. RULE is a name, a rule_id or an id. Times are UTC.

COVERED TO is the time up to which each match has been found, of all that has arrived.
ALERTS is how many are stored. WAIT: alerts over the rule's cap, made in its next intervals.
GAPS: stretches of time whose events were let go of before the rule saw them, or in which
it was off. LATE: events too late for the stream, which the schedule judges. BLIND:
stretches in the last week in which something was not seen. Those with most of these
stand last.

Exit codes: 0 shown; 1 it did not work; 2 usage.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("put its name in quotes", "name one rule, not %d", len(args))
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.rulesStatus(data, args, format.value) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().SortFlags = false
	a.addDataFlag(cmd, &data)
	cmd.Flags().Var(&format, "format", "how to print")
	mustComplete(cmd, "format", format.complete)
	return cmd
}

// daemonRules are the paths of the rules that a daemon runs or ran last.
func (a *app) daemonRules(dir string) (paths []string, err error) {
	err = a.withState(dir, func(s *state.State) error {
		text, err := s.Setting(a.ctx, state.SettingRules)
		if err != nil || text == "" {
			return err
		}
		if err := json.Unmarshal([]byte(text), &paths); err != nil {
			return failure("read settings: %v", err)
		}
		return nil
	})
	if err == nil && len(paths) == 0 {
		err = usage("start one with `tripline run`", "no daemon has run in %s yet", dir)
	}
	return paths, err
}

// statusOfRule is a rule with all that is known of it.
type statusOfRule struct {
	ID      string             `json:"id"`
	Name    string             `json:"name"`
	Alerts  int                `json:"alerts"`
	Last    *schedule.Run      `json:"last_run,omitempty"`
	Runs    []schedule.Run     `json:"runs,omitempty"`
	Ledger  *schedule.Ledger   `json:"ledger,omitempty"`
	Waiting *state.Waiting     `json:"waiting,omitempty"`
	Blind   []state.Blind      `json:"blind,omitempty"`
	Stream  *daemon.RuleStatus `json:"stream,omitempty"`
}

func (a *app) rulesStatus(flag string, args []string, format string) error {
	dir, err := a.dataDir(flag)
	if err != nil {
		return err
	}
	paths, err := a.daemonRules(dir)
	if err != nil {
		return err
	}
	set, err := readRules(paths)
	if err != nil {
		return err
	}
	running, err := newCaller(dir).status(a.ctx)
	if err != nil {
		running = nil
	}
	return a.withState(dir, func(s *state.State) error {
		all, general, err := a.statuses(s, set, running, args)
		if err != nil {
			return err
		}
		switch {
		case format == "json":
			return a.writeJSON(map[string]any{"rules": all, "blind": append([]state.Blind{}, general...)})
		case len(args) > 0:
			a.oneRule(all[0])
		default:
			a.ruleTable(all)
		}
		a.blindSpans(general)
		if running == nil {
			a.sayf("no daemon runs on this folder: this is how it was left")
		}
		return nil
	})
}

// statuses puts together what there is to know of rules, and what was not seen by all.
func (a *app) statuses(s *state.State, set *ruleSet, running *daemon.Status, args []string) ([]*statusOfRule, []state.Blind, error) {
	ledgers, err := s.Ledgers(a.ctx)
	if err != nil {
		return nil, nil, failure("%v", err)
	}
	waiting, err := s.Waiting(a.ctx)
	if err != nil {
		return nil, nil, failure("%v", err)
	}
	blind, err := s.Blind(a.ctx, a.Now().Add(-7*24*time.Hour), time.Time{})
	if err != nil {
		return nil, nil, failure("%v", err)
	}
	most := 1
	if len(args) > 0 {
		most = 10
	}
	var all []*statusOfRule
	for _, r := range set.ready {
		id := r.rule.UUID()
		if len(args) > 0 && args[0] != id && args[0] != r.rule.RuleID && args[0] != r.rule.Name {
			continue
		}
		one := &statusOfRule{ID: id, Name: r.rule.Name}
		if one.Alerts, err = s.Count(a.ctx, state.Filter{Rule: id, BuildingBlocks: true}); err != nil {
			return nil, nil, failure("%v", err)
		}
		runs, err := s.Runs(a.ctx, id, most)
		if err != nil {
			return nil, nil, failure("%v", err)
		}
		if len(runs) > 0 {
			one.Last = &runs[0]
		}
		if most > 1 {
			one.Runs = runs
		}
		if at := slices.IndexFunc(ledgers, func(l schedule.Ledger) bool { return l.Rule == id }); at >= 0 {
			one.Ledger = &ledgers[at]
		}
		if at := slices.IndexFunc(waiting, func(w state.Waiting) bool { return w.Rule == id }); at >= 0 {
			one.Waiting = &waiting[at]
		}
		for _, b := range blind {
			if b.Rule == id {
				one.Blind = append(one.Blind, b)
			}
		}
		if running != nil {
			if at := slices.IndexFunc(running.Rules, func(s daemon.RuleStatus) bool { return s.ID == id }); at >= 0 {
				one.Stream = &running.Rules[at]
			}
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, nil, usage("`tripline rules status` shows them", "there is no rule %s", show.ShellWord(args[0]))
	}
	general := slices.DeleteFunc(blind, func(b state.Blind) bool { return b.Rule != "" })
	return all, general, nil
}

func (a *app) clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func (a *app) ruleTable(all []*statusOfRule) {
	slices.SortStableFunc(all, func(x, y *statusOfRule) int { return cmp.Compare(x.trouble(), y.trouble()) })
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LAST RUN\tSTATUS\tCOVERED TO\tNEXT RUN\tALERTS\tWAIT\tGAPS\tLATE\tBLIND\tRULE")
	for _, one := range all {
		last, status := "-", "-"
		if one.Last != nil {
			last, status = a.clock(one.Last.Started), string(one.Last.Status)
		}
		covered, next, gaps := "-", "-", 0
		if l := one.Ledger; l != nil {
			covered, next, gaps = a.clock(l.Frontier()), a.clock(l.Next), len(l.Gaps)
		}
		wait, late := 0, uint64(0)
		if one.Waiting != nil {
			wait = one.Waiting.Carried
		}
		if one.Stream != nil {
			late = one.Stream.Late
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n", last, status, covered, next, show.Number(one.Alerts), wait, gaps, late, len(one.Blind), show.Escape(one.Name))
	}
	_ = w.Flush() // to a buffer
}

// trouble sorts rules: those with the most to look at last, next to the prompt.
func (s *statusOfRule) trouble() int {
	n := len(s.Blind)
	if s.Ledger != nil {
		n += len(s.Ledger.Gaps)
	}
	if s.Waiting != nil {
		n += s.Waiting.Carried
	}
	if s.Last != nil && s.Last.Status != schedule.Succeeded {
		n += 1000
	}
	return n
}

func (a *app) oneRule(one *statusOfRule) {
	a.printf("%s\n  id           %s\n  alerts       %s\n", show.Escape(one.Name), one.ID, show.Number(one.Alerts))
	if l := one.Ledger; l != nil {
		a.printf("  next run     %s\n", a.clock(l.Next))
		for _, span := range l.Coverage() {
			a.printf("  covered      %s to %s\n", a.clock(span.From), a.clock(span.To))
		}
		for _, span := range l.Dirty {
			a.printf("  to do again  %s to %s: events came late\n", a.clock(span.From), a.clock(span.To))
		}
		for _, gap := range l.Gaps {
			a.printf("  gap          %s to %s: %s\n", a.clock(gap.From), a.clock(gap.To), gap.Reason)
		}
	}
	if w := one.Waiting; w != nil {
		a.printf("  waiting      %s over the cap, the oldest of %s\n", counted(w.Carried, "alert", "alerts"), a.clock(w.Oldest))
		if w.Lost > 0 {
			a.printf("  lost         %s, more than may wait\n", counted(w.Lost, "alert", "alerts"))
		}
	}
	if s := one.Stream; s != nil && s.Streams {
		a.printf("  stream       %s, %s since the start, about %s of work; %s in %s; %s late, %s dropped for want of memory\n",
			counted(int(s.Matches), "match", "matches"), counted(int(s.Candidates), "candidate", "candidates"), s.Time.Round(time.Millisecond), //nolint:gosec // counts
			counted(s.Partials, "unfinished sequence", "unfinished sequences"), size(s.Bytes), show.Number(int(s.Late)), show.Number(int(s.Evicted))) //nolint:gosec // counts
	}
	for _, run := range one.Runs {
		text := ""
		if run.Status != schedule.Succeeded {
			text = ": " + show.Escape(run.Text())
		}
		a.printf("  %-9s    %s  %s, %s, %s%s\n", run.Kind, a.clock(run.Started), run.Status,
			counted(run.Counts.Found, "match", "matches"), counted(run.Counts.New, "new alert", "new alerts"), text)
	}
	a.blindSpans(one.Blind)
}

// blindSpans tells what was not seen.
func (a *app) blindSpans(list []state.Blind) {
	for _, b := range list {
		until := "now"
		if !b.Until.IsZero() {
			until = a.clock(b.Until)
		}
		on := ""
		if b.Host != "" {
			on = " on host " + show.Escape(b.Host)
		}
		a.printf("  blind        %s to %s%s: %s\n", a.clock(b.Since), until, on, show.Escape(b.Text))
	}
}
