package store_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/store"
)

// TestDuckDB opens a store with DuckDB while it is being written: segments and the
// exported tail hold what was acknowledged, and five questions in SQL have the
// answers that reading gives. `make test-duckdb` installs DuckDB and runs it.
func TestDuckDB(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat("testdata/duckdb/node_modules/@duckdb/node-api"); err != nil {
		t.Skip("DuckDB for node is not installed: run make test-duckdb")
	}
	folder := t.TempDir()
	s, err := store.Open(disk.OS{}, filepath.Join(folder, "store"), store.Options{Manual: true})
	check(t, err)
	defer func() { _ = s.Close() }()
	r := rand.New(rand.NewPCG(11, 12))
	acknowledged := 0
	for call := range 40 {
		events := make([]store.Event, 50)
		for i := range events {
			events[i] = askedEvent(r, acknowledged+i)
		}
		appendAll(t, s, events...)
		acknowledged += len(events)
		if call == 10 || call == 30 {
			check(t, s.Seal(t.Context()))
		}
	}
	reader, err := store.OpenReader(disk.OS{}, filepath.Join(folder, "store"))
	check(t, err)
	defer func() { _ = reader.Close() }()
	sealed := reader.Stats().SealedArrival
	tail := filepath.Join(folder, "tail.parquet")
	if n, err := reader.Export(t.Context(), disk.OS{}, tail, store.Query{From: sealed + 1}); err != nil || n != int64(acknowledged)-int64(sealed) {
		t.Fatalf("exported %d: %v", n, err)
	}
	ask := exec.CommandContext(t.Context(), node, "ask.mjs", filepath.Join(folder, "store"), tail, fmt.Sprint(sealed))
	ask.Dir = "testdata/duckdb"
	var stderr bytes.Buffer
	ask.Stderr = &stderr
	out, err := ask.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var answers map[string][][]any
	check(t, json.Unmarshal(out, &answers))
	for name, want := range plainAnswers(t, mustAll(t, s, store.Query{}), sealed) {
		got := answers[name]
		for i := range got { // integers come as texts or numbers, by their size
			for k := range got[i] {
				if got[i][k] != nil {
					got[i][k] = fmt.Sprint(got[i][k])
				}
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, want)
		}
	}
	if got := fmt.Sprint(answers["distinct"]); got != fmt.Sprintf("[[%d 1 %d]]", acknowledged, acknowledged) {
		t.Errorf("distinct numbers: %s", got)
	}
}

// askedEvent is a document with what may be hard for others to read.
func askedEvent(r *rand.Rand, n int) store.Event {
	text := fmt.Sprintf(`{"n":%d,"host":{"name":"host-%d"}`, n, r.IntN(4))
	switch r.IntN(6) {
	case 0: // the time of arrival
	case 1:
		text += `,"@timestamp":"9999-12-31T23:59:59.999999999Z"`
	case 2:
		text += `,"@timestamp":"1970-01-01T00:00:00Z"`
	default:
		text += fmt.Sprintf(`,"@timestamp":"2026-11-28T12:%02d:%02d.%09dZ"`, r.IntN(10), r.IntN(60), r.IntN(1e9))
	}
	names := []string{`"bash"`, `"z\u0000h"`, "\"b\xffd\"", `"päth"`, `["two","names"]`, `null`, `7`}
	text += `,"process":{"name":` + names[r.IntN(len(names))]
	if r.IntN(2) == 0 {
		text += fmt.Sprintf(`,"command_line":"run %d"`, r.IntN(300))
	}
	text += "}"
	if r.IntN(3) == 0 {
		text += `,"user":{"name":"root"}`
	}
	return store.Event{Raw: []byte(text + "}"), Index: fmt.Sprint("logs-a", r.IntN(3), ".b-default"), ID: fmt.Sprint("id", n)}
}

// plainAnswers answers the questions of ask.mjs from the documents themselves.
func plainAnswers(t *testing.T, docs []store.Stored, sealed uint64) map[string][][]any {
	t.Helper()
	groups := map[string]map[string][]any{}
	count := func(question string, adds []int, key ...any) {
		if groups[question] == nil {
			groups[question] = map[string][]any{}
		}
		at := fmt.Sprintf("%q", key)
		g := groups[question][at]
		if g == nil {
			g = append(slices.Clone(key), make([]any, len(adds))...)
			for i := range adds {
				g[len(key)+i] = 0
			}
			groups[question][at] = g
		}
		for i, add := range adds {
			g[len(key)+i] = g[len(key)+i].(int) + add
		}
	}
	commands, distinct := 0, map[string]bool{}
	most := map[string]int{}
	for i := range docs {
		d := &docs[i]
		doc, err := event.Decode(d.Raw, event.Identity{Index: d.Index, ID: d.ID}, d.Arrival)
		check(t, err)
		text := func(field string) any {
			if v := doc.First(field); !v.IsNull() {
				return v.Text()
			}
			return nil
		}
		if d.Arrival <= sealed {
			count("sealed", []int{1})
			count("partitions", []int{1}, d.Index, d.Ingested.Format("2006-01-02"))
		} else {
			count("tail", []int{1})
		}
		count("byIndex", []int{1, len(d.Raw)}, d.Index)
		count("byProcess", []int{1}, text("process.name"), text("user.name"))
		minute := d.Time.Sec / 60 * 60 * 1_000_000
		count("byMinute", []int{1}, fmt.Sprintf("%020d", minute))
		host := doc.Text("host.name")
		count("byRaw", []int{1}, host)
		n := int(doc.First("n").Int())
		most[host] = max(most[host], n)
		if line := text("process.command_line"); line != nil {
			commands++
			distinct[line.(string)] = true
		}
	}
	answers := map[string][][]any{"commands": {{fmt.Sprint(commands), fmt.Sprint(len(distinct)), fmt.Sprint(len(docs))}}}
	for question, found := range groups {
		var list [][]any
		for _, g := range found {
			if question == "byRaw" {
				g = append(g, most[g[0].(string)])
			}
			for k := range g {
				if g[k] != nil {
					g[k] = fmt.Sprint(g[k])
				}
			}
			list = append(list, g)
		}
		slices.SortFunc(list, func(a, b []any) int {
			for k := range a {
				if c := cmp.Compare(orderKey(a[k]), orderKey(b[k])); c != 0 {
					return c
				}
			}
			return 0
		})
		if question == "byMinute" {
			for _, g := range list {
				if g[0] = strings.TrimLeft(g[0].(string), "0"); g[0] == "" {
					g[0] = "0"
				}
			}
		}
		answers[question] = list
	}
	return answers
}

// orderKey sorts nulls first and texts by their bytes.
func orderKey(v any) string {
	if v == nil {
		return ""
	}
	return "x" + v.(string)
}
