package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
)

func (a *app) rulesShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show [PATH...]",
		Short: "Show rules, the built-in one if none is named",
		Example: examples(
			"tripline rules show", "show the built-in rule",
			"tripline rules show rules/", "show the rules of a folder",
		),
		Long: `The query is shown in the printer's spelling: what Tripline has understood.

Exit codes: 0 shown; 1 a rule could not be read; 2 usage.`,
		RunE:              func(_ *cobra.Command, args []string) error { return a.rulesShow(args) },
		ValidArgsFunction: completeRules,
	}
}

func (a *app) rulesShow(paths []string) error {
	set, err := builtinRules()
	if len(paths) > 0 {
		set, err = readRules(paths)
	}
	if err != nil {
		return err
	}
	for i, ready := range set.ready {
		if i > 0 {
			a.printf("\n")
		}
		a.showRule(ready)
	}
	shown := newRuleFaults()
	for _, p := range set.problems {
		if p.Kind == rule.KindError {
			a.show("error", shown.of(p))
		}
	}
	if text := set.skippedText(); text != "" {
		a.sayf("%s", text)
	}
	if set.bad > 0 {
		return ended(exitFailure)
	}
	return nil
}

func (a *app) showRule(ready *readyRule) {
	r, p := ready.rule, a.palette()
	a.printf("%s\n", p.bold(escape(r.Name)))
	row := func(label, text string) {
		if text != "" {
			a.printf("  %-12s %s\n", label, escape(text))
		}
	}
	row("severity", fmt.Sprintf("%s, risk score %d", r.Severity, r.RiskScore))
	row("rule id", fmt.Sprintf("%s, version %d", r.RuleID, r.Version))
	row("author", strings.Join(r.Author, ", "))
	row("license", r.License)
	row("tags", strings.Join(r.Tags, ", "))
	row("threat", threats(r))
	row("indices", strings.Join(r.Patterns(), ", "))
	row("schedule", fmt.Sprintf("every %s, over %s to %s, at most %s a run", r.Interval, r.From, r.To, counted(r.MaxSignals, "alert", "alerts")))
	row("time field", r.TimestampField)
	row("tiebreaker", r.TiebreakerField)
	row("category", r.EventCategoryOverride)
	row("file", r.Path)
	for _, text := range []string{r.Description, r.Note} {
		if text = strings.TrimSpace(text); text != "" {
			a.printf("\n%s\n", indent(escapeLines(text), "  "))
		}
	}
	a.printf("\n%s\n", indent(escapeLines(ready.parsed.String()), "  "))
}

// threats names a rule's tactics and techniques.
func threats(r *rule.Rule) string {
	var all []string
	for _, t := range r.Threat {
		text := t.Tactic.Name
		for _, technique := range t.Technique {
			text += fmt.Sprintf(", %s %s", technique.ID, technique.Name)
			for _, sub := range technique.Subtechnique {
				text += fmt.Sprintf(", %s %s", sub.ID, sub.Name)
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func indent(text, by string) string {
	return by + strings.ReplaceAll(text, "\n", "\n"+by)
}
