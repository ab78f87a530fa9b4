package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/stream"
)

// What surrounds many alerts is what the whole input tells, however much their
// processes did.
func TestWhatCameAfterManyAlerts(t *testing.T) {
	const alerts = 300
	got, want, said := busy(t, alerts, 45) // together more than is read again at once
	if n := same(t, "many deeds", got, want); n != alerts || strings.Contains(said, "in part") {
		t.Errorf("%d alerts: %s", n, said)
	}
}

// That of one process is told in part if there is very much of it, and then that is
// told too.
func TestTooMuchCameAfterAnAlert(t *testing.T) {
	got, _, said := busy(t, 2, 10_100)
	if n := strings.Count(got.alerts, "\n"); n != 2 || !strings.Contains(said, "what came after 2 alerts is told in part: there is too much of it") {
		t.Errorf("%d alerts: %s", n, said)
	}
}

// busy scans events of so many processes that an alert is about, each of which
// starts so many others. It returns too what the oracle gives.
func busy(t *testing.T, alerts, deeds int) (got, want scanned, said string) {
	t.Helper()
	folder := t.TempDir()
	var events []string
	at := time.Date(2026, 2, 3, 9, 0, 0, 0, time.UTC)
	add := func(entity, parent, action, name string) {
		at = at.Add(time.Millisecond)
		events = append(events, fmt.Sprintf(`{"@timestamp":%q,"host":{"id":"h"},"event":{"id":"e%d","category":"process","action":%q},"process":{"entity_id":%q,"name":%q,"parent":{"entity_id":%q}}}`,
			at.Format(time.RFC3339Nano), len(events), action, entity, name, parent))
	}
	for n := range alerts {
		add(fmt.Sprint("p", n), "init", "exec", "nc")
		for i := range deeds {
			add(fmt.Sprintf("c%d-%d", n, i), fmt.Sprint("p", n), "fork", "sh")
		}
	}
	file, rules := filepath.Join(folder, "events.ndjson"), filepath.Join(folder, "rule.toml")
	save(t, file, strings.Join(events, "\n"))
	save(t, rules, watchRule("many", `process where process.name == "nc"`))
	set, err := readRules([]string{rules})
	if err != nil || len(set.ready) != 1 {
		t.Fatal(err, set.problems)
	}
	got, said, _ = scanBy(t, set, []string{file}, nil, nil)
	return got, oracle(t, set, documents(t, nil, file)), said
}

// The ancestors that a query shows for many results are those that all events
// tell: with a mapping, all of them are in memory.
func TestAncestorsOfManyResults(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "events.ndjson")
	save(t, filepath.Join(folder, "mapping.json"), `{"properties":{}}`)
	events := streamOf(t, builtins(t), stream.Options{Seed: 12, Events: 3000, Hosts: 4, Disorder: 20 * time.Second, Rate: 60})
	save(t, file, strings.Join(events, "\n"))
	query := `process where event.action == "exec"`
	got, said, code := command("query", query, file, "--format", "pretty")
	want, _, _ := command("query", query, file, "--format", "pretty", "--mapping", filepath.Join(folder, "mapping.json"))
	if code != exitOK || strings.Count(want, "\n") < 2*atOnce || !strings.Contains(want, " <- ") {
		t.Fatalf("exit code %d, %d lines: %s", code, strings.Count(want, "\n"), said)
	}
	if got != want {
		g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Errorf("line %d of %d:\n%s\nwant\n%s", i+1, len(w), g[i], w[i])
			}
		}
	}
}
