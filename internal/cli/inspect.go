package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/inspect"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/source"
)

type inspectFlags struct {
	rules  []string
	format choice
	fields choice
}

func (a *app) inspectCommand() *cobra.Command {
	f := &inspectFlags{
		format: choice{allowed: []string{"pretty", "json"}},
		fields: choice{value: "top", allowed: []string{"top", "all", "none"}},
	}
	cmd := &cobra.Command{
		Use:   "inspect [-r RULES]... [EVENTS...] [FLAGS]",
		Short: "See what events are, and which rules cannot match them",
		Example: examples(
			"tripline inspect logs/", "who sent these events, of which kinds, with which fields",
			"tripline inspect -r rules/ logs/", "which of these rules cannot match here, and why",
			"tripline inspect --fields all events.ndjson", "every field and its share of the events",
			"tripline inspect --format json events.ndjson | jq .categories", "the same for programs",
		),
		Long: inputHelp + `

A rule cannot match when no document is of an index that it reads, when a category
of events that it needs never comes, when a field that it needs is in no event of
that category, or when none of the values seen of event.action, event.type or
host.os.type will do. A rule that is not named may match or not: tripline explain
tells of one rule what is amiss.

Events are counted and not kept, so that the input may be of any size.

Exit codes: 0 done; 2 usage, or a rule did not load; 3 part of the input was not
read.`,
		GroupID: groupJudge,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.inspect(f, args)
		},
		ValidArgsFunction: completeFiles,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.rules, "rules", "r", nil, "a rule file or a folder of `RULES`, again for more; builtin: all built-in ones (default: the seed rule)")
	flags.Var(&f.fields, "fields", "which fields to show: the most frequent, all or none")
	flags.Var(&f.format, "format", "how to print (default: pretty)")
	mustComplete(cmd, "rules", completeRules)
	mustComplete(cmd, "fields", f.fields.complete)
	mustComplete(cmd, "format", f.format.complete)
	return cmd
}

// inspection is a report with what the reading has to add.
type inspection struct {
	inspect.Report
	Unreadable map[source.Class]int `json:"unreadable"` // by reason
	Files      int                  `json:"files"`
	Bytes      int64                `json:"bytes"`
}

