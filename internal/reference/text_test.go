package reference

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// permitted runs a condition that the check may refuse; known tells whether it
// did not.
func permitted(t *testing.T, c conditionCase, opts Options) (got, known bool) {
	t.Helper()
	q, err := eql.Parse("any where " + c.condition)
	if err != nil {
		t.Fatalf("parse %s: %v", c.condition, err)
	}
	if q, _, err = eql.Check(q, checkOptions(opts)); err != nil {
		return false, false
	}
	p, err := Compile(q, opts)
	if err != nil {
		t.Fatalf("compile %s: %v", c.condition, err)
	}
	r, err := p.Run([]*event.Document{decode(t, c.doc, 0)})
	if err != nil {
		t.Fatalf("run %s: %v", c.condition, err)
	}
	return len(r.Events) == 1, true
}

func TestStringOperators(t *testing.T) {
	checkConditions(t, all, []conditionCase{
		{`s : "CMD.exe"`, `{"s":"cmd.EXE"}`, true},
		{`s : "cmd*"`, `{"s":"CMD.exe"}`, true},
		{`s : "cm?.exe"`, `{"s":"cmd.exe"}`, true},
		{`s : "cm?.exe"`, `{"s":"cm.exe"}`, false},
		{`s : "?"`, `{"s":"😀"}`, true},
		{`s : "c"`, `{"s":"abc"}`, false},
		{`s : ("winini?.exe", "lsass.*")`, `{"s":"LSASS.EXE"}`, true},
		{`s : ("winini?.exe", "lsass.*")`, `{"s":"smss.exe"}`, false},
		{`s : "*%*"`, `{"s":"a%b"}`, true},
		{`s : "*%*"`, `{"s":"ab"}`, false},
		{`s : "*\\SAM\\*"`, `{"s":"HKLM\\sam\\x"}`, true},
		{`s : "a_c"`, `{"s":"abc"}`, false},
		{`s like "CMD*"`, `{"s":"cmd.exe"}`, false},
		{`s like "cmd*"`, `{"s":"cmd.exe"}`, true},
		{`s like ("x", "cmd*")`, `{"s":"cmd.exe"}`, true},
		{`s like~ "CMD*"`, `{"s":"cmd.exe"}`, true},
		{`s like "a*b"`, `{"s":"a\nb"}`, true},
		{`s regex "c.d\\.exe"`, `{"s":"cmd.exe"}`, true},
		{`s regex "md"`, `{"s":"cmd"}`, false},
		{`s regex ("a", "c.d")`, `{"s":"cmd"}`, true},
		{`s regex "C.D"`, `{"s":"cmd"}`, false},
		{`s regex~ "[A-Z]+"`, `{"s":"cmd"}`, true},
		{`s regex "\\d+"`, `{"s":"123"}`, true},
		{`s regex "a.b"`, `{"s":"a\nb"}`, true},
		{`s regex "net\\.exe"`, `{"s":"net.exe"}`, true},
		{`not s like "a*"`, `{}`, true},
		{`not s like "a*"`, `{"s":["b","abc"]}`, false},
		{`s : "a*"`, `{"s":["b","abc"]}`, true},
		{`string(pid) : "12*"`, `{"pid":123}`, true},
	})
}

// TestLookupQuirk asserts what endsWith and stringContains make of a constant:
// a wildcard on a plain field, literal text anywhere else.
func TestLookupQuirk(t *testing.T) {
	checkConditions(t, all, []conditionCase{
		{`stringContains(s, "valuesToAdd=[*]")`, `{"s":"x valuesToAdd=[123] y"}`, true},
		{`stringContains(concat(s, ""), "valuesToAdd=[*]")`, `{"s":"x valuesToAdd=[123] y"}`, false},
		{`stringContains(concat(s, ""), "valuesToAdd=[*]")`, `{"s":"x valuesToAdd=[*] y"}`, true},
		{`stringContains(s, "Principal=\\*")`, `{"s":"Principal=*"}`, true},
		{`stringContains(s, "Principal=\\*")`, `{"s":"Principal=abc"}`, false},
		{`stringContains(s, "b?d")`, `{"s":"abcde"}`, true},
		{`stringContains(s, "B?D")`, `{"s":"abcde"}`, false},
		{`stringContains~(s, "B?D")`, `{"s":"abcde"}`, true},
		{`endsWith(s, "c?e")`, `{"s":"abcde"}`, true},
		{`endsWith(s, "c?e")`, `{"s":"abcdef"}`, false},
		{`endsWith~(s, "C*E")`, `{"s":"abcde"}`, true},
		{`endsWith(concat(s, ""), "c?e")`, `{"s":"abcde"}`, false},
		{`startsWith(s, "a?c")`, `{"s":"abc"}`, false},
		{`startsWith(s, "abc")`, `{"s":"abcd"}`, true},
		{`startsWith~(s, "ABC")`, `{"s":"abcd"}`, true},
		// Inside a larger leaf it is a call.
		{`string(stringContains(s, "b?d")) == "true"`, `{"s":"abcde"}`, false},
		{`string(endsWith(s, "de")) == "true"`, `{"s":"abcde"}`, true},
		// An empty constant is what the functions say of it.
		{`stringContains(s, "")`, `{"s":"abc"}`, false},
		{`endsWith(s, "")`, `{"s":"abc"}`, true},
		{`endsWith(s, "")`, `{}`, false},
		{`startsWith(s, "")`, `{"s":"abc"}`, true},
		// Text only, any value, and not is the complement.
		{`stringContains(s, "5")`, `{"s":5}`, false},
		{`endsWith(s, "b")`, `{"s":["a","b"]}`, true},
		{`not endsWith(s, "b")`, `{"s":["a","b"]}`, false},
		{`not endsWith(s, "b")`, `{}`, true},
	})
}

