package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

type alertsTailFlags struct {
	data   string
	filter storedFilter
	last   count
	count  count
	format choice
}

func (a *app) alertsTailCommand() *cobra.Command {
	f := &alertsTailFlags{
		last: count{reason: "must be 0 or more"}, count: count{reason: "must be 0 or more", unset: "no end"},
		format: choice{allowed: []string{"text", "ndjson"}},
	}
	cmd := &cobra.Command{
		Use:   "tail [FLAGS]",
		Short: "Show alerts as they are made, until ^C",
		Example: examples(
			"tripline alerts tail --severity high", "the grave ones, from now on",
			"tripline alerts tail --last 10 --format ndjson | jq", "the last ten first, as JSON documents",
		),
		Long:              "Exit codes: 0 done, with --count; 1 it did not work; 2 usage; 130 ended by ^C.",
		Args:              noArgs,
		RunE:              func(*cobra.Command, []string) error { return a.alertsTail(f) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	a.addDataFlag(cmd, &f.data)
	f.filter.add(cmd, false)
	flags.Var(&f.last, "last", "begin with the last `N` that there are")
	flags.Var(&f.count, "count", "end after `N` alerts")
	flags.Var(&f.format, "format", "how to print them (default: text on a terminal, else ndjson)")
	mustComplete(cmd, "format", f.format.complete)
	return cmd
}

// tailPause is how long tail waits before it looks again: another process writes, and
// none tells it.
const tailPause = 200 * time.Millisecond

func (a *app) alertsTail(f *alertsTailFlags) error {
	return a.withState(f.data, func(s *state.State) error {
		after, err := s.Head(a.ctx)
		if err != nil {
			return failure("%v", err)
		}
		after = max(after-int64(f.last.value), 0)
		filter := f.filter.settled(a)
		t := &tail{app: a, state: s, teller: a.newTeller(), form: f.format.or(a.StdoutTerminal, "text", "ndjson"), most: f.count.value}
		for {
			filter.After = after
			err := s.InOrder(a.ctx, filter, 0, func(one *state.Alert) error {
				after = one.Seq
				return t.show(one)
			})
			switch {
			case errors.Is(err, errReaderGone):
				return nil
			case err != nil:
				return err
			}
			a.flush()
			select {
			case <-a.ctx.Done():
				return a.ctx.Err()
			case <-time.After(tailPause):
			}
		}
	})
}

type tail struct {
	*app
	state  *state.State
	teller *teller
	form   string
	shown  int
	most   int // 0: no end
}

// show prints an alert. The error errReaderGone ends the tail.
func (t *tail) show(one *state.Alert) error {
	docs, err := t.state.Documents(t.ctx, one)
	if errors.Is(err, state.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	if t.form == "text" {
		block, err := show.Read(docs.Alert)
		if err != nil {
			return err
		}
		t.teller.Alert(block)
		t.printf("  %s %s\n", t.palette().Dim("id"), short(one.ID))
	} else {
		t.printf("%s\n", docs.Alert)
	}
	t.flush()
	if t.shown++; t.gone() || t.shown == t.most {
		return errReaderGone
	}
	return nil
}
