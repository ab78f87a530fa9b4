package explain_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/explain"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// stream makes documents of lines such as `100 process k=a n=exec`: milliseconds,
// category, and fields.
func stream(t *testing.T, lines string) []*event.Document {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		fmt.Fprintf(&b, `{"event.category":%q`, words[1])
		if words[0] != "-" {
			fmt.Fprintf(&b, `,"@timestamp":%s`, words[0])
		}
		for _, w := range words[2:] {
			name, v, _ := strings.Cut(w, "=")
			fmt.Fprintf(&b, `,%q:%q`, name, v)
		}
		b.WriteString("}\n")
	}
	return decode(t, b.String())
}

const two = `sequence by k with maxspan=1s [process where n == "exec"] [network where n == "connect"]`

func TestNearestMissNamesItsCause(t *testing.T) {
	for _, test := range []struct {
		name, query, events string
		cause               explain.Cause
		text                string
	}{
		{
			"no event of a stage's category", two, "100 process k=a n=exec",
			explain.CauseNoEvent, `stage 2: no network event at all`,
		},
		{
			"no event of the key", two, "100 process k=a n=exec\n50 network k=b n=x",
			explain.CauseNoEvent, `stage 2: no network event with the same k`,
		},
		{
			"a clause of the first stage", two, "100 process k=a n=fork\n200 network k=a n=connect",
			explain.CauseClause, `stage 1, clause 1: n is "fork", wants "exec"`,
		},
		{
			"a clause of a later stage", two, "100 process k=a n=exec\n200 network k=a n=accept",
			explain.CauseClause, `stage 2, clause 1: n is "accept", wants "connect"`,
		},
		{
			"a missing value", two, "100 process k=a n=exec\n200 network k=a",
			explain.CauseClause, `stage 2, clause 1: n is absent, wants "connect"`,
		},
		{
			"the key", two, "100 process k=a n=exec\n200 network k=b n=connect",
			explain.CauseKey, `stage 2 came 100 ms after stage 1 under another key: k is "b", stage 1 has "a"`,
		},
		{
			"one key of two", `sequence by h, k [process where true] [network where true]`, "100 process h=h1 k=a\n150 network h=h2 k=b\n1200 network h=h1 k=c",
			explain.CauseKey, `stage 2 came 1.1 s after stage 1 under another key: k is "c", stage 1 has "a"`,
		},
		{
			"the order", two, "200 process k=a n=exec\n100 network k=a n=connect",
			explain.CauseOrder, `stage 2 came 100 ms before stage 1`,
		},
		{
			"one event for two stages", `sequence by k [process where n == "x"] [process where k != null and n == "x"]`, "100 process k=a n=x",
			explain.CauseOrder, `stage 2: only the event of stage 1 meets it, and one event can not be both`,
		},
		{
			"no time", two, "100 process k=a n=exec\n- network k=a n=connect",
			explain.CauseOrder, `stage 2: the event has no timestamp, so that it has no place in a sequence`,
		},
		{
			"too few runs", `sequence by k [process where true] [network where true] with runs=3`, "100 process k=a\n200 network k=a\n300 network k=a",
			explain.CauseOrder, `stage 2 wants 3 events, 2 came`,
		},
		{
			"the span", two, "100 process k=a n=exec\n2117 network k=a n=connect",
			explain.CauseSpan, `stage 2 came 2.017 s after stage 1, maxspan is 1s`,
		},
		{
			"until", two + ` until [process where n == "end"]`, "100 process k=a n=exec\n300 process k=a n=end\n400 network k=a n=connect",
			explain.CauseUntil, `an until event came 200 ms after stage 1 and before stage 2`,
		},
		{
			"a missing event that is there", `sequence by k with maxspan=1s [process where n == "exec"] ![file where true] [network where true]`,
			"100 process k=a n=exec\n150 file k=a event.action=creation\n400 network k=a",
			explain.CauseMissingEvent, `term 2 wants no event, and one came 50 ms after stage 1: creation`,
		},
		{
			"a leading missing event that is there", `sequence by k with maxspan=1s ![file where true] [process where n == "exec"] [network where true]`,
			"50 file k=a event.action=creation\n100 process k=a n=exec\n400 network k=a",
			explain.CauseMissingEvent, `term 1 wants no event, and one came 50 ms before stage 2: creation`,
		},
		{
			"too late, with a missing term too", `sequence by k with maxspan=1s [process where n == "exec"] ![file where true] [network where true]`,
			"100 process k=a n=exec\n4100 network k=a",
			explain.CauseSpan, `stage 3 came 4 s after stage 1, maxspan is 1s`,
		},
		{
			"a newer event in the place of an older", `sequence by k with maxspan=1s [any where n == "a"] [any where n == "b"] [any where n == "c"]`,
			"0 x k=a n=a\n500 x k=a n=b\n900 x k=a n=a\n950 x k=a n=q\n1400 x k=a n=c",
			explain.CauseSpan, `stage 3 came 1.4 s after stage 1, maxspan is 1s`,
		},
		{
			"a sample's missing event", `sample by k [process where true] [network where n == "connect"]`, "100 process k=a\n50 network k=a n=accept",
			explain.CauseClause, `stage 2, clause 1: n is "accept", wants "connect"`,
		},
		{
			"the nearest branch", `process where n == "a" and (m == "x" and l == "y" and o == "z" or l == "q" and o == "r")`, "1 process n=a m=x l=y o=q",
			explain.CauseClause, `clause 2, branch 1 of 2: o is "q", wants "z"`,
		},
		{
			"what must not be", `process where not n in ("a", "b")`, "1 process n=b",
			explain.CauseClause, `clause 1: n is "b", must not be "b"`,
		},
		{
			"letter case", `process where n == "Exec"`, "1 process n=exec",
			explain.CauseClause, `clause 1: n is "exec", wants "Exec" (letter case differs)`,
		},
		{
			"one of many", `process where n in ("ruby", "perl", "php")`, "1 process n=ruby3.1",
			explain.CauseClause, `clause 1: n is "ruby3.1", wants "ruby" or one of 2 others`,
		},
		{
			"an address", `process where not cidrMatch(n, "10.0.0.0/8", "127.0.0.0/8")`, "1 process n=127.1.2.3",
			explain.CauseClause, `clause 1: n is "127.1.2.3", must not be in "127.0.0.0/8"`,
		},
		{
			"any other leaf", `process where length(n) > 5`, "1 process n=abc",
			explain.CauseClause, `clause 1: length(n) > 5 does not hold: n is "abc"`,
		},
		{
			"presence", `process where m != null`, "1 process n=abc",
			explain.CauseClause, `clause 1: m is absent, wants any value`,
		},
		{
			"a null test", `process where n == null`, "1 process n=abc",
			explain.CauseClause, `clause 1: n is "abc", wants it absent`,
		},
		{
			"a regular expression", `process where n regex "a+"`, "1 process n=b",
			explain.CauseClause, `clause 1: n is "b", wants text that matches "a+"`,
		},
		{
			"an unlikely program", `process where n == "a" and m == "1" or n == "b" and m == "2"`, "1 process n=c m=1",
			explain.CauseClause, `clause 1: n is "c", none of the 2 branches is about it: they want one of "a", "b"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := run(t, test.query, reference.Options{}, stream(t, test.events))
			if len(r.Matches) > 0 {
				t.Fatalf("%d matches", len(r.Matches))
			}
			if len(r.Misses) == 0 {
				t.Fatalf("no misses; notes %q", r.Notes)
			}
			if m := r.Misses[0]; m.Cause != test.cause || !strings.HasPrefix(m.Text, test.text) {
				t.Errorf("%s: %s\nwant %s: %s", m.Cause, m.Text, test.cause, test.text)
			}
		})
	}
}

func TestAConstantIsNamedWhereTheValueNearlyIsIt(t *testing.T) {
	for name, want := range map[string]string{
		"ruby3.1": `wants "ruby" or one of 3 others`, "gawk": `wants "awk" or one of 3 others`,
		"nc.openbsd": `wants "nc" or one of 3 others`, "RUBY": `wants "ruby" (letter case differs)`,
		"tclsh8.6": `wants one of "ruby", "awk", "nc", "sh"`, "nclient": `wants one of "ruby", "awk", "nc", "sh"`,
		"bash": `wants one of "ruby", "awk", "nc", "sh"`, "é": `wants one of "ruby", "awk", "nc", "sh"`,
	} {
		r := run(t, `process where n in ("ruby", "awk", "nc", "sh")`, reference.Options{}, stream(t, "1 process n="+name))
		if got := r.Misses[0].Text; !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestNotes(t *testing.T) {
	for _, test := range []struct{ name, query, events, note string }{
		{"a category that no event has", two, "1 process k=a n=exec\n2 file k=a", `no network event among 2: event.category is "file" 1, "process" 1`},
		{"a field that no event has", `process where process.parent.name == "sh"`, "1 process k=a\n2 process", `process.parent.name absent in 100 % of process events`},
		{"a join key that no event has", two, "1 process n=exec\n2 network n=connect", `k absent in 100 % of process events`},
		{"an event that lacks its join key", two, "1 process n=exec\n2 process k=a n=exec\n3 network k=b n=connect", `1 of the events that meet stage 1 lack a join key (k)`},
	} {
		r := run(t, test.query, reference.Options{}, stream(t, test.events))
		if !strings.Contains(text(r, 9), "note: "+test.note+"\n") {
			t.Errorf("%s: notes %q", test.name, r.Notes)
		}
	}
}

func TestIndexPatternsThatLeaveOutTheMatchAreTheCause(t *testing.T) {
	docs := stream(t, "1 process n=exec")
	opts := reference.Options{Accept: func(*event.Document) bool { return false }}
	r := run(t, `process where n == "exec"`, opts, docs)
	if len(r.Misses) != 1 || r.Misses[0].Cause != explain.CauseIndex || r.Outside != 1 {
		t.Fatalf("%+v", r)
	}
	if got, want := r.Misses[0].Text, `the index patterns leave out "file"; without them the query matches once`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestMissesThatSayTheSameAreOne(t *testing.T) {
	r := run(t, two, reference.Options{}, stream(t, "1 process k=a n=exec\n2 process k=b n=exec\n3 process k=c n=fork"))
	if len(r.Misses) != 2 || r.Misses[0].Alike != 1 || r.Misses[1].Alike != 0 {
		t.Errorf("%s", text(r, 9))
	}
}

func TestMatchTellsWhatHeld(t *testing.T) {
	r := run(t, two, reference.Options{}, stream(t, "1 process k=a n=exec\n2 network k=a n=connect"))
	if len(r.Matches) != 1 || len(r.Misses) != 0 {
		t.Fatalf("%s", text(r, 9))
	}
	m := r.Matches[0]
	if len(m.Keys) != 1 || m.Keys[0].Field != "k" || m.Keys[0].Value.Text() != "a" || len(m.Stages) != 2 {
		t.Fatalf("%+v", m)
	}
	if held := m.Stages[1].Held; len(held) != 1 || held[0] != (explain.Held{Clause: 1, Expr: `n == "connect"`, Seen: `"connect"`}) {
		t.Errorf("held %+v", held)
	}
}

func TestExceptionsAreToldFromClauses(t *testing.T) {
	parsed, err := eql.Parse(`process where n == "a"`)
	if err != nil {
		t.Fatal(err)
	}
	f := parsed.Body.(*eql.Filter)
	except := &eql.Unary{Op: eql.Not, X: &eql.Binary{
		Op: eql.Eq, L: &eql.Field{Segments: []string{"m"}}, R: &eql.Literal{Value: value.OfString("x")},
	}}
	f.Condition = &eql.Logic{Op: eql.And, Args: []eql.Expr{f.Condition, except}} // as a rule adds it: with no place
	checked, _, err := eql.Check(parsed, eql.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := explain.Run(checked, reference.Options{}, stream(t, "1 process n=a m=x"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Misses[0].Text, `exception or filter of the rule: m is "x", must not be "x"`; got != want {
		t.Errorf("got %s", got)
	}
}
