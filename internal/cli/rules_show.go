package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) rulesShowCommand() *cobra.Command {
	format := choice{value: "pretty", allowed: []string{"pretty", "json", "ndjson"}}
	cmd := &cobra.Command{
		Use:   "show [PATH...]",
		Short: "Show rules, the built-in one if none is named",
		Example: examples(
			"tripline rules show", "show the built-in rule",
			"tripline rules show rules/", "show the rules of a folder",
			"tripline rules show --format ndjson rules/ > rules.ndjson", "turn rules into Kibana's form",
		),
		Long: `The query is shown in the printer's spelling: what Tripline has understood. The JSON
forms are Kibana's, with every default filled in and the query as it is written.

Exit codes: 0 shown; 1 a rule could not be read; 2 usage.`,
		RunE:              func(_ *cobra.Command, args []string) error { return a.rulesShow(args, format.value) },
		ValidArgsFunction: completeRules,
	}
	a.addValueLists(cmd.Flags())
	cmd.Flags().Var(&format, "format", "how to print")
	mustComplete(cmd, "format", format.complete)
	return cmd
}

func (a *app) rulesShow(paths []string, format string) error {
	set, err := builtinRules()
	if len(paths) > 0 {
		set, err = readRulesBy(paths, a.valueLists, prepare)
	}
	if err != nil {
		return err
	}
	if format != "pretty" {
		if err := a.showJSON(set, format); err != nil && !a.gone() {
			return fmt.Errorf("write rules: %w", err)
		}
		return a.unread(set)
	}
	for i, ready := range set.ready {
		if i > 0 {
			a.printf("\n")
		}
		a.showRule(ready)
	}
	return a.unread(set)
}

// showJSON prints rules as Kibana's export has them: one in JSON alone, several as
// a list, or, as NDJSON, one a line.
func (a *app) showJSON(set *ruleSet, format string) error {
	rules := make([]*rule.Rule, len(set.ready))
	for i, ready := range set.ready {
		rules[i] = ready.rule
	}
	switch {
	case format == "json" && len(rules) == 1:
		return a.writeJSON(rules[0])
	case format == "json":
		return a.writeJSON(rules)
	}
	return writeLines(a.out, rules)
}

func (a *app) showRule(ready *readyRule) {
	r, p := ready.rule, a.palette()
	a.printf("%s\n", p.Bold(show.Escape(r.Name)))
	row := func(label, text string) {
		if text != "" {
			a.printf("  %-12s %s\n", label, show.Escape(text))
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
	row("filters", r.FilterText())
	for _, e := range r.Exceptions {
		row("exception", exceptionText(e, time.Now()))
	}
	for _, text := range []string{r.Description, r.Note} {
		if text = strings.TrimSpace(text); text != "" {
			a.printf("\n%s\n", indent(show.EscapeLines(text), "  "))
		}
	}
	a.printf("\n%s\n", indent(show.EscapeLines(ready.parsed.String()), "  "))
}

// exceptionText is an exception in a line: its name, what is not as usual about
// it, and its condition.
func exceptionText(e *rule.Exception, at time.Time) string {
	text := e.Name
	switch {
	case e.Unprocessed != "":
		return text + " (not applied: " + e.Unprocessed + ")"
	case !e.Applies(at):
		text += " (expired " + e.Expires.Format(time.DateOnly) + ")"
	case !e.Expires.IsZero():
		text += " (until " + e.Expires.Format(time.DateOnly) + ")"
	}
	if e.Scope.Kind != rule.ScopeEvent {
		text += " (" + e.Scope.String() + ")"
	}
	return text + ": " + shortened(e.String())
}

// shortened cuts a condition that a long list of values is in.
func shortened(text string) string {
	const most = 300
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " ..."
	}
	return text
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
