package cli

import (
	"bufio"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

const manyIDs = `ID is an alert's id, or the beginning of one that no other has; - reads ids from
standard input, one a line, as tripline alerts list --format ids writes them.
`

// changing makes a command that does something with alerts.
func (a *app) changing(use, short, long, pairs string, do func(s *state.State, alerts []*state.Alert, by state.By) error) *cobra.Command {
	var data string
	example, what, _ := strings.Cut(pairs, "|")
	cmd := &cobra.Command{
		Use: use, Short: short, Example: examples(example, what),
		Long:              manyIDs + long + "\nExit codes: 0 done; 1 it did not work; 2 usage, or there is no such alert.",
		Args:              someIDs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			ids, err := a.idsOf(args)
			if errors.Is(err, errNoIDs) {
				a.sayf("no alerts")
				return nil
			}
			if err != nil {
				return err
			}
			return a.withState(data, func(s *state.State) error {
				alerts, err := a.picked(s, ids)
				if err != nil {
					return err
				}
				return do(s, alerts, a.me())
			})
		},
	}
	cmd.Flags().SortFlags = false
	a.addDataFlag(cmd, &data)
	return cmd
}

// linesOfStdin reads words, one a line.
func (a *app) linesOfStdin() ([]string, error) {
	var lines []string
	scanner := bufio.NewScanner(a.Stdin)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, failure("read ids: %v", err)
	}
	return lines, nil
}

// setStatus changes the status of alerts and says so, with their blocks.
func (a *app) setStatus(s *state.State, alerts []*state.Alert, status state.Status, reason, did string, by state.By) error {
	changed, err := s.SetStatus(a.ctx, seqs(alerts), status, reason, by)
	if err != nil {
		return err
	}
	line := did + " " + named(alerts)
	blocks := 0
	for _, one := range alerts {
		blocks += one.Blocks
	}
	if blocks > 0 {
		line += ", with " + counted(blocks, "building block", "building blocks")
	}
	if same := len(alerts) - changed; same > 0 {
		line += "; " + counted(same, "was so", "were so") + " already"
	}
	a.sayf("%s", line)
	return nil
}

func (a *app) alertsAckCommand() *cobra.Command {
	return a.changing("ack ID... [FLAGS]", "Acknowledge alerts",
		"An alert that is acknowledged is being looked at. It is listed, and counts repeats.\n",
		"tripline alerts ack 3f9c1a2b|say that you look into it",
		func(s *state.State, alerts []*state.Alert, by state.By) error {
			return a.setStatus(s, alerts, state.Acknowledged, "", "acknowledged", by)
		})
}

func (a *app) alertsReopenCommand() *cobra.Command {
	return a.changing("reopen ID... [FLAGS]", "Open alerts again",
		"", "tripline alerts reopen 3f9c1a2b|there was more to it",
		func(s *state.State, alerts []*state.Alert, by state.By) error {
			return a.setStatus(s, alerts, state.StatusOpen, "", "reopened", by)
		})
}

func (a *app) alertsCloseCommand() *cobra.Command {
	reason, note := choice{allowed: state.CloseReasons()}, ""
	cmd := a.changing("close ID... [--reason REASON] [FLAGS]", "Close alerts",
		`
The building blocks of a sequence are closed with it: they have the status of their
alert. An alert that is closed counts no more repeats; the next one is told. The same
match found again leaves it closed.
`, "tripline alerts close 3f9c1a2b --reason false_positive --note 'the nightly backup'|close it, and say why",
		func(s *state.State, alerts []*state.Alert, by state.By) error {
			if note != "" {
				if err := s.AddNote(a.ctx, seqs(alerts), note, by); err != nil {
					return err
				}
			}
			return a.setStatus(s, alerts, state.Closed, reason.value, "closed", by)
		})
	cmd.Flags().Var(&reason, "reason", "why, in Elastic's words")
	cmd.Flags().StringVar(&note, "note", "", "write a note with this `TEXT`, too")
	mustComplete(cmd, "reason", reason.complete)
	return cmd
}

func (a *app) alertsDeleteCommand() *cobra.Command {
	return a.changing("delete ID... [FLAGS]", "Delete alerts for good",
		`
What belongs to an alert goes with it. Its id is kept, so that the same match found
again does not bring it back. To close an alert is enough as a rule.
`, "tripline alerts delete 3f9c1a2b|it holds what must not be kept",
		func(s *state.State, alerts []*state.Alert, by state.By) error {
			if _, err := s.Delete(a.ctx, seqs(alerts), by); err != nil {
				return err
			}
			a.sayf("deleted %s; the same match is not told again", named(alerts))
			return nil
		})
}

func (a *app) alertsTagCommand() *cobra.Command {
	return a.relating("tag ID... [--add TAG]... [--remove TAG]... [FLAGS]", "Tag alerts", "tag", "add",
		"tripline alerts tag 3f9c1a2b --add incident-7|tag it", (*state.State).Tag)
}

func (a *app) alertsAssignCommand() *cobra.Command {
	return a.relating("assign ID... [--to USER]... [--remove USER]... [FLAGS]", "Assign alerts to people", "user", "to",
		"tripline alerts assign 3f9c1a2b --to ann|let ann look into it", (*state.State).Assign)
}

type relate = func(s *state.State, ctx context.Context, seqs []int64, add, remove []string, by state.By) error

// relating makes a command that gives alerts something and takes it away.
func (a *app) relating(use, short, thing, adds, pairs string, do relate) *cobra.Command {
	var add, remove []string
	cmd := a.changing(use, short, "\nWhat is to be removed is removed first; then the rest is added, each once.\n", pairs,
		func(s *state.State, alerts []*state.Alert, by state.By) error {
			if len(add)+len(remove) == 0 {
				return usage("--"+adds+" or --remove says it", "there is nothing to change")
			}
			if err := do(s, a.ctx, seqs(alerts), add, remove, by); err != nil {
				return err
			}
			a.sayf("changed %s", named(alerts))
			return nil
		})
	value := strings.ToUpper(thing)
	cmd.Flags().StringArrayVar(&add, adds, nil, "a `"+value+"` to add, again for more")
	cmd.Flags().StringArrayVar(&remove, "remove", nil, "a `"+value+"` to remove, again for more")
	return cmd
}

func (a *app) alertsNoteCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "note ID TEXT [FLAGS]",
		Short: "Write a note on an alert",
		Example: examples(
			"tripline alerts note 3f9c1a2b 'asked the owner of the host'", "write it; `tripline alerts show` has it",
		),
		Long: "Exit codes: 0 done; 1 it did not work; 2 usage, or there is no such alert.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 || strings.TrimSpace(args[1]) == "" {
				return usage("put the text in quotes", "name an alert and write the note: %s", cmd.Use)
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.withState(data, func(s *state.State) error {
				alerts, err := a.picked(s, args[:1])
				if err != nil {
					return err
				}
				if err := s.AddNote(a.ctx, seqs(alerts), args[1], a.me()); err != nil {
					return failure("%v", err)
				}
				a.sayf("noted on %s: %s", named(alerts), show.Escape(args[1]))
				return nil
			})
		},
	}
	a.addDataFlag(cmd, &data)
	return cmd
}
