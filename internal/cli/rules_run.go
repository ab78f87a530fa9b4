package cli

import (
	"errors"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/daemon"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) rulesRunCommand() *cobra.Command {
	var data string
	var from, to string
	cmd := &cobra.Command{
		Use:   "run RULE --from TIME [--to TIME]",
		Short: "Run one rule over a stretch of what is stored, covered before or not",
		Example: examples(
			"tripline rules run 'My rule' --from now-7d", "a week, up to now",
			"tripline rules run 4f1d... --from 2026-02-03T00:00:00Z --to 2026-02-04T00:00:00Z", "one day",
		),
		Long: `Works with the daemon running, which then does it, or not. What was alerted on before is
not alerted on again. TIME is a time or date math such as now-1d/d.

Exit codes: 0 run; 1 it did not work; 2 usage.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("see `tripline rules list`", "name one rule, by its name, rule_id or id")
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.rulesRun(data, args[0], from, to) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().SortFlags = false
	a.addDataFlag(cmd, &data)
	cmd.Flags().StringVar(&from, "from", "", "the beginning `TIME`; needed")
	cmd.Flags().StringVar(&to, "to", "now", "the end `TIME`")
	return cmd
}

// instant reads a time or date math.
func (a *app) instant(flag, text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t, nil
	}
	m, err := rule.ParseDateMath(text)
	if err != nil {
		return time.Time{}, usage("write 2026-02-03T00:00:00Z, or now-1d", "--%s: %v", flag, err)
	}
	return m.At(a.Now().UTC()), nil
}

func (a *app) rulesRun(flag string, name, from, to string) error {
	dir, err := a.dataDir(flag)
	if err != nil {
		return err
	}
	if from == "" {
		return usage("write --from now-1h, or --from 2026-02-03T00:00:00Z", "tripline rules run needs to know from when: --from is missing")
	}
	asked := manualRun{Rule: name}
	if asked.From, err = a.instant("from", from); err != nil {
		return err
	}
	if asked.To, err = a.instant("to", to); err != nil {
		return err
	}
	if !asked.From.Before(asked.To) {
		return usage("--from is the earlier one", "no time lies between --from %s and --to %s", from, to)
	}
	var runs []schedule.Run
	err = newCaller(dir).call(a.ctx, http.MethodPost, runPath, asked, &runs)
	if errors.Is(err, errNotRunning) {
		runs, err = a.runAlone(dir, asked)
	}
	var f *fault
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, schedule.ErrUnknownRule):
		return usage("`tripline rules status` shows them", "there is no rule %s", show.ShellWord(name))
	case err != nil:
		return failure("%v", err)
	}
	found, fresh, failed := 0, 0, false
	for _, run := range runs {
		found, fresh = found+run.Counts.Found, fresh+run.Counts.New
		if run.Status != schedule.Succeeded {
			failed = failed || run.Status == schedule.Failed
			a.printf("%s  %s  %s\n", a.clock(run.Started), run.Status, show.Escape(run.Text()))
		}
	}
	a.printf("%s to %s, in %s: %s, %s\n", a.clock(asked.From), a.clock(asked.To), counted(len(runs), "run", "runs"),
		counted(found, "match", "matches"), counted(fresh, "new alert", "new alerts"))
	if failed {
		return ended(exitFailure)
	}
	return nil
}

// runAlone runs a rule in a folder in which no daemon works.
func (a *app) runAlone(dir string, asked manualRun) ([]schedule.Run, error) {
	paths, err := a.daemonRules(dir)
	if err != nil {
		return nil, err
	}
	d, err := daemon.Open(a.ctx, daemon.Options{
		FS: disk.OS{}, Data: dir, Now: a.Now,
		Load: func() (*daemon.Rules, error) {
			set, err := readRules(paths)
			if err != nil {
				return nil, err
			}
			out := &daemon.Rules{Paths: paths}
			for _, one := range set.ready {
				out.Ready = append(out.Ready, one.Rule)
			}
			return out, nil
		},
	})
	if err != nil {
		return nil, err
	}
	runs, err := d.Manual(a.ctx, asked.Rule, asked.From, asked.To)
	return runs, errors.Join(err, d.Close())
}
