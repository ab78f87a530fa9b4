package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/value"
)

// storedFilter are the flags that pick stored alerts.
type storedFilter struct {
	status         statusFlag
	severity       choice
	rule, host     string
	tag, assignee  string
	since, until   moment
	buildingBlocks bool
}

// add gives a command the flags. open says that closed alerts are left out unless
// they are asked for.
func (f *storedFilter) add(cmd *cobra.Command, open bool) {
	f.severity.allowed = severities
	shown := "all of them"
	if open {
		f.status.set = []state.Status{state.StatusOpen, state.Acknowledged}
		shown = "those that are not closed"
	}
	flags := cmd.Flags()
	flags.Var(&f.status, "status", "only alerts of this status, or of these with commas between them; all (default: "+shown+")")
	flags.Var(&f.severity, "severity", "only alerts of this severity or above")
	flags.StringVar(&f.rule, "rule", "", "only alerts of this rule, by part of its `NAME`, rule_id or uuid")
	flags.StringVar(&f.host, "host", "", "only alerts of this host, by `NAME`; * stands for anything")
	flags.Var(&f.since, "since", "only alerts of this time or later: 2026-02-03, 2026-02-03T09:00:00Z, or -2h for the last two hours")
	flags.Var(&f.until, "until", "only alerts before this time")
	flags.StringVar(&f.tag, "tag", "", "only alerts with this `TAG`")
	flags.StringVar(&f.assignee, "assignee", "", "only alerts that are assigned to `USER`")
	flags.BoolVar(&f.buildingBlocks, "building-blocks", false, "alerts of rules that only make building blocks, too")
	mustComplete(cmd, "status", f.status.complete)
	mustComplete(cmd, "severity", f.severity.complete)
}

// settled is the filter as the state takes it. Times count back from now.
func (f *storedFilter) settled(a *app) state.Filter {
	now := value.InstantOfTime(a.Now())
	f.since.settle(now)
	f.until.settle(now)
	out := state.Filter{
		Status: f.status.set, Severity: rule.Severity(f.severity.value), Rule: f.rule, Host: f.host,
		Tag: f.tag, Assignee: f.assignee, BuildingBlocks: f.buildingBlocks,
	}
	if f.since.text != "" {
		out.Since = f.since.at.Time()
	}
	if f.until.text != "" {
		out.Until = f.until.at.Time()
	}
	return out
}

// statusFlag takes statuses of alerts; "all" is none in particular.
type statusFlag struct{ set []state.Status }

func (s *statusFlag) String() string { return "" }
func (s *statusFlag) Type() string   { return strings.Join(append(state.Statuses(), "all"), "|") }

func (s *statusFlag) Set(text string) error {
	var set []state.Status
	for word := range strings.SplitSeq(text, ",") {
		i := slices.Index(state.Statuses(), word)
		if word == "all" && text == word {
			break
		}
		if i < 0 {
			words := append(state.Statuses(), "all")
			return &badValue{reason: "must be " + orList(words), hint: didYouMean(word, words)}
		}
		set = append(set, state.Status(i)) //nolint:gosec // there are three
	}
	s.set = set
	return nil
}

func (s *statusFlag) complete(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return append(state.Statuses(), "all"), cobra.ShellCompDirectiveNoFileComp
}
