package randomcase

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// draw calls use for some random cases.
func draw(t *testing.T, n int, use func(*Loaded)) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		c := New(r)
		l, err := c.Load()
		if err != nil {
			t.Fatalf("load a case that was drawn: %v\n%s", err, c)
		}
		use(l)
	}
}

func TestShares(t *testing.T) {
	const n = 2500
	shares := map[string]int{}
	draw(t, n, func(l *Loaded) {
		f, err := l.Facts()
		if err != nil {
			t.Fatalf("%v\n%s", err, l.Case)
		}
		for name, is := range map[string]bool{
			"match": f.Match, "late hit": f.LateHit, "until cut": f.UntilCut, "missing term": f.Missing, "missing term that mattered": f.MissingMattered,
			"sequence": f.Sequence, "sample": f.Sample, "match of a sample": f.Sample && f.Match, "failure": f.Failed,
		} {
			if is {
				shares[name]++
			}
		}
	})
	for name, least := range map[string]float64{
		"match": 0.3, "late hit": 0.15, "until cut": 0.1, "missing term": 0.15, "missing term that mattered": 0.08,
		"sequence": 0.5, "sample": 0.04, "match of a sample": 0.02, "failure": 0.05,
	} {
		share := float64(shares[name]) / n
		t.Logf("%-28s %4.1f %%", name, 100*share)
		if share < least {
			t.Errorf("%s: in %.1f %% of the cases, want %.1f %%", name, 100*share, 100*least)
		}
	}
}

// TestWholeGrammar asserts that every operator, function and shape is drawn.
func TestWholeGrammar(t *testing.T) {
	seen := map[string]int{}
	draw(t, 3000, func(l *Loaded) {
		q, err := eql.Parse(l.Query)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range q.Pipes {
			seen[p.Name]++
		}
		note := func(what string, is bool) {
			if is {
				seen[what]++
			}
		}
		filters, terms := []*eql.Filter{}, []*eql.Term{}
		switch b := q.Body.(type) {
		case *eql.Filter:
			filters = append(filters, b)
		case *eql.Sequence:
			terms = append(terms, b.Terms...)
			note("leading", b.Terms[0].Missing)
			note("trailing", b.Terms[len(b.Terms)-1].Missing)
			note("inner", slices.ContainsFunc(b.Terms[1:len(b.Terms)-1], func(t *eql.Term) bool { return t.Missing }))
			note("maxspan", b.MaxSpan != nil)
			note("two keys", len(b.Keys) > 1)
			note("no key", len(b.Keys)+len(b.Terms[0].Keys) == 0)
			if b.Until != nil {
				terms = append(terms, b.Until)
				note("until", true)
			}
		case *eql.Sample:
			terms = append(terms, b.Terms...)
			note("sample", true)
			note("own key of a sample", len(b.Terms[0].Keys) > 0)
		}
		for _, term := range terms {
			filters = append(filters, term.Filter)
			note("runs", term.Runs > 1)
			note("own key", len(term.Keys) > 0)
			note("optional key", slices.ContainsFunc(term.Keys, func(f *eql.Field) bool { return f.Optional }))
		}
		for _, f := range filters {
			note("any", f.Any)
			eql.Walk(f.Condition, func(e eql.Expr) { noteExpr(seen, e) })
		}
		note("mapping", l.Mapping != "")
		note("tiebreaker", l.Tiebreaker != "")
		note("timestamp", l.Timestamp != "")
		note("category", l.Category != "")
		note("accept", l.Accept != nil)
	})
	want := []string{
		"head", "tail", "leading", "trailing", "inner", "maxspan", "two keys", "no key", "until", "sample", "own key of a sample", "runs", "own key", "optional key", "any",
		"mapping", "tiebreaker", "timestamp", "category", "accept", "optional", "in", "in~", "not in", "not in~", "negative", "null", "bool", "int", "float", "string",
	}
	for op := eql.And; op <= eql.RegexFold; op++ {
		want = append(want, op.String())
	}
	for _, name := range value.FunctionNames() {
		want = append(want, name+"()")
		if fn, _ := value.LookupFunction(name); fn.FoldVariant {
			want = append(want, name+"~()")
		}
	}
	for _, what := range want {
		if seen[what] < 5 {
			t.Errorf("%s: drawn %d times", what, seen[what])
		}
	}
}