func TestFunctionsInConditions(t *testing.T) {
	checkConditions(t, all, []conditionCase{
		{`startsWith("explorer.exeaaa", s)`, `{"s":"explorer.exe"}`, true},
		{`stringContains("ABCexplorerDEF", s)`, `{"s":"explorer"}`, true},
		{`endsWith(s, s0)`, `{"s":"abc","s0":"bc"}`, true},
		{`wildcard(s, "a*", "b*")`, `{"s":"bcd"}`, true},
		{`wildcard(s, "B*")`, `{"s":"bcd"}`, false},
		{`wildcard~(s, "B*")`, `{"s":"bcd"}`, true},
		{`wildcard(concat(s, ""), "b*")`, `{"s":"bcd"}`, true},
		{`between(s, "a", "c") == "b"`, `{"s":"abc"}`, true},
		{`between(s, "x", "c") == ""`, `{"s":"abc"}`, true},
		{`indexOf(s, "o", 2) == 2`, `{"s":"foobar"}`, true},
		{`substring(s, -3, -1) == "ll"`, `{"s":"hello"}`, true},
		{`length(s) == 2`, `{"s":"😀"}`, true},
		{`number(s) == 5`, `{"s":"5"}`, true},
		{`number(s, 16) == 50`, `{"s":"0x32"}`, true},
		{`concat(n, ":", s) : "5:AB"`, `{"n":5,"s":"ab"}`, true},
		{`string(x) == "1.0E10"`, `{"x":1e10}`, true},
		{`subtract(x, -4) == 2`, `{"x":-2}`, true},
		{`modulo(x, -6) == -4`, `{"x":-10}`, true},
		{`multiply(6, x) == 30 and divide(30, 4.0) == 7.5`, `{"x":5}`, true},
		{`x / 2 == 3`, `{"x":7}`, true},
		{`x / 2 == -3`, `{"x":-7}`, true},
		{`x / 2.0 == 41`, `{"x":83}`, false},
		{`x % 40 == 2`, `{"x":82}`, true},
		{`x * 2 - 1 == 3`, `{"x":2}`, true},
		{`x / 0.0 > 1`, `{"x":1}`, true},
		{`-x + 100 == 18`, `{"x":82}`, true},
		{`x + ((1 + 3) * 2 / (3 - 1)) * 2 == 54`, `{"x":46}`, true},
		{`add(pid, ppid) > 100`, `{"pid":60,"ppid":60}`, true},
	})
}

