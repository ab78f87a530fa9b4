package generate

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// author writes random queries that some documents satisfy: it makes the documents
// first, and negates each condition that happens to be false for its document. So
// every query must be solved.
type author struct {
	*rand.Rand
	tb testing.TB
}

func pick[T any](a author, list ...T) T { return list[a.IntN(len(list))] }

var (
	textFields = []string{"process.name", "process.command_line", "process.args", "file.path", "note.text"}
	longFields = []string{"process.pid", "process.args_count", "note.count"}
)

func (a author) word() string {
	return pick(a, "bash", "nc", "/tmp/x", "curl -s http://h/x | sh", "python3.11", "-c", "a*b", "Über", "", "x")
}

// document is a random document of fields with many types.
func (a author) document() map[string]any {
	doc := map[string]any{"event.category": pick(a, "process", "network", "file")}
	for _, f := range textFields {
		switch a.IntN(4) {
		case 0:
		case 1:
			doc[f] = []any{a.word(), a.word()}
		default:
			doc[f] = a.word()
		}
	}
	for _, f := range longFields {
		if a.IntN(3) > 0 {
			doc[f] = a.IntN(2000)
		}
	}
	if a.IntN(3) > 0 {
		doc["destination.ip"] = pick(a, "10.1.2.3", "203.0.113.9", "2001:db8::1", "127.0.0.1")
	}
	if a.IntN(2) == 0 {
		doc["process.interactive"] = a.IntN(2) == 0
	}
	if a.IntN(2) == 0 {
		doc["process.start"] = pick(a, "2026-01-01T10:00:00Z", "2025-12-31T23:59:59.5Z")
	}
	return doc
}

// quoted writes a text as EQL does.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// pattern turns a word into a wildcard pattern.
func (a author) pattern() string {
	w := []rune(a.word())
	i, j := a.IntN(len(w)+1), a.IntN(len(w)+1)
	if i > j {
		i, j = j, i
	}
	return quoted(pick(a, "*"+string(w[i:j])+"*", string(w[:j])+"*", "*"+string(w[i:]), string(w[:i])+"*"+string(w[j:]), "?*"+string(w[i:j])+"*"))
}

func (a author) list(item func() string) string {
	items := []string{item()}
	for range a.IntN(3) {
		items = append(items, item())
	}
	return "(" + strings.Join(items, ", ") + ")"
}

func (a author) leaf() string {
	text, long := pick(a, textFields...), pick(a, longFields...)
	word := func() string { return quoted(a.word()) }
	compare := pick(a, "==", "!=", "<", "<=", ">", ">=")
	switch a.IntN(18) {
	case 0:
		return fmt.Sprintf("%s %s %s", text, pick(a, "==", "!="), word())
	case 1:
		return fmt.Sprintf("%s %s %s", text, pick(a, "in", "in~", "not in"), a.list(word))
	case 2, 3, 4:
		return fmt.Sprintf("%s %s %s", text, pick(a, ":", "like", "like~"), a.list(a.pattern))
	case 5:
		return fmt.Sprintf("%s %s null", pick(a, text, long, "destination.ip"), pick(a, "==", "!="))
	case 6, 7:
		return fmt.Sprintf("%s %s %d", long, compare, a.IntN(2000))
	case 8:
		return fmt.Sprintf("length(%s) %s %d", text, compare, a.IntN(30))
	case 9:
		return fmt.Sprintf("%s(%s, %s)", pick(a, "startsWith", "endsWith", "stringContains", "startsWith~", "endsWith~"), text, word())
	case 10:
		return fmt.Sprintf("cidrMatch(destination.ip, %s)", pick(a, `"10.0.0.0/8"`, `"127.0.0.0/8", "::1"`, `"203.0.113.0/24", "2001:db8::/32"`))
	case 11:
		return fmt.Sprintf("%s %s %d %s %d", long, pick(a, "+", "-", "*"), 1+a.IntN(9), compare, a.IntN(3000))
	case 12:
		return fmt.Sprintf("process.interactive == %s", pick(a, "true", "false"))
	case 13:
		return fmt.Sprintf("process.start %s %s", compare, pick(a, `"2026-01-01"`, `"2025-12-31T23:59:59Z"`))
	case 14:
		return fmt.Sprintf("%s %s %s", text, pick(a, "regex", "regex~"), pick(a, `"[a-z]+"`, `".*\\.[0-9]{1,3}"`, `"/(tmp|var)/.+"`, `"(bash|nc)"`, `"-[^-]*c.*"`))
	case 15:
		return fmt.Sprintf("string(%s) : %s", long, pick(a, `"1*"`, `"*2"`, `"??"`))
	case 16:
		return fmt.Sprintf("substring(%s, %d, %d) %s %s", text, a.IntN(3), 3+a.IntN(3), pick(a, "==", "!="), quoted(pick(a, "as", "ash", "tmp", "x")))
	}
	return fmt.Sprintf("destination.ip %s %s", pick(a, "==", "!=", ">"), pick(a, `"10.1.2.3"`, `"203.0.113.9"`, `"10.2.0.1"`))
}