func noteExpr(seen map[string]int, e eql.Expr) {
	switch e := e.(type) {
	case *eql.Logic:
		seen[e.Op.String()]++
	case *eql.Unary:
		seen[e.Op.String()]++
		if e.Op == eql.Neg {
			seen["negative"]++
		}
	case *eql.Binary:
		seen[e.Op.String()]++
	case *eql.Match:
		seen[e.Op.String()]++
	case *eql.In:
		name := map[bool]string{false: "in", true: "not in"}[e.Not]
		if e.Fold {
			name += "~"
		}
		seen[name]++
	case *eql.Call:
		name := e.Name
		if e.Fold {
			name += "~"
		}
		seen[name+"()"]++
	case *eql.Field:
		if e.Optional {
			seen["optional"]++
		}
	case *eql.Literal:
		seen[map[value.Kind]string{value.Null: "null", value.Bool: "bool", value.Int: "int", value.Float: "float", value.String: "string"}[e.Value.Kind()]]++
	}
}

// TestDisorder asserts that no document is later than the case says.
func TestDisorder(t *testing.T) {
	late := 0
	draw(t, 1000, func(l *Loaded) {
		var newest value.Instant
		timed := false
		for i, d := range l.Docs {
			at, ok := timeOf(l, d)
			switch {
			case !ok:
			case !timed || at.Compare(newest) > 0:
				newest, timed = at, true
			case newest.Sub(at) > l.Lateness:
				t.Fatalf("document %d is %v late\n%s", i, newest.Sub(at), l.Case)
			case newest.Sub(at) > 0:
				late++
			}
		}
	})
	if late < 1000 {
		t.Errorf("only %d documents came late", late)
	}
}

func timeOf(l *Loaded, d *event.Document) (value.Instant, bool) {
	path := l.Timestamp
	if path == "" {
		path = "@timestamp"
	}
	v := value.Coerce(d.First(path), value.TypeDate, "")
	return v.Instant(), v.Kind() == value.Date
}

func TestTextOfCase(t *testing.T) {
	draw(t, 300, func(l *Loaded) {
		back, err := ParseCase(l.String())
		if err != nil || !reflect.DeepEqual(back, l.Case) {
			t.Fatalf("%v: read back as\n%s\nwas\n%s", err, back, l.Case)
		}
	})
	for _, bad := range []string{"query x", "nothing `a`", "size `x`", "lateness `5`"} {
		if _, err := ParseCase(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// TestShrink asserts that a case is made small: here one that differs whenever a
// sequence whose query has a certain operator finds something.
func TestShrink(t *testing.T) {
	shrunk := 0
	draw(t, 600, func(l *Loaded) {
		differs := func(c Case) bool {
			l, err := c.Load()
			if err != nil {
				t.Fatal(err)
			}
			found, err := l.Everything()
			if err != nil {
				t.Fatal(err)
			}
			return len(found.Matches) > 0 && strings.HasPrefix(l.Query, "sequence") && strings.Contains(l.Query, "until")
		}
		if shrunk == 5 || !differs(l.Case) {
			return
		}
		shrunk++
		small := Shrink(l.Case, differs)
		if !differs(small) {
			t.Fatalf("shrinking lost the difference:\n%s", small)
		}
		if size := len(small.String()); size > 400 || len(small.Docs) > 4 {
			t.Errorf("%d bytes are left:\n%s", size, small)
		}
	})
	if shrunk < 5 {
		t.Errorf("only %d cases to shrink", shrunk)
	}
}
