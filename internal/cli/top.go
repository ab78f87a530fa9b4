package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/daemon"
	"github.com/tripline-sec/tripline/internal/show"
)

type topFlags struct {
	data  string
	every time.Duration
	once  bool
	most  count
}

func (a *app) topCommand() *cobra.Command {
	f := &topFlags{most: count{value: 20, reason: "must be 1 or more"}}
	cmd := &cobra.Command{
		Use:   "top [FLAGS]",
		Short: "Show what each rule costs a running daemon",
		Example: examples(
			"tripline top", "the dearest rules, every two seconds",
			"tripline top --once", "once, since the daemon's start",
		),
		Long: `TIME % is of one processor, an estimate from one event in some hundred. A candidate is a
condition that had to be asked of an event; MEMORY is that of unfinished sequences, without
their documents. Rules that the schedule alone judges have no figures here.

Exit codes: 0 shown; 1 no daemon answers; 2 usage; 130 ended by ^C.`,
		GroupID:           groupDaemon,
		Args:              noArgs,
		RunE:              func(*cobra.Command, []string) error { return a.top(f) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().SortFlags = false
	a.addDataFlag(cmd, &f.data)
	cmd.Flags().DurationVar(&f.every, "every", 2*time.Second, "how often")
	cmd.Flags().BoolVar(&f.once, "once", false, "once, with the figures since the daemon's start")
	cmd.Flags().Var(&f.most, "most", "at most `N` rules")
	return cmd
}

func (a *app) top(f *topFlags) error {
	dir, err := a.dataDir(f.data)
	if err != nil {
		return err
	}
	ask := newCaller(dir)
	var before *daemon.Status
	for {
		now, err := ask.status(a.ctx)
		switch {
		case errors.Is(err, errNotRunning):
			return &fault{code: exitFailure, reason: "no daemon answers at " + socketOf(dir), hint: "start one with `tripline run`, or name its folder with --data"}
		case err != nil:
			return failure("%v", err)
		}
		if a.StdoutTerminal && !f.once {
			a.printf("\x1b[H\x1b[2J")
		}
		a.topTable(now, before, f.most.value)
		if a.flush(); f.once || a.gone() {
			return nil
		}
		before = now
		select {
		case <-a.ctx.Done():
			return a.ctx.Err()
		case <-time.After(max(f.every, 100*time.Millisecond)):
		}
	}
}

// topTable shows what was spent since before; nil: since the start.
func (a *app) topTable(now, before *daemon.Status, most int) {
	since := now.Started
	was := map[string]daemon.RuleStatus{}
	if before != nil {
		since = before.Now
		for _, r := range before.Rules {
			was[r.ID] = r
		}
	}
	took := max(now.Now.Sub(since), time.Millisecond)
	rows := slices.Clone(now.Rules)
	for i := range rows {
		r, w := &rows[i], was[rows[i].ID]
		r.Time, r.Candidates, r.Matches = r.Time-w.Time, r.Candidates-w.Candidates, r.Matches-w.Matches
	}
	slices.SortStableFunc(rows, func(x, y daemon.RuleStatus) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(y.Bytes, x.Bytes), cmp.Compare(y.Candidates, x.Candidates))
	})
	a.printf("%s stored, %s of them not judged yet; %s in %s; %s late, %s dropped for want of memory\n",
		counted(int(now.Store.Documents), "event", "events"), show.Number(int(now.Lag)), //nolint:gosec // counts
		counted(now.Partials, "unfinished sequence", "unfinished sequences"), size(now.PartialBytes), show.Number(int(now.Late)), show.Number(int(now.Evicted))) //nolint:gosec // counts
	for _, s := range now.Sinks {
		if s.Down || s.Waiting > 0 {
			line := "sink " + show.Escape(s.Name) + ": " + counted(int(s.Waiting), "alert waits", "alerts wait")
			if s.LastError != "" {
				line += ": " + show.Escape(s.LastError)
			}
			a.printf("%s\n", line)
		}
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME %\tCANDIDATES/S\tMATCHES\tUNFINISHED\tMEMORY\tLATE\tRULE")
	for _, r := range rows[:min(most, len(rows))] {
		fmt.Fprintf(w, "%.2f\t%.0f\t%d\t%d\t%s\t%d\t%s\n", 100*r.Time.Seconds()/took.Seconds(), float64(r.Candidates)/took.Seconds(),
			r.Matches, r.Partials, size(r.Bytes), r.Late, show.Escape(r.Name))
	}
	_ = w.Flush() // to a buffer
}

// size is a count of bytes for people.
func size(n int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.size), u.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