func (a *app) inspect(f *inspectFlags, named []string) error {
	paths, err := a.eventPaths(named, "tripline inspect")
	if err != nil {
		return err
	}
	set, err := a.loadRules(f.rules)
	if err != nil {
		return err
	}
	inspector := inspect.New(set.inspected(), inspect.Options{})
	stats, err := a.read(paths, a.Stdin, func(item source.Item) { inspector.Take(item.Document) })
	if err != nil {
		return err
	}
	found := inspection{Report: inspector.Report(), Unreadable: stats.Problems, Files: stats.Files, Bytes: stats.Bytes}
	switch f.format.value {
	case "json":
		encoder := json.NewEncoder(a.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if f.fields.value == "none" {
			found.Fields = []inspect.Field{}
		}
		if err := encoder.Encode(found); err != nil && !a.gone() {
			return fmt.Errorf("write report: %w", err)
		}
	default:
		t := &inspectTeller{app: a, palette: a.palette(), width: a.Width}
		if t.width <= 0 {
			t.width = show.DefaultWidth
		}
		t.tell(found, f.fields.value, set)
	}
	for _, note := range inputNotes(stats) {
		a.sayf("%s", note)
	}
	code := exitOK
	if set.bad > 0 {
		a.sayf("%s did not load", counted(set.bad, "rule", "rules"))
		code = worst(code, exitUsage)
	}
	if stats.BadTotal() > 0 {
		code = worst(code, exitIncomplete)
	}
	return ended(code)
}

// inspectTeller tells people what was found.
type inspectTeller struct {
	*app
	palette show.Palette
	width   int
}

// What is shown of long lists where not all is asked for.
const (
	mostListed      = 8
	mostActions     = 8
	mostFieldsShown = 20
)

func (t *inspectTeller) tell(r inspection, fields string, set *ruleSet) {
	t.line("events", fmt.Sprintf("%s in %s", show.Number(r.Documents), counted(r.Files, "file", "files")))
	if r.Documents == 0 {
		t.unreadable(r)
		return
	}
	if r.First != "" {
		span := r.First + " to " + r.Last
		if r.First == r.Last {
			span = r.First
		}
		if r.NoTimestamp > 0 {
			span += fmt.Sprintf("  (%s without @timestamp)", show.Number(r.NoTimestamp))
		}
		t.line("time", span)
	} else {
		t.line("time", "no event has @timestamp")
	}
	t.line("sources", t.counts(r.Sources, "no agent named"))
	t.line("datasets", t.counts(r.Datasets, "none named"))
	t.line("streams", t.counts(r.Streams, "none named"))
	t.line("ecs", t.counts(r.ECS, "no version named"))
	t.line("hosts", t.counts(r.Hosts, "none named"))
	t.unreadable(r)
	t.head("categories and actions")
	for _, c := range r.Categories {
		name := cmp.Or(c.Name, "(no category)")
		t.printf("  %-16s %8s  %s\n", show.Cut(show.Escape(name), 16), show.Number(c.Count.Count), t.list(c.Actions, "no action", mostActions, t.width-30))
	}
	t.fields(r, fields)
	t.blocked(r, set)
	if r.Unlisted {
		t.printf("\n%s\n", t.palette.Dim("There is more of some of this than is counted by name."))
	}
}

func (t *inspectTeller) head(text string) { t.printf("\n%s\n", t.palette.Bold(text)) }

func (t *inspectTeller) line(label, text string) {
	t.printf("%s %s\n", t.palette.Bold(fmt.Sprintf("%-9s", label)), text)
}

func (t *inspectTeller) unreadable(r inspection) {
	if len(r.Unreadable) > 0 {
		t.line("unread", strings.TrimPrefix(inputNotes(source.Stats{Problems: r.Unreadable})[0], "bad input: "))
	}
}

func (t *inspectTeller) counts(list []inspect.Count, nameless string) string {
	return t.list(list, nameless, mostListed, t.width-10)
}

// list is names and counts, as many as fit in a line and at most so many.
func (t *inspectTeller) list(list []inspect.Count, nameless string, most, room int) string {
	text := ""
	for i, c := range list {
		name := nameless
		if c.Name != "" {
			name = show.Escape(c.Name)
		}
		next := fmt.Sprintf("%s (%s)", name, show.Number(c.Count))
		if i > 0 && (i >= most || show.Columns(text)+2+show.Columns(next) > room-len(", and 999 more")) {
			return text + fmt.Sprintf(", and %s more", show.Number(len(list)-i))
		}
		if i > 0 {
			text += ", "
		}
		text += next
	}
	return text
}

func (t *inspectTeller) fields(r inspection, which string) {
	shown := len(r.Fields)
	switch which {
	case "none":
		return
	case "top":
		shown = min(shown, mostFieldsShown)
	}
	t.head("fields, by their share of the events")
	for _, f := range r.Fields[:shown] {
		t.printf("  %6.1f %%  %s\n", 100*f.Share, show.Escape(f.Name))
	}
	if more := len(r.Fields) - shown; more > 0 {
		t.printf("  %s\n", t.palette.Dim(fmt.Sprintf("%s more: --fields all shows them", show.Number(more))))
	}
}

func (t *inspectTeller) blocked(r inspection, set *ruleSet) {
	if len(r.Blocked) == 0 {
		t.head(fmt.Sprintf("%s: nothing here keeps %s from matching",
			counted(r.Rules, "rule", "rules"), map[bool]string{true: "it", false: "any of them"}[r.Rules == 1]))
		return
	}
	t.head(fmt.Sprintf("%s of %s cannot match here", show.Number(len(r.Blocked)), counted(r.Rules, "rule", "rules")))
	for _, b := range r.Blocked {
		where := ""
		if b.Stage > 0 && len(set.ready[b.Rule].Stages()) > 1 {
			where = fmt.Sprintf("stage %d: ", b.Stage)
		}
		t.printf("  %s  %s\n", show.Escape(b.Name), t.palette.Dim(where+show.Escape(b.Reason.Text)))
	}
}
