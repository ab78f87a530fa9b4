package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/ruletest"
	"github.com/tripline-sec/tripline/internal/show"
)

type toTestFlags struct {
	rules  []string
	output string
}

func (a *app) alertsToTestCommand() *cobra.Command {
	f := &toTestFlags{}
	cmd := &cobra.Command{
		Use:   "to-test [-r RULES]... FILE [FLAGS]",
		Short: "Write tests from alerts",
		Example: examples(
			"tripline alerts to-test alerts.ndjson", "show the tests of the built-in rule's alerts",
			"tripline alerts to-test -r rules/shell.toml -o rules/shell.test alerts.ndjson", "write the tests beside the rule",
		),
		Long: `FILE is what ` + "`tripline scan -o FILE`" + ` or --format ndjson wrote; - is standard input.
Each alert becomes a test: its events, with the fields that the rule's query
names and times counted from the first, and the alert that must come of them.

RULES are the rules that made the alerts. A test file is of one rule: alerts of
several rules are an error; take those of one with -r.

Exit codes: 0 done; 1 an alert could not be turned into a test; 2 usage, or FILE
is no file of alerts.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name one file of alerts")
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.alertsToTest(f, args[0]) },
		ValidArgsFunction: completeFiles,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.rules, "rules", "r", nil, "a rule file or a folder of `RULES`, again for more; builtin: all built-in ones (default: the seed rule)")
	flags.StringVarP(&f.output, "output", "o", "", "the test `FILE` to write; it must not be there yet")
	mustComplete(cmd, "rules", completeRules)
	return cmd
}

func (a *app) alertsToTest(f *toTestFlags, path string) error {
	alerts, err := a.readAlerts(path)
	if err != nil {
		return err
	}
	set, err := a.loadRules(f.rules)
	if err != nil {
		return err
	}
	var (
		subject *readyRule
		b       strings.Builder
		written = map[string]bool{}
		passed  int
	)
	for _, one := range alerts {
		i := slices.IndexFunc(set.ready, func(r *readyRule) bool {
			return r.rule.UUID() == one.RuleUUID || one.RuleID != "" && r.rule.RuleID == one.RuleID
		})
		if i < 0 {
			passed++
			continue
		}
		if subject != nil && subject != set.ready[i] {
			return usage("name the rule whose alerts to take: -r "+show.ShellWord(subject.rule.Path),
				"the alerts are of several rules, such as %q and %q", subject.rule.Name, set.ready[i].rule.Name)
		}
		subject = set.ready[i]
		program, err := subject.reference()
		if err != nil {
			return failure("%s: %v", subject.rule.Path, err)
		}
		text, err := ruletest.FromAlert("NAME", one, &ruletest.Ready{Rule: subject.rule, Query: subject.checked, Program: program})
		if err != nil {
			return failure("%s:%d: %v", path, one.Line, err)
		}
		if written[text] {
			continue
		}
		written[text] = true
		name := subject.rule.Name
		if len(written) > 1 {
			name = fmt.Sprintf("%s, alert %d", name, len(written))
		}
		b.WriteString("\n" + strings.Replace(text, "NAME", ruletest.OneLine(name), 1))
	}
	if subject == nil {
		return usage("name the rules that made the alerts with -r",
			"none of the alerts is of a rule that is loaded; the first is of %q", alerts[0].RuleName)
	}
	if passed > 0 {
		a.sayf("%s of other rules passed over", counted(passed, "alert", "alerts"))
	}
	return a.writeTest(f.output, subject, b.String())
}

// readAlerts reads a file of alerts, or standard input.
func (a *app) readAlerts(path string) ([]ruletest.Alert, error) {
	data, err := []byte(nil), error(nil)
	if path == "-" {
		data, err = io.ReadAll(a.Stdin)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, usage("name a file that `tripline scan -o FILE` wrote", "read alerts: %v", err)
	}
	alerts, err := ruletest.ReadAlerts(path, data)
	var problems ruletest.Problems
	if errors.As(err, &problems) {
		return nil, &fault{code: exitUsage, reason: problems[0].Error(), hint: problems[0].Hint}
	}
	return alerts, err
}

// writeTest writes a test file, with the rule named unless it stands beside it.
func (a *app) writeTest(output string, subject *readyRule, tests string) error {
	text := "# Written from an alert. Fields that the rule does not ask for are left out.\n"
	if strings.TrimSuffix(output, ruletest.Extension) != strings.TrimSuffix(subject.rule.Path, filepath.Ext(subject.rule.Path)) {
		text += "rule " + ruletest.FormatValue(ruleAsSeen(subject.rule.Path, output)) + "\n"
	}
	text += tests
	if output == "" {
		a.printf("%s", text)
		return nil
	}
	file, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // tests are no secret
	if errors.Is(err, os.ErrExist) {
		return usage("choose another name, or add the test by hand: leave -o out", "%s is there already", output)
	}
	if err != nil {
		return failure("write test: %v", err)
	}
	_, err = file.WriteString(text)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return failure("write test: %v", err)
	}
	a.sayf("wrote %s; run it with `tripline test %s`", show.Escape(output), show.ShellWord(output))
	return nil
}

// ruleAsSeen is a rule's path as a test file names it: relative to the test
// file, which without a name is taken to be here.
func ruleAsSeen(path, output string) string {
	if strings.HasPrefix(path, "builtin/") {
		return path
	}
	from, err := filepath.Abs(filepath.Dir(output))
	if err != nil {
		return filepath.ToSlash(path)
	}
	there, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	relative, err := filepath.Rel(from, there)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(relative)
}