func TestCIDRMatch(t *testing.T) {
	cases := []conditionCase{
		{`cidrMatch(source.ip, "10.6.48.157/8")`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{`cidrMatch(source.ip, "192.168.0.0/16")`, `{"source":{"ip":"10.1.2.3"}}`, false},
		{`cidrMatch(source.ip, "192.168.0.0/16", "10.0.0.0/8")`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{`cidrMatch(source.ip, "0.0.0.0/0")`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{`cidrMatch(source.ip, "0.0.0.0/0")`, `{"source":{"ip":"2001:db8::1"}}`, false},
		{`cidrMatch(source.ip, "::/0")`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{`cidrMatch(source.ip, "::ffff:10.0.0.0/104")`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{`cidrMatch(source.ip, "10.0.0.0/8")`, `{"source":{"ip":"::ffff:10.1.2.3"}}`, true},
		{`cidrMatch(source.ip, "10.1.2.3")`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{`cidrMatch(source.ip, "2001:db8::/32")`, `{"source":{"ip":"2001:db8::1"}}`, true},
		{`cidrMatch(source.ip, "10.0.0.0/8")`, `{"source":{"ip":["1.1.1.1","10.1.2.3"]}}`, true},
		{`cidrMatch(source.ip, "10.0.0.0/8")`, `{"source":{"ip":"no address"}}`, false},
		{`not cidrMatch(source.ip, "10.0.0.0/8")`, `{"source":{"ip":"no address"}}`, true},
		{`cidrMatch(source.ip, "10.0.0.0/8")`, `{"source":{"ip":5}}`, false},
		{`cidrMatch(source.ip, "10.0.0.0/8")`, `{}`, false},
		{`not cidrMatch(source.ip, "10.0.0.0/8")`, `{}`, true},
	}
	checkConditions(t, all, cases)
	for _, c := range cases {
		// A field of which nothing is known holds text; and a call is a call.
		c.condition = strings.ReplaceAll(c.condition, "source.ip", "source.addr")
		c.doc = strings.ReplaceAll(c.doc, `"ip"`, `"addr"`)
		checkConditions(t, all, []conditionCase{c})
		if call, ok := strings.CutPrefix(c.condition, "not "); !ok && c.doc != `{}` {
			c.condition = `string(` + call + `) == "true"`
			checkConditions(t, all, []conditionCase{c})
		}
	}
}

func TestValueErrors(t *testing.T) {
	for _, c := range []struct{ condition, doc, message string }{
		{`9223372036854775807 + x > 0`, `{"x":1}`, "long overflow"},
		{`-x > 0`, `{"x":-9223372036854775808}`, "long overflow"},
		{`1 / x > 0`, `{"x":0}`, "/ by zero"},
		{`1 % x > 0`, `{"x":0}`, "/ by zero"},
		{`number(s) > 0`, `{"s":"abc"}`, "Unable to convert [abc] to number of base [10]"},
		{`length(string(1 / x)) > 0`, `{"x":0}`, "/ by zero"},
	} {
		docs := []*event.Document{decode(t, c.doc, 0), decode(t, c.doc, 1)}
		_, err := compile(t, "any where "+c.condition, all).Run(docs)
		var failure *ValueError
		if !errors.As(err, &failure) || !strings.Contains(err.Error(), c.message) || !strings.Contains(err.Error(), "line 1:") {
			t.Errorf("%s: got error %v, want %q with its place", c.condition, err, c.message)
			continue
		}
		if failure.Document != docs[0] || errors.Unwrap(failure) == nil {
			t.Errorf("%s: the error does not name its document and cause", c.condition)
		}

		// A tolerant run takes the leaf as false, counts it and goes on.
		tolerant := Options{Size: -1, Tolerant: true}
		r := search(t, "any where "+c.condition, tolerant, docs)
		if len(r.Events) != 0 || r.ValueErrors != 2 || r.FirstValueError.Error() != err.Error() {
			t.Errorf("%s: tolerant: %d events, %d errors, first %v", c.condition, len(r.Events), r.ValueErrors, r.FirstValueError)
		}
		if r = search(t, "any where not ("+c.condition+")", tolerant, docs); len(r.Events) != 2 {
			t.Errorf("%s: tolerant: not of a failed leaf is true for %d documents, want 2", c.condition, len(r.Events))
		}
	}
}

// TestStopsEarly asserts what is not reached does not fail.
func TestStopsEarly(t *testing.T) {
	docs := []*event.Document{decode(t, `{"event":{"category":"file"},"x":0,"y":[0,1],"s":["abc","7"]}`, 0)}
	for query, want := range map[string]int{
		`process where 1 / x > 0`:              0, // the category comes first
		`file where x == 1 and 1 / x > 0`:      0,
		`file where x == 0 or 1 / x > 0`:       1,
		`file where not (x == 0 or 1 / x > 0)`: 0,
		`file where 6 / y == 6`:                1, // another combination makes it true
		`file where number(s) == 7`:            1,
	} {
		if got := search(t, query, all, docs); len(got.Events) != want {
			t.Errorf("%s: got %d events, want %d", query, len(got.Events), want)
		}
	}
	for _, query := range []string{`file where 1 / x > 0 or x == 0`, `file where 6 / y == 5`, `file where not (1 / x > 0)`} {
		if _, err := compile(t, query, all).Run(docs); err == nil {
			t.Errorf("%s: no error", query)
		}
	}
}

// TestCombinationsAreBounded asserts that products of loops are refused beyond
// a bound, and single loops never.
func TestCombinationsAreBounded(t *testing.T) {
	many := func(n int, element string) string {
		return `{"f":[` + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + `]}`
	}
	distinct := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat("x", i) + `","`)
		}
		return `{"f":["` + strings.TrimSuffix(b.String(), `","`) + `"]}`
	}
	var counting strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&counting, ",%d", i)
	}
	counted := `{"f":[` + counting.String()[1:] + `]}`
	long := `"` + strings.Repeat("y", 1<<20) + `"`
	for _, c := range []struct {
		condition, doc string
		fails          bool
	}{
		{`f + 1 == 200000`, counted, false},
		{`length(f) == 2`, many(200_000, `"ab"`), false},
		{`concat(f, f) == "abab"`, many(200, `"ab"`), false},
		{`concat(f, f) == ""`, distinct(600), true},
		{`length(f) + length(f) == 2`, distinct(600), true},
		{`length(f) + length(f) == 2`, distinct(400), false},
		{`length(f)` + strings.Repeat(" + length(f)", 10) + ` == 2`, distinct(100), true},
		{`concat(f` + strings.Repeat(", f", 99) + `) == ""`, many(1, long), true},
		{`concat(f, f) == ""`, many(2, `"ab"`), false},
	} {
		_, err := compile(t, "any where "+c.condition, all).Run([]*event.Document{decode(t, c.doc, 0)})
		if got := errors.Is(err, ErrTooManyCombinations); got != c.fails || err != nil && !got {
			t.Errorf("%.40s on %.40s: got error %v, want one: %v", c.condition, c.doc, err, c.fails)
		}
	}
}
