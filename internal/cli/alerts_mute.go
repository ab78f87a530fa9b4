package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

type alertsMuteFlags struct {
	data   string
	rules  []string
	this   []string
	span   muteSpan
	reason string
	dryRun bool
}

func (a *app) alertsMuteCommand() *cobra.Command {
	f := &alertsMuteFlags{span: muteSpan{length: 30 * 24 * time.Hour}}
	cmd := &cobra.Command{
		Use:   "mute ID --this WHAT... --reason TEXT [FLAGS]",
		Short: "Write an exception from an alert",
		Example: examples(
			"tripline alerts mute 3f9c1a2b --this parent --for 30d --reason 'the backup' --dry-run", "see what it would have hidden, and write nothing",
			"tripline alerts mute 3f9c1a2b --this parent --this user --reason 'the backup'", "only of this user",
			"tripline alerts mute 3f9c1a2b --this process.working_directory --reason 'the build'", "by any field of an event",
		),
		Long: `The exception takes out events that are like one of the alert's in all that --this
names: ` + strings.Join(muteNames(), ", ") + `, or a field by its name.
What it would have hidden of the rule's alerts so far is said first: those with an
event that it takes out. Events that are taken out can not be part of a match, so that
of a sequence others may take their place.

It is written to a file beside the rule's, NAME.exceptions.toml, which is read with the
rule. That of a built-in rule goes to the folder exceptions of the data folder. A daemon
that runs takes it up by itself.

Exit codes: 0 done; 1 it did not work; 2 usage, or the alert has no such field.`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usage("`tripline alerts list` has the ids; the beginning of one is enough", "name one alert: %s", cmd.Use)
			case len(f.this) == 0:
				return usage("such as --this parent; see `tripline alerts mute --help`", "say with --this what to mute")
			case strings.TrimSpace(f.reason) == "":
				return usage("whoever finds the exception later wants to know", "say with --reason why")
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.alertsMute(f, args[0]) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	a.addDataFlag(cmd, &f.data)
	flags.StringArrayVar(&f.this, "this", nil, "`WHAT` of the alert to mute, again for more: all of them together")
	flags.Var(&f.span, "for", "how long, such as 30d or 12h; ever: without an end")
	flags.StringVar(&f.reason, "reason", "", "why, as `TEXT`")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what it would have hidden, show the exception, and write nothing")
	flags.StringArrayVarP(&f.rules, "rules", "r", nil, "where the rule is: a rule file or a folder of `RULES`, again for more (default: what the daemon runs, and the built-in rules)")
	mustComplete(cmd, "rules", completeRules)
	mustComplete(cmd, "this", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return muteNames(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func (a *app) alertsMute(f *alertsMuteFlags, id string) error {
	data, err := a.dataDir(f.data)
	if err != nil {
		return err
	}
	return a.withState(data, func(s *state.State) error {
		alerts, err := a.picked(s, []string{id})
		if err != nil {
			return err
		}
		one := alerts[0]
		events, err := a.eventsOf(s, one)
		if err != nil {
			return err
		}
		r, err := a.ruleOf(s, f, one)
		if err != nil {
			return err
		}
		entries, err := muteEntries(f.this, events)
		if err != nil {
			return err
		}
		m := &mute{
			alert: one, rule: r, entries: entries, reason: f.reason, by: a.me(), expires: f.span.end(a.Now()),
			path: muteFile(r, data),
		}
		text, item, err := m.text()
		if err != nil {
			return err
		}
		if err := a.sayHidden(s, one, r, item); err != nil {
			return err
		}
		if f.dryRun {
			a.printf("%s", m.item())
			a.flush()
			a.sayf("nothing written; it would go to %s", show.Escape(m.path))
			return nil
		}
		return a.writeMute(m, text)
	})
}

// eventsOf returns the events of an alert.
func (a *app) eventsOf(s *state.State, one *state.Alert) ([]*event.Document, error) {
	docs, err := s.Documents(a.ctx, one)
	if err != nil {
		return nil, failure("%v", err)
	}
	block, err := show.Read(docs.Alert)
	if err != nil {
		return nil, failure("%v", err)
	}
	return block.Events, nil
}

// ruleOf finds the rule of an alert among those that the daemon runs.
func (a *app) ruleOf(s *state.State, f *alertsMuteFlags, one *state.Alert) (*rule.Rule, error) {
	paths := f.rules
	if len(paths) == 0 {
		text, err := s.Setting(a.ctx, state.SettingRules)
		if err != nil {
			return nil, failure("%v", err)
		}
		if text != "" {
			if err := json.Unmarshal([]byte(text), &paths); err != nil {
				return nil, failure("read setting %s: %v", state.SettingRules, err)
			}
		}
		paths = append(paths, rule.BuiltinName)
	}
	set := rule.LoadWith(a.valueLists, paths...)
	i := slices.IndexFunc(set.Rules, func(r *rule.Rule) bool { return r.UUID() == one.Rule })
	if i < 0 {
		return nil, usage("name it with -r", "the rule %q of the alert is not among those of %s", one.Name, strings.Join(paths, ", "))
	}
	return set.Rules[i], nil
}

// muteFile is where the exceptions of a rule are written.
func muteFile(r *rule.Rule, data string) string {
	if name, builtin := strings.CutPrefix(r.Path, rule.BuiltinName+"/"); builtin {
		return rule.ExceptionsBeside(filepath.Join(exceptionsFolder(data), name))
	}
	return rule.ExceptionsBeside(r.Path)
}

// sayHidden says what an exception would have hidden of the alerts there are.
func (a *app) sayHidden(s *state.State, muted *state.Alert, r *rule.Rule, item *rule.Exception) error {
	fits, err := dropping(item.Query(), eql.CheckOptions{
		CategoryField: r.EventCategoryOverride, TimestampField: r.TimestampField, TiebreakerField: r.TiebreakerField,
	})
	if err != nil {
		return failure("check exception: %v", err)
	}
	var (
		all, hidden, open int
		self              bool
		newest            *state.Alert
	)
	err = s.Alerts(a.ctx, state.Filter{Rule: muted.Rule, BuildingBlocks: true}, 0, func(one *state.Alert) error {
		all++
		events, err := a.eventsOf(s, one)
		if err != nil {
			return err
		}
		if !hides(fits, events) {
			return nil
		}
		if hidden++; newest == nil {
			kept := *one
			newest = &kept
		}
		if one.Status == state.StatusOpen {
			open++
		}
		self = self || one.ID == muted.ID
		return nil
	})
	if err != nil {
		return err
	}
	if !self {
		return failure("the exception would not hide the alert itself: %s", item)
	}
	a.sayf("this would have hidden %s of %s of %q, %s of them open; the newest is %s of %s",
		show.Number(hidden), counted(all, "alert", "alerts"), show.Escape(muted.Name), show.Number(open),
		short(newest.ID), newest.At.Format(timeLayout))
	a.sayf("it takes out events with %s", show.Escape(item.String()))
	return nil
}

// hides says whether an exception takes out an event of an alert.
func hides(fits *reference.Program, events []*event.Document) bool {
	found, err := fits.Run(events)
	return err == nil && len(found.Events) > 0
}

// writeMute writes the file and says until when it holds.
func (a *app) writeMute(m *mute, text string) error {
	if err := os.MkdirAll(filepath.Dir(m.path), 0o755); err != nil { //nolint:gosec // exceptions are no secret
		return failure("write exception: %v", err)
	}
	file, err := createOutput(m.path, "exception")
	if err != nil {
		return err
	}
	defer file.discard()
	if _, err := file.WriteString(text); err != nil {
		return failure("write exception: %v", err)
	}
	if err := file.keep(); err != nil {
		return err
	}
	until := "for ever"
	if !m.expires.IsZero() {
		until = "until " + m.expires.Format(time.RFC3339)
	}
	a.sayf("muted %s; written to %s", until, show.Escape(m.path))
	return nil
}

// muteSpan is a flag that takes how long an exception holds.
type muteSpan struct {
	length time.Duration // 0: for ever
}

func (m *muteSpan) String() string { return "30d" }
func (m *muteSpan) Type() string   { return "TIME" }

func (m *muteSpan) Set(s string) error {
	if s == "ever" {
		m.length = 0
		return nil
	}
	d, err := duration(s)
	if err != nil || d <= 0 {
		return &badValue{reason: "is no length of time", hint: "write 30d, 12h, or ever"}
	}
	m.length = d
	return nil
}

func (m *muteSpan) end(now time.Time) time.Time {
	if m.length == 0 {
		return time.Time{}
	}
	return now.UTC().Add(m.length).Truncate(time.Second)
}
