package reference

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// judge runs a query over documents that arrive in the order given.
func judge(t *testing.T, query string, opts Options, texts ...string) *Result {
	t.Helper()
	parsed, err := eql.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	checked, _, err := eql.Check(parsed, eql.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile(checked, opts)
	if err != nil {
		t.Fatal(err)
	}
	var docs []*event.Document
	for i, text := range texts {
		docs = append(docs, decode(t, text, i))
	}
	result, err := p.Run(docs)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// Any number of samples may be asked for, and no more are made than are wanted.
func TestSamplesOfAnyNumber(t *testing.T) {
	const query = `sample by k [any where true] [any where true] [any where true]`
	var texts []string
	for i := range 200 {
		texts = append(texts, fmt.Sprintf(`{"k": 1, "n": %d}`, i))
	}
	for _, tt := range []struct{ size, perKey, want int }{
		{-1, math.MaxInt, 6}, {-1, 2, 2}, {1, math.MaxInt, 1}, {1, 2_000_000, 1}, {0, math.MaxInt, 0},
	} {
		docs := texts[:3]
		if tt.size == 1 {
			docs = texts
		}
		got := len(judge(t, query, Options{Size: tt.size, MaxSamplesPerKey: tt.perKey}, docs...).Sequences)
		if got != tt.want {
			t.Errorf("size %d, %d a key: %d samples, want %d", tt.size, tt.perKey, got, tt.want)
		}
	}
}

// The bound on an event's join keys does not hang on the order of the fields.
func TestKeyBoundHasNoOrder(t *testing.T) {
	tags := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `%d,`, i)
		}
		return "[" + strings.TrimSuffix(b.String(), ",") + "]"
	}
	for n, lost := range map[int]bool{maxKeys: false, maxKeys + 1: true} {
		doc := fmt.Sprintf(`{"@timestamp": %%d, "k": "x", "tags": %s}`, tags(n))
		for _, keys := range []string{"tags", "?b, tags", "tags, ?b", "k, tags", "tags, k"} {
			r := judge(t, "sequence by "+keys+" [any where true] [any where true]", Options{Size: -1, Tolerant: true},
				fmt.Sprintf(doc, 1), fmt.Sprintf(doc, 2))
			if (r.ValueErrors > 0) != lost || (len(r.Sequences) == 0) != lost {
				t.Errorf("%d values, by %s: %d sequences, %d errors", n, keys, len(r.Sequences), r.ValueErrors)
			}
		}
	}
}

// Long arrays, long lists and many stages together stay within reason.
func TestHostileSizes(t *testing.T) {
	tags := `["` + strings.Repeat(`x", "`, 9_000) + `y"]`
	r := judge(t, `sequence by tags [any where id == 1] with runs=100 [any where id == 1] with runs=100`,
		Options{Size: -1}, fmt.Sprintf(`{"@timestamp": 1, "id": 1, "tags": %s}`, tags))
	if len(r.Sequences) != 0 {
		t.Errorf("%d sequences of one event", len(r.Sequences))
	}
	var list strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&list, `"c%d",`, i)
	}
	r = judge(t, `any where x in (`+list.String()+`"d") or x : (`+list.String()+`"e")`, Options{Size: -1},
		`{"x": [`+strings.ReplaceAll(list.String(), "c", "v")+`"w"]}`, `{"x": "C19999"}`, `{"x": "d"}`)
	if len(r.Events) != 2 {
		t.Errorf("%d events of a long list", len(r.Events))
	}
	var texts []string
	for i := range 3000 {
		texts = append(texts, fmt.Sprintf(`{"@timestamp": %d}`, i))
	}
	r = judge(t, `sequence [any where true] with runs=100 [any where true] with runs=100`, Options{Size: -1}, texts...)
	if len(r.Sequences) != 3000-199 {
		t.Errorf("%d sequences of 200 out of 3000", len(r.Sequences))
	}
}

// Times as far apart as 64 bits of milliseconds allow are still before and after.
func TestMissingEventsFarApart(t *testing.T) {
	const query = `sequence with maxspan=5s [a where true] ![b where true]`
	for _, tt := range []struct{ a, b string }{
		{"9223372036854775807", "1"}, {"-9000000000000000000", "9000000000000000000"}, {"1", "9223372036854775807"},
	} {
		r := judge(t, query, Options{Size: -1},
			`{"@timestamp": `+tt.a+`, "event.category": "a"}`, `{"@timestamp": `+tt.b+`, "event.category": "b"}`)
		if len(r.Sequences) != 1 {
			t.Errorf("a at %s, b at %s: %d sequences, want 1", tt.a, tt.b, len(r.Sequences))
		}
	}
}

// A value that is not of its field's known type is present and meets no test,
// which is what the check's warning says.
func TestValuesOfAnotherTypeMeetNoTest(t *testing.T) {
	doc := `{"process": {"pid": "a", "name": true}, "source": {"ip": "xyz"}, "process.interactive": 5, "process.start": "?"}`
	for condition, want := range map[string]bool{
		`process.pid == "a"`: false, `process.pid in ("a")`: false, `process.pid : "a"`: false, `process.pid != null`: true,
		`source.ip == "xyz"`: false, `source.ip : "x*"`: false, `source.ip != null`: true, `cidrMatch(source.ip, "::/0")`: false,
		`process.interactive == 5`: false, `process.interactive`: false, `length(process.pid) == 1`: false,
		`process.start == "?"`: false, `process.name == "true"`: true,
	} {
		if got := len(judge(t, "any where "+condition, Options{Size: -1}, doc).Events) == 1; got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
}
