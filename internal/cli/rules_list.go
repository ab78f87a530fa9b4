package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) rulesListCommand() *cobra.Command {
	format := choice{allowed: []string{"pretty", "ndjson", "json"}}
	cmd := &cobra.Command{
		Use:   "list [PATH...]",
		Short: "List rules in a table, the built-in ones if none is named",
		Example: examples(
			"tripline rules list rules/", "what is in a folder of rules",
			`tripline rules list --format ndjson rules/ | jq -r 'select(.test == null) | .file'`, "the rules that have no test",
		),
		Long: `PATH is a rule file or a folder of them. The columns are the severity, the form of
the query, its maxspan, the number of fields it reads, whether a .test file of the
same name lies beside the rule, its name, its join keys and its index patterns. The
JSON forms have all fields by name.

Exit codes: 0 listed; 1 a rule could not be read; 2 usage.`,
		RunE:              func(_ *cobra.Command, args []string) error { return a.rulesList(args, format) },
		ValidArgsFunction: completeRules,
	}
	cmd.Flags().Var(&format, "format", "how to print (default: pretty on a terminal, else ndjson)")
	mustComplete(cmd, "format", format.complete)
	return cmd
}

// listedRule is a row of the list.
type listedRule struct {
	Name     string   `json:"name"`
	RuleID   string   `json:"rule_id"`
	Severity string   `json:"severity"`
	Risk     int      `json:"risk_score"`
	Query    string   `json:"query"`  // event, sequence or sample
	Stages   int      `json:"stages"` // events that make a match
	Indices  []string `json:"indices"`
	MaxSpan  string   `json:"maxspan,omitempty"`
	Keys     []string `json:"keys"`
	Fields   []string `json:"fields"`
	Tags     []string `json:"tags"`
	Test     *string  `json:"test"` // the file with its tests
	File     string   `json:"file"`
}

func (a *app) rulesList(paths []string, format choice) error {
	if len(paths) == 0 {
		paths = []string{rule.BuiltinName}
	}
	set, err := readRules(paths)
	if err != nil {
		return err
	}
	list := make([]listedRule, len(set.ready))
	for i, ready := range set.ready {
		list[i] = newListedRule(ready)
	}
	switch format.or(a.StdoutTerminal, "pretty", "ndjson") {
	case "pretty":
		a.listTable(list)
	case "json":
		err = a.writeJSON(list)
	default:
		err = writeLines(a.out, list)
	}
	if err != nil && !a.gone() {
		return fmt.Errorf("write rules: %w", err)
	}
	return a.unread(set)
}

// writeLines prints values as NDJSON.
func writeLines[T any](to io.Writer, list []T) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	for _, one := range list {
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return nil
}

// unread tells of the rules that could not be read.
func (a *app) unread(set *ruleSet) error {
	shown := newRuleFaults()
	for _, p := range set.problems {
		if p.Kind == rule.KindError {
			a.show("error", shown.of(p))
		}
	}
	if text := set.skippedText(); text != "" {
		a.sayf("%s", text)
	}
	if set.bad+set.badExceptions > 0 {
		return ended(exitFailure)
	}
	return nil
}

// writeJSON prints a value for people and programs alike.
func (a *app) writeJSON(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

func newListedRule(ready *readyRule) listedRule {
	r := ready.rule
	l := listedRule{
		Name: r.Name, RuleID: r.RuleID, Severity: string(r.Severity), Risk: r.RiskScore,
		Indices: r.Patterns(), Keys: []string{}, Tags: append([]string{}, r.Tags...), File: r.Path, Test: testBeside(r.Path),
	}
	fields := map[string]bool{}
	note := func(keys []*eql.Field) {
		for _, k := range keys {
			fields[k.Name()] = true
			if !slices.Contains(l.Keys, k.Name()) {
				l.Keys = append(l.Keys, k.Name())
			}
		}
	}
	terms := func(terms []*eql.Term) {
		for _, t := range terms {
			l.Stages += t.Runs
			note(t.Keys)
			eql.Walk(t.Filter.Condition, noteFields(fields))
		}
	}
	switch b := ready.parsed.Body.(type) {
	case *eql.Filter:
		l.Query, l.Stages = "event", 1
		eql.Walk(b.Condition, noteFields(fields))
	case *eql.Sequence:
		l.Query = "sequence"
		note(b.Keys)
		terms(b.Terms)
		if b.MaxSpan != nil {
			l.MaxSpan = strconv.FormatInt(b.MaxSpan.Count, 10) + b.MaxSpan.Unit
		}
		if b.Until != nil {
			eql.Walk(b.Until.Filter.Condition, noteFields(fields))
		}
	case *eql.Sample:
		l.Query = "sample"
		note(b.Keys)
		terms(b.Terms)
	}
	for name := range fields {
		l.Fields = append(l.Fields, name)
	}
	slices.Sort(l.Fields)
	return l
}

func noteFields(fields map[string]bool) func(eql.Expr) {
	return func(e eql.Expr) {
		if f, ok := e.(*eql.Field); ok {
			fields[f.Name()] = true
		}
	}
}

// testBeside returns the file with a rule's tests; nil if there is none.
func testBeside(path string) *string {
	beside := strings.TrimSuffix(path, filepath.Ext(path)) + ".test"
	_, err := os.Stat(beside)
	if name, builtin := strings.CutPrefix(beside, "builtin/"); err != nil && builtin {
		_, err = fs.Stat(rule.BuiltinFiles(), name)
	}
	if err != nil {
		return nil
	}
	return &beside
}

// listTable prints the rules in columns. What is longest stands last, and is cut
// to the width of a terminal.
func (a *app) listTable(list []listedRule) {
	const nameRoom, keyRoom = 60, 40
	rows := [][]string{{"SEVERITY", "QUERY", "MAXSPAN", "FIELDS", "TEST", "NAME", "KEYS", "INDICES"}}
	for _, l := range list {
		test := "no"
		if l.Test != nil {
			test = "yes"
		}
		query := l.Query
		if l.Query != "event" {
			query += " of " + strconv.Itoa(l.Stages)
		}
		rows = append(rows, []string{
			l.Severity, query, cmp.Or(l.MaxSpan, "-"), strconv.Itoa(len(l.Fields)), test, show.Cut(show.Escape(l.Name), nameRoom),
			show.Cut(show.Escape(cmp.Or(strings.Join(l.Keys, ", "), "-")), keyRoom), show.Escape(strings.Join(l.Indices, ", ")),
		})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], show.Columns(text))
		}
	}
	p := a.palette()
	for n, row := range rows {
		line := ""
		for i, text := range row {
			if i < len(row)-1 {
				text += strings.Repeat(" ", widths[i]-show.Columns(text)+2)
			}
			line += text
		}
		if line = strings.TrimRight(line, " "); a.Width > 0 {
			line = show.Cut(line, a.Width)
		}
		if head := row[0]; n == 0 {
			line = p.Bold(line)
		} else {
			line = p.Severity(rule.Severity(head), head) + strings.TrimPrefix(line, head)
		}
		a.printf("%s\n", line)
	}
	a.sayf("%s", counted(len(list), "rule", "rules"))
}
