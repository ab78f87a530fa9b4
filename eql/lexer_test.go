package eql

import (
	"errors"
	"strings"
	"testing"
)

func TestStrings(t *testing.T) {
	for src, want := range map[string]string{
		`"a\b\t\n\f\r\"\'\\b"`:                   "a\b\t\n\f\r\"'\\b",
		`"\u{41}\u{00e9}\u{0001f600}"`:           "Aé😀",
		`"""a"b"""`:                              `a"b`,
		`"""a""""`:                               `a"`,
		`"""a"""""`:                              `a""`,
		`"""\n"""`:                               `\n`,
		`""""""`:                                 ``,
		`""`:                                     ``,
		`"*%*"`:                                  `*%*`,
		"\"tab\there\"":                          "tab\there",
		`"""it's // no comment /* """`:           `it's // no comment /* `,
		`"//" /* /* nested */ "x" */ //`:         `//`,
		"// a comment ends with its line\r\"x\"": `x`,
	} {
		q, err := Parse("any where x == " + src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got := q.Body.(*Filter).Condition.(*Binary).R.(*Literal).Value.Str(); got != want {
			t.Errorf("%s = %q, want %q", src, got, want)
		}
	}
}

func TestReservedAndFreeWords(t *testing.T) {
	for _, w := range []string{
		"and", "any", "by", "false", "in", "join", "like", "maxspan", "not", "null", "of", "or", "regex",
		"sample", "sequence", "true", "until", "where", "with",
	} {
		if _, err := Parse("any where event." + w + " == 1"); err == nil {
			t.Errorf("%s is a bare segment", w)
		}
		if _, err := Parse("any where event.`" + w + "` == 1"); err != nil {
			t.Errorf("`%s`: %v", w, err)
		}
		if _, err := Parse(`"` + w + `" where true`); err != nil {
			t.Errorf("category %q: %v", w, err)
		}
	}
	for _, w := range []string{
		"head", "tail", "count", "filter", "sort", "unique", "unique_count", "runs", "fork", "child",
		"descendant", "event", "And", "WHERE", "_x", "@x", "x9",
	} {
		if _, err := Parse("any where " + w + "." + w + " == 1"); err != nil {
			t.Errorf("%s: %v", w, err)
		}
	}
}

func TestHostileQueries(t *testing.T) {
	const mb = 1 << 20
	for name, query := range map[string]string{
		"parentheses":        "any where " + strings.Repeat("(", 10_000) + "x" + strings.Repeat(")", 10_000),
		"open parentheses":   "any where " + strings.Repeat("(", mb),
		"negations":          "any where " + strings.Repeat("not ", mb/4) + "x",
		"signs":              "any where " + strings.Repeat("-", mb) + "x == 1",
		"calls":              "any where " + strings.Repeat("length(", 10_000) + "x" + strings.Repeat(")", 10_000),
		"sum":                "any where x" + strings.Repeat("+1", mb/2) + " == 1",
		"product":            "any where x" + strings.Repeat("*1", mb/2) + " == 1",
		"comments":           "any where " + strings.Repeat("/*", mb/2),
		"an endless string":  `any where x == "` + strings.Repeat("a", mb),
		"quotes":             "any where x == " + strings.Repeat(`"`, mb),
		"brackets":           "sequence " + strings.Repeat("[", mb),
		"pipes":              "any where true " + strings.Repeat("|", mb),
		"commas":             "any where x in (" + strings.Repeat("1,", mb/2),
		"lists":              "any where " + strings.Repeat("x in (", 10_000),
		"terms":              "sequence " + strings.Repeat("[any where true]", 10_000),
		"a bad regex":        `any where x regex "` + strings.Repeat("(a{1000}){1000}", 10) + `"`,
		"NUL":                "any where \x00",
		"bytes":              "\xff\xfe",
		"a name of a MB, no": "any where " + strings.Repeat("a", mb) + " = 1",
	} {
		q, err := Parse(query)
		if err == nil {
			_, _, err = Check(q, CheckOptions{})
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(e.Error()) > 1000 {
			t.Errorf("%s: a message of %d bytes", name, len(e.Error()))
		}
	}
}

// A long query that is flat is no hostile one.
func TestLongQueries(t *testing.T) {
	for name, query := range map[string]string{
		"or":     "any where x == 1" + strings.Repeat(" or x == 1", 100_000),
		"list":   "any where x in (1" + strings.Repeat(",1", 500_000) + ")",
		"string": `any where x == "` + strings.Repeat("a", 1<<20) + `"`,
		"deep":   "any where " + strings.Repeat("(", 990) + "x" + strings.Repeat(")", 990),
		"lines":  "any where x ==" + strings.Repeat("\n", 1<<20) + "1",
	} {
		q, err := Parse(query)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, _, err = Check(q, CheckOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Parse(q.String()); err != nil {
			t.Errorf("%s: printed: %v", name, err)
		}
	}
}

func TestMaxSpanDuration(t *testing.T) {
	for text, want := range map[string]string{
		"10ms": "10ms", "1s": "1s", "5m": "5m0s", "2h": "2h0m0s", "1d": "24h0m0s",
		"9223372036854775807d": "2562047h47m16.854775807s",
	} {
		q := mustParse(t, "sequence with maxspan="+text+" [any where true] [any where true]")
		if got := q.Body.(*Sequence).MaxSpan.Duration().String(); got != want {
			t.Errorf("%s = %s, want %s", text, got, want)
		}
	}
}
