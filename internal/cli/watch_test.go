package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// watched is a `--watch` command that runs beside the test.
type watched struct {
	tb     testing.TB
	said   *bufio.Reader // its stderr
	out    *os.File      // its stdout
	cancel context.CancelFunc
	ended  chan int
}

// watchFor bounds how long a test waits that has failed.
const watchFor = 60 * time.Second

func startWatch(tb testing.TB, args ...string) *watched {
	tb.Helper()
	out, err := os.Create(filepath.Join(tb.TempDir(), "stdout"))
	if err != nil {
		tb.Fatal(err)
	}
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	w := &watched{tb: tb, said: bufio.NewReader(reader), out: out, cancel: cancel, ended: make(chan int, 1)}
	e := &Env{
		Program: "tripline", Args: args, Stdin: strings.NewReader(""), Stdout: out, Stderr: writer,
		Getenv: func(string) string { return "" }, Now: time.Now,
	}
	go func() {
		code := e.Run(ctx)
		writer.Close()
		w.ended <- code
	}()
	tb.Cleanup(func() {
		cancel()
		go io.Copy(io.Discard, reader) //nolint:errcheck // so that the command can end
		<-w.ended
		out.Close()
	})
	return w
}

// round returns what was said up to the end of a round.
func (w *watched) round() string {
	w.tb.Helper()
	late := time.AfterFunc(watchFor, w.cancel)
	defer late.Stop()
	var all strings.Builder
	for {
		line, err := w.said.ReadString('\n')
		all.WriteString(line)
		if err != nil {
			w.tb.Fatalf("the watch has ended: %v\n%s", err, all.String())
		}
		if strings.Contains(line, "watching for the next save") {
			return all.String()
		}
	}
}

// replace saves a file as editors do: written beside, then renamed over.
func replace(tb testing.TB, path, text string) {
	tb.Helper()
	beside := filepath.Join(filepath.Dir(path), ".save")
	if err := os.WriteFile(beside, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(beside, path); err != nil {
		tb.Fatal(err)
	}
}

func watchRule(id, query string) string {
	return fmt.Sprintf(`[rule]
name = "Rule %s"
description = "x"
type = "eql"
language = "eql"
rule_id = "%s"
severity = "low"
risk_score = 21
query = '''%s'''
`, id, id, query)
}

func watchEvent(n int, name string) string {
	return fmt.Sprintf(`{"@timestamp":"2026-01-01T00:00:%02dZ","event":{"category":"process","type":"start","id":"%s-%d"},"process":{"name":"%s","entity_id":"%s-%d"}}`+"\n", n, name, n, name, name, n)
}

func want(tb testing.TB, text string, parts ...string) {
	tb.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			tb.Errorf("%q was not said in\n%s", part, text)
		}
	}
}

// Each save of a rule or an event file is judged, and what it did not touch
// counts as before.
func TestScanWatch(t *testing.T) {
	dir := t.TempDir()
	rules, events := filepath.Join(dir, "rules"), filepath.Join(dir, "events")
	for _, folder := range []string{rules, events} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	one, two := filepath.Join(rules, "one.toml"), filepath.Join(rules, "two.toml")
	a, b := filepath.Join(events, "a.ndjson"), filepath.Join(events, "b.ndjson")
	replace(t, one, watchRule("one", `process where process.name == "nc"`))
	replace(t, two, watchRule("two", `sequence [process where process.name == "nc"] [process where process.name == "sh"]`))
	replace(t, a, watchEvent(1, "nc"))
	replace(t, b, watchEvent(2, "sh"))

	w := startWatch(t, "scan", "--watch", "--format", "ndjson", "-r", rules, events)
	want(t, w.round(), "2 events by 2 rules", ": 2 alerts (2 low)")

	replace(t, one, watchRule("one", `process where process.name in ("nc", "sh")`))
	want(t, w.round(), "saved: "+one, "2 events by 2 rules", ": 3 alerts (3 low)", "since the last save: 1 new alert, 0 gone")

	// An event more at the front moves those behind it.
	replace(t, a, watchEvent(0, "nc")+watchEvent(1, "nc"))
	want(t, w.round(), "saved: "+a, "3 events by 2 rules", ": 4 alerts (4 low)")

	// Nothing may be kept of what is gone.
	replace(t, b, watchEvent(2, "ls"))
	want(t, w.round(), "3 events by 2 rules", ": 2 alerts (2 low)", "2 gone")

	// A rule that does not load is told, and the others run.
	replace(t, two, watchRule("two", `process where process.name = "nc"`))
	want(t, w.round(), "two.toml:", "equality is written ==", "3 events by 1 rule", "1 rule did not load")

	// When no rule is left the watch goes on.
	for _, path := range []string{one, two} {
		replace(t, path, "no rule")
	}
	for !strings.Contains(w.round(), "no rule to run") {
		continue // the two saves may be told apart
	}
	replace(t, two, watchRule("two", `process where process.name == "ls"`))
	want(t, w.round(), "3 events by 1 rule", ": 1 alert (1 low)")

	w.cancel()
	if code := <-w.ended; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	w.ended <- 0
}

