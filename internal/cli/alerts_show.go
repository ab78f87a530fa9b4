package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

type alertsShowFlags struct {
	data   string
	format choice
}

func (a *app) alertsShowCommand() *cobra.Command {
	f := &alertsShowFlags{format: choice{allowed: []string{"text", "json"}}}
	cmd := &cobra.Command{
		Use:   "show ID... [FLAGS]",
		Short: "Show alerts whole, with their notes and what was done with them",
		Example: examples(
			"tripline alerts show 3f9c1a2b", "by the beginning of its id, as lists show it",
			"tripline alerts show 3f9c1a2b --format json | jq '.\"tripline.events\"'", "its document",
		),
		Long: `ID is an alert's id or the beginning of one that no other has; that of a building
block shows its alert.

--format json prints the alert's document on a line, and each of its building blocks
on one.

Exit codes: 0 done; 1 it did not work; 2 usage, or there is no such alert.`,
		Args:              someIDs,
		RunE:              func(_ *cobra.Command, ids []string) error { return a.alertsShow(f, ids) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	a.addDataFlag(cmd, &f.data)
	flags.Var(&f.format, "format", "how to print them (default: text)")
	mustComplete(cmd, "format", f.format.complete)
	return cmd
}

// someIDs wants at least one id.
func someIDs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("`tripline alerts list` has the ids; the beginning of one is enough", "name an alert: %s", cmd.Use)
	}
	return nil
}

func (a *app) alertsShow(f *alertsShowFlags, ids []string) error {
	return a.withState(f.data, func(s *state.State) error {
		alerts, err := a.picked(s, ids)
		if err != nil {
			return err
		}
		t := a.newTeller()
		for _, one := range alerts {
			docs, err := s.Documents(a.ctx, one)
			if err != nil {
				return failure("%v", err)
			}
			if f.format.value == "json" {
				a.documents(docs)
				continue
			}
			block, err := show.Read(docs.Alert)
			if err != nil {
				return failure("%v", err)
			}
			t.Alert(block)
			if err := a.about(s, one); err != nil {
				return failure("%v", err)
			}
		}
		return nil
	})
}

// documents prints an alert's document and its blocks', a line each.
func (a *app) documents(docs *state.Documents) {
	a.printf("%s\n", docs.Alert)
	for _, block := range docs.Blocks {
		a.printf("%s\n", block)
	}
}

// about prints, below an alert's block, what the state knows besides.
func (a *app) about(s *state.State, one *state.Alert) error {
	p := a.palette()
	say := func(label, text string) {
		if text != "" {
			a.printf("  %s %s\n", p.Dim((label + strings.Repeat(" ", 10))[:10]), text)
		}
	}
	status := one.Status.String()
	if one.CloseReason != "" {
		status += " (" + one.CloseReason + ")"
	}
	if !one.StatusAt.IsZero() {
		status += ", by " + show.Escape(one.StatusUser) + " at " + one.StatusAt.Format(timeLayout)
	}
	say("status", status)
	say("assigned", show.Escape(strings.Join(one.Assignees, ", ")))
	say("tags", show.Escape(strings.Join(one.Tags, ", ")))
	if one.Counted > 0 {
		say("repeats", counted(one.Counted, "more", "more")+", from "+one.FirstCounted.Format(timeLayout)+" to "+one.LastCounted.Format(timeLayout))
	}
	if !one.Superseded.IsZero() {
		say("superseded", "events that came late make another match of these, since "+one.Superseded.Format(timeLayout))
	}
	spans, err := s.Blind(a.ctx, one.At, one.Until)
	if err != nil {
		return err
	}
	for _, b := range spans {
		if (b.Host == "" || b.Host == one.Host) && (b.Rule == "" || b.Rule == one.Rule) {
			text := b.Cause + " since " + b.Since.Format(timeLayout)
			if !b.Until.IsZero() {
				text = b.Cause + " from " + b.Since.Format(timeLayout) + " to " + b.Until.Format(timeLayout)
			}
			say("blind", strings.TrimSuffix(text+": "+show.Escape(b.Text), ": "))
		}
	}
	say("rule", show.Escape(one.RuleID))
	say("id", one.ID)
	notes, err := s.Notes(a.ctx, one.Seq)
	if err != nil {
		return err
	}
	for _, n := range notes {
		say("note", n.At.Format(timeLayout)+"  "+show.Escape(n.User)+": "+show.Escape(n.Text))
	}
	history, err := s.History(a.ctx, one.Seq)
	if err != nil {
		return err
	}
	for _, d := range history {
		say("history", d.At.Format(timeLayout)+"  "+show.Escape(strings.TrimSpace(d.User+" "+d.Action+" "+d.Detail)))
	}
	return nil
}

// idsOf are the ids of the arguments; - stands for those on standard input, a line
// each.
func (a *app) idsOf(args []string) ([]string, error) {
	if len(args) != 1 || args[0] != "-" {
		return args, nil
	}
	ids, err := a.linesOfStdin()
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, errNoIDs
	}
	return ids, nil
}

// errNoIDs is no fault: there was nothing to do.
var errNoIDs = errors.New("there are no ids on standard input")
