package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Entries of exceptions of each kind, nested ones and value lists too.
var drawnEntries = []string{
	`{"field":"user.name","type":"match","operator":"included","value":"backup"}`,
	`{"field":"user.name.caseless","type":"match","operator":"included","value":"ROOT"}`,
	`{"field":"user.name","type":"match","operator":"excluded","value":"root"}`,
	`{"field":"process.args","type":"match_any","operator":"included","value":["-e","-c"]}`,
	`{"field":"process.args","type":"match_any","operator":"excluded","value":["-e","-c"]}`,
	`{"field":"process.pid","type":"match","operator":"included","value":"7"}`,
	`{"field":"source.ip","type":"match_any","operator":"included","value":["192.0.2.1","10.0.0.0/8"]}`,
	`{"field":"user.name","type":"exists","operator":"excluded"}`,
	`{"field":"file.path","type":"wildcard","operator":"included","value":"/opt/*/b?n"}`,
	`{"field":"file.path.caseless","type":"wildcard","operator":"excluded","value":"/opt/*"}`,
	`{"field":"message","type":"match","operator":"included","value":"two words"}`,
	`{"field":"process.Ext.code_signature","type":"nested","entries":[` +
		`{"field":"subject_name","type":"match","operator":"included","value":"A"},{"field":"trusted","type":"match","operator":"included","value":"true"}]}`,
	`{"field":"process.Ext.code_signature","type":"nested","entries":[` +
		`{"field":"subject_name","type":"match_any","operator":"included","value":["A","B"]},{"field":"trusted","type":"match","operator":"excluded","value":"true"}]}`,
	`{"field":"user.name","type":"list","operator":"included","list":{"id":"users.txt","type":"keyword"}}`,
	`{"field":"source.ip","type":"list","operator":"included","list":{"id":"blocks.txt","type":"ip_range"}}`,
	`{"field":"user.name","type":"list","operator":"excluded","list":{"id":"users.txt","type":"keyword"}}`,
}

var drawnFilters = []string{
	`{"meta":{},"query":{"match_phrase":{"user.name":"root"}}}`,
	`{"meta":{"negate":true},"query":{"match_phrase":{"user.name":"backup"}}}`,
	`{"query":{"exists":{"field":"user.name"}}}`,
	`{"query":{"range":{"process.pid":{"gte":5,"lt":"9"}}}}`,
	`{"query":{"bool":{"must_not":[{"term":{"user.name":"x"}}],"should":[{"term":{"user.name":"root"}},{"prefix":{"process.args":"-"}}]}}}`,
}

var drawnQueries = []string{
	"any where process.pid / process.n == 7",
	"any where true",
	"process where process.pid > 3 or process.args : \"-E\"",
	"sequence by host.id [file where true] [process where true]",
	"sequence by host.id with maxspan=20s [any where true] with runs=2 [process where true]",
	"sequence by host.id [file where true] [process where true] until [network where true]",
	"sequence by host.id with maxspan=15s [file where true] ![network where true] [process where true]",
	"sequence with maxspan=10s [file where true] by user.name [process where process.pid / process.n > 2] by user.name",
	"sequence by ?user.name [process where true] [any where source.ip != null]",
	"sample by user.name [file where true] [process where true]",
	"sequence by host.id with maxspan=12s [process where true] ![file where true]",
}

// drawnRules writes so many rules, each with a list of exceptions of its own.
func drawnRules(r *rand.Rand, count int) string {
	var b strings.Builder
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	for n := range count {
		more := ""
		for _, option := range []string{
			`"timestamp_field":"event.created",`, `"tiebreaker_field":"process.n",`, `"tiebreaker_field":"user.name",`,
			`"event_category_override":"event.kind",`, `"index":["logs-a-*"],`, `"index":["logs-*","-logs-b-*"],`,
		} {
			if r.IntN(6) == 0 && !strings.Contains(more, option[:12]) {
				more += option
			}
		}
		filters := ""
		if r.IntN(4) == 0 {
			filters = pick(drawnFilters)
		}
		fmt.Fprintf(&b, `{"rule_id":"r%d","name":"Rule %d","description":"d","type":"eql","language":"eql","severity":"low","risk_score":1,"query":%q,%s"filters":[%s],`+
			`"exceptions_list":[{"id":"x","list_id":"l%d","type":"detection","namespace_type":"single"}]}`+"\n", n, n, pick(drawnQueries), more, filters, n)
		fmt.Fprintf(&b, `{"list_id":"l%d","type":"detection","name":"List","namespace_type":"single"}`+"\n", n)
		for i := range r.IntN(4) {
			scope := pick([]string{"event", "event", "stage=1", "match"})
			entries := pick(drawnEntries)
			if r.IntN(2) == 0 {
				entries += "," + pick(drawnEntries)
			}
			fmt.Fprintf(&b, `{"item_id":"i%d-%d","list_id":"l%d","name":"Item","type":"simple","tags":["tripline.scope:%s"],"entries":[%s]}`+"\n", n, i, n, scope, entries)
		}
	}
	return b.String()
}