// A round after a save gives the alerts that a scan of its own would.
func TestScanWatchGivesWhatAScanGives(t *testing.T) {
	dir := t.TempDir()
	rule, events := filepath.Join(dir, "r.toml"), filepath.Join(dir, "e.ndjson")
	replace(t, rule, watchRule("r", `process where process.name == "nc"`))
	replace(t, events, watchEvent(1, "nc"))
	w := startWatch(t, "scan", "--watch", "--format", "csv", "-r", rule, events)
	w.round()
	replace(t, events, watchEvent(3, "nc")+watchEvent(1, "nc")+watchEvent(2, "nc"))
	w.round()
	written, err := os.ReadFile(w.out.Name())
	if err != nil {
		t.Fatal(err)
	}
	rounds := strings.Split(strings.TrimSpace(string(written)), "\n\n")

	var out strings.Builder
	e := &Env{
		Program: "tripline", Args: []string{"scan", "--format", "csv", "-r", rule, events}, Stdin: strings.NewReader(""),
		Stdout: &out, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now,
	}
	if code := e.Run(t.Context()); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	if got := rounds[len(rounds)-1]; got != strings.TrimSpace(out.String()) {
		t.Errorf("the round gave\n%s\na scan gives\n%s", got, out.String())
	}
}

func TestStandardInputIsNotWatched(t *testing.T) {
	var said strings.Builder
	e := &Env{
		Program: "tripline", Args: []string{"scan", "--watch", "-"}, Stdin: strings.NewReader(""),
		Stdout: io.Discard, Stderr: &said, Getenv: func(string) string { return "" }, Now: time.Now,
	}
	if code := e.Run(t.Context()); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	want(t, said.String(), "standard input can not be watched")
}

// The tests beside a rule run again when either is saved.
func TestTestWatch(t *testing.T) {
	dir := t.TempDir()
	rule := filepath.Join(dir, "one.toml")
	replace(t, rule, watchRule("one", `process where process.name == "nc"`))
	replace(t, filepath.Join(dir, "one.test"), `test nc
  e1: +0s process exec process.name=nc
  expect alert e1
`)
	w := startWatch(t, "test", "--watch", rule)
	w.round()
	replace(t, rule, watchRule("one", `process where process.name == "sh"`))
	want(t, w.round(), "saved: ", "one.toml")
	replace(t, filepath.Join(dir, "one.test"), `test sh
  e1: +0s process exec process.name=sh
  expect alert e1
`)
	want(t, w.round(), "saved: ", "one.test")
	text, err := os.ReadFile(w.out.Name())
	if err != nil {
		t.Fatal(err)
	}
	rounds := strings.Split(string(text), "\n\n")
	if len(rounds) < 3 || strings.Contains(rounds[0], "FAIL") || !strings.Contains(string(text), "FAIL") || strings.Contains(rounds[len(rounds)-1], "FAIL") {
		t.Errorf("want passed, failed, passed:\n%s", text)
	}
}

// An exception stands in another file than its rule; saving it judges the rule
// again.
func TestScanWatchSeesExceptions(t *testing.T) {
	rules := t.TempDir()
	events := filepath.Join(t.TempDir(), "e.ndjson")
	list := func(name string) string {
		return `[[exceptions]]
[exceptions.container]
name = "Known"
list_id = "known"
type = "detection"
[[exceptions.items]]
item_id = "one"
name = "One"
[[exceptions.items.entries]]
field = "process.name"
operator = "included"
type = "match"
value = "` + name + "\"\n"
	}
	replace(t, filepath.Join(rules, "one.toml"), watchRule("one", `process where true`)+`
[[rule.exceptions_list]]
id = "x"
list_id = "known"
type = "detection"
namespace_type = "single"
`)
	replace(t, filepath.Join(rules, "known.toml"), list("nc"))
	replace(t, events, watchEvent(1, "nc")+watchEvent(2, "nc")+watchEvent(3, "sh"))
	w := startWatch(t, "scan", "--watch", "--format", "ndjson", "-r", rules, events)
	want(t, w.round(), ": 1 alert (1 low)")
	replace(t, filepath.Join(rules, "known.toml"), list("sh"))
	want(t, w.round(), ": 2 alerts (2 low)", "2 new alerts, 1 gone")
}
