package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/source"
)

// scanned is what came of a scan: of the command, or of the oracle.
type scanned struct {
	alerts    string // NDJSON
	documents int
	bad       []string // of each rule that met bad values or events without time: how many, and the first
}

// judgedAt is when the alerts of these tests are made.
var judgedAt = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// oracle judges documents by the reference evaluator, with all of them in memory:
// the plainest way to what a scan must give.
func oracle(tb testing.TB, set *ruleSet, docs []*event.Document) scanned {
	tb.Helper()
	tree := proctree.New()
	for _, doc := range docs {
		tree.See(doc)
	}
	found := make([][]*alert.Alert, len(set.ready))
	told := make([]string, len(set.ready))
	each(len(set.ready), func(i int) {
		r := set.ready[i]
		program, err := r.reference()
		if err != nil {
			tb.Errorf("%s: %v", r.rule.Name, err)
			return
		}
		result, err := program.Run(docs)
		if err != nil {
			tb.Errorf("%s: %v", r.rule.Name, err)
			return
		}
		first := ""
		if result.FirstValueError != nil {
			first = result.FirstValueError.Error()
		}
		told[i] = badText(r, result.ValueErrors, result.NoTimestamp, first)
		for _, m := range alert.Matches(result) {
			if alert.Recurs(r.rule, m) || r.Drops(m) {
				continue
			}
			if one := alert.New(r.rule, m, judgedAt); one != nil {
				one.Attach(m, alert.Evidence{Clauses: clausesOf(tb, r, m), Processes: tree})
				found[i] = append(found[i], one)
			}
		}
	})
	out := scanned{documents: len(docs), bad: slices.DeleteFunc(told, func(s string) bool { return s == "" })}
	out.alerts = written(tb, slices.Concat(found...))
	return out
}

// each calls f for the numbers below n, several at a time.
func each(n int, f func(int)) {
	var workers sync.WaitGroup
	todo := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range todo {
				f(i)
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	workers.Wait()
}

// written puts alerts in the order of their time, each once, and writes them.
func written(tb testing.TB, all []*alert.Alert) string {
	tb.Helper()
	seen := map[string]bool{}
	all = slices.DeleteFunc(all, func(a *alert.Alert) bool {
		known := seen[a.ID]
		seen[a.ID] = true
		return known
	})
	slices.SortStableFunc(all, func(a, b *alert.Alert) int {
		if a.HasEventTime != b.HasEventTime {
			return map[bool]int{true: 1, false: -1}[a.HasEventTime]
		}
		if c := a.EventTime.Compare(b.EventTime); c != 0 {
			return c
		}
		return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID)
	})
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, one := range all {
		for _, doc := range one.Documents() {
			if err := encoder.Encode(doc); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return b.String()
}

func badText(r *readyRule, bad, noTime int, first string) string {
	if bad+noTime == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %d bad values, %d without time, %s", r.rule.Name, bad, noTime, first)
}

// scanBy judges an input as the command does, after tune has had its way, and
// returns the exit code too, and all that was said.
func scanBy(tb testing.TB, set *ruleSet, paths []string, stdin io.Reader, tune func(*scan)) (out scanned, said string, code int) {
	tb.Helper()
	var stdout, stderr bytes.Buffer
	a := newTestApp(&stdout, &stderr)
	s := a.newScan(set, "ndjson")
	if tune != nil {
		tune(s)
	}
	if err := a.scanOnce(s, &scanFlags{}, paths, stdin); err != nil {
		ended, ok := err.(status) //nolint:errorlint // it is never wrapped
		if !ok {
			tb.Fatal(err)
		}
		code = int(ended)
	}
	a.flush()
	out = scanned{alerts: stdout.String(), documents: s.report.Stats.Documents}
	for i, q := range s.report.Queries {
		first := ""
		if q.FirstBad != nil && q.Bad > 0 {
			first = badValueText(q.FirstBad)
		}
		if text := badText(set.ready[i], q.Bad, q.NoTime, first); text != "" {
			out.bad = append(out.bad, text)
		}
	}
	return out, stderr.String(), code
}

func newTestApp(stdout, stderr io.Writer) *app {
	to := &output{to: stdout}
	return &app{
		Env: &Env{Program: "tripline", Stderr: stderr, Getenv: func(string) string { return "" }, Now: func() time.Time { return judgedAt }},
		ctx: context.Background(), written: to, out: bufio.NewWriter(to), color: choice{value: "never", allowed: colorModes},
	}
}

// same requires that a scan gave what the oracle gives, and returns how many
// alerts that is, building blocks counted too.
func same(tb testing.TB, what string, got, want scanned) int {
	tb.Helper()
	if got.documents != want.documents {
		tb.Errorf("%s: %d documents, reference %d", what, got.documents, want.documents)
	}
	if !slices.Equal(got.bad, want.bad) {
		tb.Errorf("%s: told\n%s\nreference\n%s", what, less(got.bad, want.bad), less(want.bad, got.bad))
	}
	if got.alerts != want.alerts {
		g, w := strings.Split(got.alerts, "\n"), strings.Split(want.alerts, "\n")
		at := 0
		for at < min(len(g), len(w))-1 && g[at] == w[at] {
			at++
		}
		tb.Errorf("%s: %d lines, reference %d; line %d:\n%s\nreference\n%s", what, len(g)-1, len(w)-1, at+1, head(g[at], w[at]), head(w[at], g[at]))
	}
	return strings.Count(want.alerts, "\n")
}

// less is the lines that others are not.
func less(lines, others []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(lines), func(s string) bool { return slices.Contains(others, s) }), "\n")
}

