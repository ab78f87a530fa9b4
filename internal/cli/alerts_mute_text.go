package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/value"
)

// muteKinds are what --this may name, and the fields it stands for: of each list the
// first that the event has.
var muteKinds = map[string][][]string{
	"name":        {{"process.name"}},
	"executable":  {{"process.executable"}},
	"args":        {{"process.args", "process.command_line"}},
	"parent":      {{"process.parent.executable", "process.parent.name"}},
	"user":        {{"user.name", "user.id"}},
	"host":        {{"host.name", "host.id"}},
	"destination": {{"destination.ip"}, {"destination.port"}},
	"file":        {{"file.path"}},
	"domain":      {{"dns.question.name"}},
	"hash":        {{"process.hash.sha256", "file.hash.sha256"}},
}

// muteNames are the names of the kinds.
func muteNames() []string { return slices.Sorted(maps.Keys(muteKinds)) }

// muteEntry is one test of the exception.
type muteEntry struct{ field, value string }

// muteEntries are the tests that an event of an alert passes by what is named. All of
// it must be of one event, since an exception looks at one at a time.
func muteEntries(this []string, events []*event.Document) ([]muteEntry, error) {
	var missing string
	for _, doc := range events {
		entries, lacks := entriesOf(this, doc)
		if lacks == "" {
			return entries, nil
		}
		missing = cmp.Or(missing, lacks)
	}
	for _, name := range this {
		if _, known := muteKinds[name]; !known && !strings.Contains(name, ".") {
			return nil, usage(cmp.Or(didYouMean(name, muteNames()), "or the name of a field"),
				"--this %s: must be %s", show.ShellWord(name), orList(muteNames()))
		}
	}
	if len(this) > 1 {
		return nil, usage("an exception looks at one event at a time: name less", "no event of the alert has all of %s", strings.Join(this, ", "))
	}
	return nil, usage("`tripline alerts show --format json` shows what its events have", "no event of the alert has %s", show.ShellWord(missing))
}

// entriesOf are the tests of one event; lacks is what it does not have.
func entriesOf(this []string, doc *event.Document) (entries []muteEntry, lacks string) {
	for _, name := range this {
		fields, known := muteKinds[name]
		if !known {
			fields = [][]string{{name}}
		}
		for _, either := range fields {
			found := false
			for _, field := range either {
				for _, v := range doc.Values(field) {
					if text := v.Text(); v.Kind() != value.Null && !slices.Contains(entries, muteEntry{field, text}) {
						entries = append(entries, muteEntry{field, text})
					}
					found = true
				}
				if found {
					break
				}
			}
			if !found {
				return nil, name
			}
		}
	}
	return entries, ""
}

// mute is an exception that is made from an alert.
type mute struct {
	alert   *state.Alert
	rule    *rule.Rule
	entries []muteEntry
	reason  string
	by      state.By
	expires time.Time // zero: never
	path    string
	id      string
}

// listID is the exception list of a rule that mutes go to.
func (m *mute) listID() string { return "tripline-" + m.rule.RuleID }

// text is the file with the exception in it, and the exception as it is read from it.
func (m *mute) text() (string, *rule.Exception, error) {
	m.id = "mute-" + uuid.NewString()
	data, err := os.ReadFile(m.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, failure("read exceptions: %v", err)
	}
	text := string(data)
	before := rule.ReadTOML(m.path, data)
	known := slices.ContainsFunc(before.Lists, func(l *rule.ExceptionContainer) bool { return l.ListID == m.listID() })
	if text != "" && (before.Count(rule.KindError) > 0 || len(before.Rules) > 0) {
		return "", nil, usage("`tripline rules check "+show.ShellWord(m.path)+"` says what is wrong", "%s is no file of exceptions that one could be added to", m.path)
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if !known {
		text += m.container()
	}
	text += "\n" + m.item()
	after := rule.ReadTOML(m.path, []byte(text))
	i := slices.IndexFunc(after.Items, func(e *rule.Exception) bool { return e.ItemID == m.id })
	if after.Count(rule.KindError) > 0 || i < 0 || after.Items[i].Query() == nil {
		return "", nil, failure("the exception can not be written so that it is read again: %v", after.Problems)
	}
	return text, after.Items[i], nil
}

// container is the list that the items are in. It names its rule, so that the rule
// need not name it.
func (m *mute) container() string {
	return fmt.Sprintf(`# Exceptions written by tripline alerts mute.
[[exceptions]]
[exceptions.container]
name = %s
list_id = %s
type = "rule_default"
namespace_type = "single"
tags = [%s]
`, tomlText("Muted alerts of "+m.rule.Name), tomlText(m.listID()), tomlText(rule.RuleTag+m.rule.RuleID))
}

// item is the exception. It names its list, so that it may stand behind any other.
func (m *mute) item() string {
	var b strings.Builder
	var of []string
	for _, e := range m.entries {
		of = append(of, e.value)
	}
	fmt.Fprintf(&b, `[[exceptions.items]]
item_id = %s
list_id = %s
namespace_type = "single"
name = %s
description = %s
`, tomlText(m.id), tomlText(m.listID()), tomlText("Muted: "+show.Cut(strings.Join(of, " "), 60)), tomlText(m.reason))
	fmt.Fprintf(&b, "# by %s at %s, from alert %s\n", strings.ReplaceAll(show.Escape(m.by.User), "\n", " "), m.by.At.Format(time.RFC3339), m.alert.ID)
	if !m.expires.IsZero() {
		fmt.Fprintf(&b, "expire_time = %s\n", m.expires.Format(time.RFC3339))
	}
	for _, e := range m.entries {
		fmt.Fprintf(&b, "[[exceptions.items.entries]]\nfield = %s\noperator = \"included\"\ntype = \"match\"\nvalue = %s\n", tomlText(e.field), tomlText(e.value))
	}
	return b.String()
}

// tomlText writes text as TOML does.
func tomlText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