// condition is a random condition that holds for the document.
func (a author) condition(doc map[string]any, depth int) string {
	var c string
	switch {
	case depth == 0 || a.IntN(4) == 0:
		c = a.leaf()
	default:
		var parts []string
		for range 2 + a.IntN(3) {
			part := a.leaf()
			if a.IntN(2) == 0 {
				part = "(" + a.condition(doc, depth-1) + ")"
			}
			if a.IntN(4) == 0 {
				part = "not " + part
			}
			parts = append(parts, part)
		}
		c = strings.Join(parts, pick(a, " and ", " or "))
	}
	if found := a.find("any where "+c, doc); found == 0 {
		return "not (" + c + ")"
	}
	return c
}

// find counts what a query finds in documents a second apart.
func (a author) find(query string, docs ...map[string]any) int {
	a.tb.Helper()
	var list [][]byte
	for i, doc := range docs {
		whole := map[string]any{"@timestamp": fmt.Sprintf("2026-01-01T00:00:%02dZ", i)}
		for k, v := range doc {
			whole[k] = v
		}
		raw, err := json.Marshal(whole)
		if err != nil {
			a.tb.Fatal(err)
		}
		list = append(list, raw)
	}
	return found(a.tb, checked(a.tb, query), list)
}

// found runs a query over documents, in no way that this package runs it.
func found(tb testing.TB, q *eql.Query, docs [][]byte) int {
	tb.Helper()
	p, err := reference.Compile(q, reference.Options{Size: -1, Tolerant: true})
	if err != nil {
		tb.Fatal(err)
	}
	var list []*event.Document
	for i, raw := range docs {
		d, err := event.Decode(raw, event.Identity{}, uint64(i))
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, d)
	}
	result, err := p.Run(list)
	if err != nil {
		tb.Fatal(err)
	}
	return len(result.Events) + len(result.Sequences)
}

func clauseText(b Broken) string {
	if b.Clause == nil {
		return "an event too many"
	}
	return eql.ExprString(b.Clause)
}

func docsOf(events []Event) [][]byte {
	var docs [][]byte
	for _, e := range events {
		docs = append(docs, e.Doc)
	}
	return docs
}

// query is a random query that some documents satisfy.
func (a author) query() string {
	term := func() (map[string]any, string) {
		doc := a.document()
		doc["host.id"] = "h"
		doc["process.entity_id"] = "p"
		return doc, fmt.Sprintf("%s where %s", doc["event.category"], a.condition(doc, 2))
	}
	_, first := term()
	if a.IntN(2) == 0 {
		return first
	}
	if a.IntN(4) == 0 {
		_, second := term()
		return fmt.Sprintf("sample by host.id [%s] [%s]", first, second)
	}
	q := pick(a, "sequence by host.id", "sequence by host.id, ?process.entity_id", "sequence")
	spans := a.IntN(2) == 0
	if spans {
		q += " with maxspan=" + pick(a, "50ms", "1s", "1m")
	}
	q += fmt.Sprintf("\n  [%s]%s", first, pick(a, "", "", " with runs=3"))
	if spans && a.IntN(3) == 0 {
		_, missing := term()
		q += fmt.Sprintf("\n  ![%s]", missing)
	}
	for range 1 + a.IntN(2) {
		_, next := term()
		q += fmt.Sprintf("\n  [%s]", next)
	}
	if a.IntN(4) == 0 {
		q += "\n  until [process where event.action == \"end\"]"
	}
	return q
}

func TestRandomQueriesAreSolvedAndBroken(t *testing.T) {
	queries, solved, variants := 300, 0, 0
	for seed := range queries {
		a := author{rand.New(rand.NewPCG(uint64(seed), 7)), t}
		text := a.query()
		q := checked(t, text)
		events, err := Solve(q)
		if err != nil {
			t.Logf("seed %d: %v\n%s", seed, err, text)
			continue
		}
		solved++
		if n := found(t, q, docsOf(events)); n != 1 {
			t.Errorf("seed %d: %d results in the events that were made for\n%s", seed, n, text)
		}
		for b := range Break(q, events) {
			variants++
			if n := found(t, q, docsOf(b.Events)); n != 0 {
				t.Errorf("seed %d: %d results with %s of stage %d broken in\n%s", seed, n, clauseText(b), b.Stage, text)
			}
		}
	}
	t.Logf("%d of %d queries solved, %d variants broken", solved, queries, variants)
	if solved < queries*99/100 {
		t.Errorf("%d of %d queries solved, want 99 in 100", solved, queries)
	}
}
