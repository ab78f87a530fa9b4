package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) rulesCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Check rule files",
		Example: examples(
			"tripline rules check rule.toml", "check a rule",
			"tripline rules check rules/ export.ndjson", "check a folder of rules and an export of Kibana",
		),
		Long: `PATH is a rule file (.toml, or Kibana's .json and .ndjson exports) or a folder of
them; builtin means the built-in ones. Exceptions among them are checked as well.
Each finding tells the file, line and column, the field and the reason.

Exit codes: 0 good, warnings or not; 1 a rule or an exception has an error; 2 usage.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name the rule files or folders to check")
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.rulesCheck(args) },
		ValidArgsFunction: completeRules,
	}
	a.addValueLists(cmd.Flags())
	return cmd
}

func (a *app) rulesCheck(paths []string) error {
	set, err := readRulesBy(paths, a.valueLists, prepare)
	if err != nil {
		return err
	}
	p, shown, warnings := a.palette(), newRuleFaults(), 0
	for _, problem := range set.problems {
		level := p.Bad("error")
		switch problem.Kind {
		case rule.KindSkipped:
			continue // counted below
		case rule.KindWarning:
			level = p.Severity(rule.Medium, "warning")
			warnings++
		}
		f := shown.of(problem)
		where := problem.Place() + ": "
		a.printf("%s%s: %s\n", show.Escape(where), level, show.EscapeLines(strings.TrimPrefix(f.reason, where)))
		if f.snippet != "" {
			a.printf("%s\n", f.snippet)
		}
		if f.hint != "" {
			a.printf("  hint: %s\n", show.EscapeLines(f.hint))
		}
	}
	summary := []string{p.Good(counted(len(set.ready), "rule", "rules") + " ok")}
	if text := set.skippedText(); text != "" {
		summary = append(summary, text)
	}
	if warnings > 0 {
		summary = append(summary, counted(warnings, "warning", "warnings"))
	}
	bad := show.Number(set.bad) + " bad"
	if set.bad > 0 {
		bad = p.Bad(bad)
	}
	if n := set.badExceptions; n > 0 {
		bad += ", " + p.Bad(counted(n, "bad exception", "bad exceptions"))
	}
	a.printf("%s\n", strings.Join(append(summary, bad), ", "))
	if set.bad+set.badExceptions > 0 {
		return ended(exitFailure)
	}
	return nil
}
