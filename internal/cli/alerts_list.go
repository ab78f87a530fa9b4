package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

type alertsListFlags struct {
	data   string
	filter storedFilter
	limit  count
	format choice
}

func (a *app) alertsListCommand() *cobra.Command {
	f := &alertsListFlags{limit: count{value: 50, reason: "must be 0 or more"}, format: choice{allowed: []string{"text", "ndjson", "csv", "ids"}}}
	cmd := &cobra.Command{
		Use:   "list [FLAGS]",
		Short: "List alerts, the newest first",
		Example: examples(
			"tripline alerts list", "what is not closed yet",
			"tripline alerts list --severity high --since -24h", "the grave ones of the last day",
			"tripline alerts list --status all --rule 'reverse shell' --limit 0 --format csv", "all there ever were of a rule, as a table for a spreadsheet",
			"tripline alerts list --host build-7 --format ids --limit 0 | tripline alerts ack -", "acknowledge all of a host",
		),
		Long: `An alert has the time of its first event. REPEATS are the alerts that a rule with
alert_suppression has counted in one. WHAT is the last event that made it.

--format ndjson writes each alert as a JSON document on a line, without building
blocks (see tripline alerts export for those), csv a row, ids the id alone.

Exit codes: 0 done; 1 it did not work; 2 usage.`,
		Args:              noArgs,
		RunE:              func(*cobra.Command, []string) error { return a.alertsList(f) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	a.addDataFlag(cmd, &f.data)
	f.filter.add(cmd, true)
	flags.Var(&f.limit, "limit", "at most so many; 0: all")
	flags.Var(&f.format, "format", "how to print them (default: text on a terminal, else ndjson)")
	mustComplete(cmd, "format", f.format.complete)
	return cmd
}

func (a *app) alertsList(f *alertsListFlags) error {
	return a.withState(f.data, func(s *state.State) error {
		form := f.format.or(a.StdoutTerminal, "text", "ndjson")
		filter := f.filter.settled(a)
		lister := &alertLister{app: a, state: s}
		if form == "csv" {
			lister.head()
		}
		listed := 0
		err := s.Alerts(a.ctx, filter, f.limit.value, func(one *state.Alert) error {
			if a.gone() {
				return errReaderGone
			}
			listed++
			switch form {
			case "text":
				return lister.keep(one)
			case "csv":
				return lister.csv(one)
			case "ids":
				a.printf("%s\n", one.ID)
				return nil
			}
			return lister.json(one)
		})
		if err != nil && !errors.Is(err, errReaderGone) {
			return err
		}
		if form == "text" {
			lister.table()
			a.flush()
			return a.sayListed(s, f, filter, listed)
		}
		return nil
	})
}

// errReaderGone ends a list that nobody reads any more.
var errReaderGone = errors.New("nobody reads the output")

// sayListed says how many there are, and which are not shown.
func (a *app) sayListed(s *state.State, f *alertsListFlags, filter state.Filter, listed int) error {
	total, err := s.Count(a.ctx, filter)
	if err != nil {
		return failure("count alerts: %v", err)
	}
	line := counted(total, "alert", "alerts")
	if listed < total {
		line = show.Number(listed) + " of " + line + " shown; --limit 0 shows all"
	}
	if len(f.filter.status.set) > 0 {
		all := filter
		all.Status = nil
		if others, err := s.Count(a.ctx, all); err == nil && others > total {
			line += "; " + show.Number(others-total) + " of another status left out, --status all shows them"
		}
	}
	a.sayf("%s", line)
	return nil
}

// alertLister prints stored alerts, a line each.
type alertLister struct {
	*app
	state *state.State
	rows  []alertRow
}

// alertRow is a line of the table.
type alertRow struct {
	one  *state.Alert
	what string
}

// what tells the last event of an alert in a line.
func (l *alertLister) what(one *state.Alert) (string, error) {
	docs, err := l.state.Documents(l.ctx, one)
	if errors.Is(err, state.ErrNotFound) {
		return "(deleted meanwhile)", nil
	}
	if err != nil {
		return "", err
	}
	block, err := show.Read(docs.Alert)
	if err != nil {
		return "", err
	}
	last := block.Events[len(block.Events)-1]
	return show.NewStep(last, block.Lineage, block.TimestampField).Line(show.DefaultWidth, true, false), nil
}

// keep keeps a line for the table.
func (l *alertLister) keep(one *state.Alert) error {
	what, err := l.what(one)
	kept := *one
	l.rows = append(l.rows, alertRow{&kept, what})
	return err
}

// json prints the document.
func (l *alertLister) json(one *state.Alert) error {
	docs, err := l.state.Documents(l.ctx, one)
	if errors.Is(err, state.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	l.printf("%s\n", docs.Alert)
	return nil
}

func (l *alertLister) head() {
	l.row("time", "severity", "status", "rule", "host", "user", "what", "repeats", "close_reason", "assignees", "tags", "reason", "id")
}

// csv prints a record.
func (l *alertLister) csv(one *state.Alert) error {
	what, err := l.what(one)
	l.row(iso(one.At), string(one.Severity), one.Status.String(), one.Name, one.Host, one.User, what, strconv.Itoa(one.Counted),
		one.CloseReason, strings.Join(one.Assignees, " "), strings.Join(one.Tags, " "), one.Reason, one.ID)
	return err
}
