package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/lint"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

type lintFlags struct {
	format         choice
	codes, disable []string
}

func (a *app) rulesLintCommand() *cobra.Command {
	f := &lintFlags{format: choice{value: "pretty", allowed: []string{"pretty", "json", "sarif"}}}
	cmd := &cobra.Command{
		Use:   "lint PATH...",
		Short: "Look for what is wrong or doubtful in rules",
		Example: examples(
			"tripline rules lint rules/", "look at a folder of rules",
			"tripline rules lint --disable T050,T052 rules/", "leave some findings out",
			"tripline rules lint --code T030 rules/", "only patterns where none is looked for",
			"tripline rules lint --format sarif rules/ > lint.sarif", "findings for a forge or an editor",
		),
		Long: `PATH is a rule file (.toml, or Kibana's .json and .ndjson exports) or a folder of
them. An error is a rule that does not run or can never match, a warning what is
probably not meant, a note what is worth knowing. The codes are:

` + lintCodes() + `

Exit codes: 0 good, warnings and notes or not; 1 an error was found; 2 usage.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name the rule files or folders to look at")
			}
			return a.rulesLint(f, args)
		},
		ValidArgsFunction: completeRules,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.format, "format", "how to print")
	flags.StringSliceVar(&f.codes, "code", nil, "show only findings of these `CODES`, with commas between")
	flags.StringSliceVar(&f.disable, "disable", nil, "leave out findings of these `CODES`")
	mustComplete(cmd, "format", f.format.complete)
	for _, flag := range []string{"code", "disable"} {
		mustComplete(cmd, flag, completeCodes)
	}
	return cmd
}

func lintCodes() string {
	var lines []string
	for _, c := range lint.Checks() {
		lines = append(lines, fmt.Sprintf("  %s %-8s %s", c.Code, c.Severity, c.Name))
	}
	return strings.Join(lines, "\n")
}

func completeCodes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var codes []string
	for _, c := range lint.Checks() {
		codes = append(codes, c.Code+"\t"+c.Name)
	}
	return codes, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) rulesLint(f *lintFlags, paths []string) error {
	for flag, list := range map[string][]string{"code": f.codes, "disable": f.disable} {
		for i, code := range list {
			list[i] = strings.ToUpper(strings.TrimSpace(code))
			if _, ok := lint.Lookup(list[i]); !ok {
				return usage("tripline rules lint --help lists the codes", "--%s %s: there is no such code", flag, show.ShellWord(code))
			}
		}
	}
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil && path != rule.BuiltinName {
			return usage("name rule files or folders of them", "read rules: %s: %s", path, pathless(err))
		}
	}
	set := rule.LoadAll(paths...)
	findings := slices.DeleteFunc(lint.Rules(set), func(x lint.Finding) bool {
		return len(f.codes) > 0 && !slices.Contains(f.codes, x.Code) || slices.Contains(f.disable, x.Code)
	})
	var err error
	switch f.format.value {
	case "json":
		err = a.writeJSON(newLintReport(set, findings))
	case "sarif":
		err = a.writeJSON(a.newSarif(findings))
	default:
		a.lintPretty(set, findings)
	}
	if err != nil && !a.gone() {
		return fmt.Errorf("write findings: %w", err)
	}
	if slices.ContainsFunc(findings, func(x lint.Finding) bool { return x.Severity == lint.Error }) {
		return ended(exitFailure)
	}
	return nil
}

// lintPretty prints findings for people, each with its line of the file.
func (a *app) lintPretty(set *rule.Set, findings []lint.Finding) {
	p, texts := a.palette(), newRuleFaults()
	counts := map[lint.Severity]int{}
	for i := range findings {
		f := &findings[i]
		counts[f.Severity]++
		level := f.Severity.String()
		switch f.Severity {
		case lint.Error:
			level = p.Bad(level)
		case lint.Warning:
			level = p.Severity(rule.Medium, level)
		case lint.Note:
			level = p.Severity(rule.Low, level)
		}
		a.printf("%s: %s %s: %s\n", show.Escape(f.Place()), level, f.Code, show.EscapeLines(f.Message))
		if f.Line > 0 {
			if snippet := eql.Snippet(texts.text(f.Path), f.Line, f.Col); snippet != "" {
				a.printf("%s\n", snippet)
			}
		}
		if f.Hint != "" {
			a.printf("  hint: %s\n", show.EscapeLines(f.Hint))
		}
	}
	summary := []string{
		counted(len(set.Rules), "rule", "rules"), counted(counts[lint.Error], "error", "errors"),
		counted(counts[lint.Warning], "warning", "warnings"), counted(counts[lint.Note], "note", "notes"),
	}
	if n := set.Count(rule.KindSkipped); n > 0 {
		summary = append(summary, counted(n, "rule or file", "rules or files")+" skipped")
	}
	a.printf("%s\n", strings.Join(summary, ", "))
}