// drawnEvent writes a document that those rules may see. Some have no time, bad
// values, several values, or the time of another.
func drawnEvent(r *rand.Rand, n int) string {
	var fields []string
	field := func(share int, name string, of ...string) {
		if r.IntN(share) > 0 {
			fields = append(fields, fmt.Sprintf("%q:%s", name, of[r.IntN(len(of))]))
		}
	}
	at := func() string { return fmt.Sprintf(`"2026-01-01T00:%02d:%02d.000000001Z"`, r.IntN(10), r.IntN(60)) }
	field(40, "@timestamp", at())
	field(20, "event.created", at())
	field(60, "event.category", `"file"`, `"process"`, `["network","process"]`, `"network"`)
	field(3, "event.kind", `"file"`, `"process"`, `"network"`)
	field(9, "host.id", `"h1"`, `"h2"`)
	field(4, "user.name", `"root"`, `"backup"`, `"x"`, `["root","x"]`, `"Root"`)
	field(4, "process.pid", "7", "2", `"7"`, "8.5", "[6,12]")
	field(5, "process.n", "1", "2", "0", `3`)
	field(3, "process.args", `["nc","-e"]`, `"-c"`, `[]`)
	field(2, "source.ip", `"10.1.2.3"`, `"192.0.2.1"`, `"203.0.113.5"`)
	field(2, "file.path", `"/opt/a/bin"`, `"/OPT/x"`, `"/etc/passwd"`)
	field(2, "message", `"Two, words!"`, `"two other words"`)
	field(3, "process.Ext.code_signature", `[{"subject_name":"A","trusted":true},{"subject_name":"B","trusted":false}]`, `{"subject_name":"A","trusted":false}`)
	field(2, "agent.id", `"a1"`, `"a2"`)
	field(2, "event.sequence", fmt.Sprint(r.IntN(50)))
	if r.IntN(3) > 0 {
		fields = append(fields, fmt.Sprintf(`"data_stream":{"type":"logs","dataset":%q,"namespace":"d"}`, []string{"a", "b"}[r.IntN(2)]))
	}
	return fmt.Sprintf(`{%s,"n":%d}`, strings.Join(append(fields, `"x":1`), ","), n)
}

// Rules with exceptions of every kind and scope, filters, and fields of their own
// for time, tiebreaker and category, over documents with odd values.
func TestScanIsReferenceWithExceptionsAndFilters(t *testing.T) {
	folder := t.TempDir()
	lists := filepath.Join(folder, "rules", rule.ValueListFolder)
	if err := os.MkdirAll(lists, 0o700); err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(lists, "users.txt"), "backup\nx\n")
	save(t, filepath.Join(lists, "blocks.txt"), "192.0.2.0/24\n10.1.0.0-10.2.255.255\n")
	total, bad, excepted := 0, 0, 0
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 1))
		save(t, filepath.Join(folder, "rules", "export.ndjson"), drawnRules(r, 60))
		set, err := readRules([]string{filepath.Join(folder, "rules")})
		if err != nil || set.bad > 0 || len(set.ready) != 60 {
			t.Fatalf("seed %d: %d rules, %d bad, %v: %v", seed, len(set.ready), set.bad, err, set.problems)
		}
		for _, ready := range set.ready {
			if len(ready.rule.Exceptions) > 0 {
				excepted++
			}
		}
		var events strings.Builder
		for n := range 20 + r.IntN(80) {
			events.WriteString(drawnEvent(r, n) + "\n")
		}
		file := filepath.Join(folder, "events.ndjson")
		save(t, file, events.String())
		want := oracle(t, set, documents(t, nil, file))
		got, _, code := scanBy(t, set, []string{file}, nil, nil)
		total += same(t, fmt.Sprint("seed ", seed), got, want)
		bad += len(want.bad)
		if wantCode := map[bool]int{true: exitIncomplete}[slices.ContainsFunc(want.bad, leavesOut)]; code != wantCode {
			t.Errorf("seed %d: exit code %d, want %d", seed, code, wantCode)
		}
	}
	t.Logf("%d rules with exceptions, %d lines of alerts, %d rules with bad values", excepted, total, bad)
	if total < 1000 || bad < 50 || excepted < 150 {
		t.Error("too few to mean something")
	}
}

// leavesOut reports whether what was told of a rule tells of events without time.
func leavesOut(told string) bool { return !strings.Contains(told, " 0 without time") }

func save(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}