// head cuts a line at some distance behind the place where it differs from another.
func head(line, other string) string {
	at := 0
	for at < min(len(line), len(other)) && line[at] == other[at] {
		at++
	}
	from, to := max(at-200, 0), min(at+300, len(line))
	return fmt.Sprintf("..%s.. (byte %d of %d)", line[from:to], at, len(line))
}

// documents reads inputs as the reference does.
func documents(tb testing.TB, stdin io.Reader, paths ...string) []*event.Document {
	tb.Helper()
	var docs []*event.Document
	for item := range source.Open(paths, stdin, source.Options{}).All() {
		if item.Problem == nil {
			docs = append(docs, item.Document)
		}
	}
	return docs
}

// sharedPath is a path in the folder of test material that may lie beside the clone.
func sharedPath(tb testing.TB, names ...string) string {
	tb.Helper()
	full := filepath.Join(append([]string{"..", "..", "..", "shared"}, names...)...)
	if _, err := os.Stat(full); errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("no folder of test material beside the clone: %s is absent", full)
	}
	return full
}

// allRules are the rules beside the clone, if there, and those compiled in.
func allRules(tb testing.TB) *ruleSet {
	tb.Helper()
	set, err := readRules([]string{sharedPath(tb, "data", "elastic-rules"), rule.BuiltinName})
	if err != nil {
		tb.Fatal(err)
	}
	if set.bad > 0 || len(set.ready) < 350 {
		tb.Fatalf("%d rules, %d bad", len(set.ready), set.bad)
	}
	return set
}

// traceFiles are the recorded events beside the clone.
func traceFiles(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(sharedPath(tb, "data"), "*-traces", "*.ndjson"))
	if err != nil || len(files) < 50 {
		tb.Fatalf("%d traces, %v", len(files), err)
	}
	return files
}

// clausesOf tells by which clauses the events of a match are part of it, as the
// reference sees it.
func clausesOf(tb testing.TB, r *readyRule, m alert.Match) [][]string {
	tb.Helper()
	all := make([][]string, len(m.Events))
	for i, stage := range r.Stages() {
		if i >= len(all) || m.Events[i] == nil {
			continue
		}
		program, err := r.reference()
		if err != nil {
			tb.Fatal(err)
		}
		x, err := program.Explainer(stage)
		if err != nil {
			tb.Fatal(err)
		}
		all[i] = x.Explain(m.Events[i]).Clauses()
	}
	return all
}
