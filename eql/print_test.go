package eql

import (
	"reflect"
	"strings"
	"testing"
)

func mustParse(tb testing.TB, src string) *Query {
	tb.Helper()
	q, err := Parse(src)
	if err != nil {
		tb.Fatalf("Parse(%q): %v", src, err)
	}
	return q
}

func TestPrint(t *testing.T) {
	for _, tt := range []struct{ query, want string }{
		{`any  where(true)`, `any where true`},
		{`"any" where true`, `"any" where true`},
		{`"sequence" where true`, `"sequence" where true`},
		{`"proc" where not (a==1) and b==2`, `proc where not a == 1 and b == 2`},
		{`any where not (a and b)`, `any where not (a and b)`},
		{`any where a and (b or c) or d`, `any where a and (b or c) or d`},
		{`any where a or (b or (c or d))`, `any where a or b or c or d`},
		{`any where (a - b) - c == a - (b - c)`, `any where a - b - c == a - (b - c)`},
		{`any where (a + b) * c == a + (b * c)`, `any where (a + b) * c == a + b * c`},
		{`any where - (-a) == +(a+b)`, `any where --a == +(a + b)`},
		{`any where (a == b) == c`, `any where (a == b) == c`},
		{`any where (not a) == b`, `any where (not a) == b`},
		{`any where (-a) in (1) or -a in (1)`, `any where (-a) in (1) or -a in (1)`},
		{`any where a in~ ("b" , 1+2)`, `any where a in~ ("b", 1 + 2)`},
		{`any where a NOT_IN_ == 1 `, ``},
		{`any where a not in ("b")`, `any where a not in ("b")`},
		{`any where a : ("b")`, `any where a : "b"`},
		{`any where a like~ ("b","c") and x regex "d" and y regex~ "e"`, `any where a like~ ("b", "c") and x regex "d" and y regex~ "e"`},
		{`any where CONCAT(a, STARTSWITH~(b, c)) == "x"`, `any where concat(a, startsWith~(b, c)) == "x"`},
		{"any where ?`a b`.`sequence`.c == null", "any where ?`a b`.`sequence`.c == null"},
		{"any where `process` == 1", `any where process == 1`},
		{"any where `a``b` == 1", "any where `a``b` == 1"},
		{`any where a == """C:\x"y"""`, `any where a == "C:\\x\"y"`},
		{`any where a == "\u{41}\u{0000e9}\u{200b}\b"`, `any where a == "Aé\u{200b}\b"`},
		{`any where a == 1. or a == .5 or a == 5e14 or a == 99999999999999999999`, `any where a == 1.0 or a == 0.5 or a == 5e+14 or a == 1e+20`},
		{`any where a == 18446744073709551615`, `any where a == 18446744073709551615`},
		{`any where true | head 2+3 | tail 1`, `any where true | head 2 + 3 | tail 1`},
		{
			`sequence by a, ?b with maxspan=5m [x where true] by c with runs=3 ![any where d] by e until [y where f] by g | head 2`,
			"sequence by a, ?b with maxspan=5m\n  [x where true] by c with runs=3\n  ![any where d] by e\nuntil [y where f] by g\n| head 2",
		},
		{`sample by a [x where true] [y where true]`, "sample by a\n  [x where true]\n  [y where true]"},
	} {
		q, err := Parse(tt.query)
		if tt.want == "" {
			if err == nil {
				t.Errorf("Parse(%q) succeeded", tt.query)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.query, err)
			continue
		}
		if got := q.String(); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.query, got, tt.want)
		}
	}
}

func TestPrintParts(t *testing.T) {
	q := mustParse(t, `sequence with maxspan=1s [x where a == 1] by k with runs=2 ![y where b] by k`)
	s := q.Body.(*Sequence)
	if got, want := s.Terms[0].String(), `[x where a == 1] by k with runs=2`; got != want {
		t.Errorf("term: %s, want %s", got, want)
	}
	if got, want := s.Terms[1].Filter.String(), `y where b`; got != want {
		t.Errorf("filter: %s, want %s", got, want)
	}
	if got, want := ExprString(s.Terms[0].Filter.Condition), `a == 1`; got != want {
		t.Errorf("condition: %s, want %s", got, want)
	}
}

// Every query prints to a text that parses to the same tree.
func TestRoundTripGenerated(t *testing.T) {
	for seed := range uint64(20_000) {
		want := newGenerator(seed).query()
		text := want.String()
		got, err := Parse(text)
		if err != nil {
			t.Fatalf("seed %d: printed text does not parse: %v\n%s", seed, err, text)
		}
		if !reflect.DeepEqual(plain(got), plain(want)) {
			t.Fatalf("seed %d: another tree\nprinted  %s\nreparsed %s", seed, text, got)
		}
	}
}

// White space, comments, the case of functions and redundant parentheses make
// no difference.
func TestOtherSpellingsAreTheSameQuery(t *testing.T) {
	for seed := range uint64(5_000) {
		g := newGenerator(seed)
		want := g.query()
		text := g.respell(want.String())
		got, err := Parse(text)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if !reflect.DeepEqual(plain(got), plain(want)) {
			t.Fatalf("seed %d: another tree\nspelling %s\n     got %s\n    want %s", seed, text, got, want)
		}
	}
}

// Positions are true: the text at a node's place is the node.
func TestPositions(t *testing.T) {
	for seed := range uint64(2_000) {
		g := newGenerator(seed)
		text := g.query().String()
		q := mustParse(t, text)
		walk(q, func(e Expr) {
			at := e.Pos()
			if at.Line != 1+strings.Count(text[:at.Offset], "\n") {
				t.Fatalf("seed %d: %s is not on line %d", seed, ExprString(e), at.Line)
			}
			start := strings.LastIndexByte(text[:at.Offset], '\n') + 1
			if at.Col != 1+len([]rune(text[start:at.Offset])) {
				t.Fatalf("seed %d: %s is not at column %d", seed, ExprString(e), at.Col)
			}
			again, err := Parse("any where " + text[at.Offset:at.End])
			if err != nil {
				t.Fatalf("seed %d: the text at the place of %s: %v", seed, ExprString(e), err)
			}
			if got := ExprString(again.Body.(*Filter).Condition); got != ExprString(e) {
				t.Fatalf("seed %d: at the place of %s stands %s", seed, ExprString(e), got)
			}
		})
	}
}

// walk visits every expression of a query.
func walk(q *Query, visit func(Expr)) {
	var expr func(Expr)
	expr = func(e Expr) {
		visit(e)
		switch e := e.(type) {
		case *Logic:
			for _, a := range e.Args {
				expr(a)
			}
		case *Unary:
			expr(e.X)
		case *Binary:
			expr(e.L)
			expr(e.R)
		case *In:
			expr(e.X)
			for _, a := range e.List {
				expr(a)
			}
		case *Match:
			expr(e.X)
		case *Call:
			for _, a := range e.Args {
				expr(a)
			}
		}
	}
	switch b := q.Body.(type) {
	case *Filter:
		expr(b.Condition)
	case *Sequence:
		for _, t := range append(b.Terms, b.untilTerms()...) {
			expr(t.Filter.Condition)
		}
	case *Sample:
		for _, t := range b.Terms {
			expr(t.Filter.Condition)
		}
	}
}
