package generate

import (
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// Every text of the meeting of two patterns matches both, and patterns that have a
// text in common have a meeting.
func TestMeetingsMatchBothPatterns(t *testing.T) {
	for _, c := range []struct {
		a, b   string
		fold   bool // of a
		shared bool
	}{
		{"*curl*", "*http*", false, true},
		{"/tmp/*", "*.so", false, true},
		{"/tmp/*", "/var/*", false, false},
		{"abc", "a?c", false, true},
		{"abc", "a?d", false, false},
		{"ab*ba", "aba", false, false},
		{"ab*ba", "abba", false, true},
		{"?????*", "ab*", false, true},
		{"?", "", false, false},
		{"*", "", false, true},
		{"*a*b*c*", "*c*b*a*", false, true},
		{"CURL*", "curl", true, true},
		{"CURL*", "curl", false, false},
		{"Ü*", "*ü", true, true},
	} {
		text, ok := meet(wild(c.a, c.fold).text, wild(c.b, false).text)
		if ok != c.shared {
			t.Errorf("%q and %q: %v, want %v", c.a, c.b, ok, c.shared)
		}
		if !ok {
			continue
		}
		for _, s := range (shape{text: text, isText: true}).texts() {
			if !value.CompileWildcard(c.a, c.fold).Match(s) || !value.CompileWildcard(c.b, false).Match(s) {
				t.Errorf("%q and %q: %q does not match both", c.a, c.b, s)
			}
		}
	}
}

func TestSamplesMatchTheirExpression(t *testing.T) {
	for _, pattern := range []string{
		"abc", "a.c", "a|b", "(foo|bar)+", "[0-9]{1,3}(\\.[0-9]{1,3}){3}", ".*x.*", "[^a]", "[^-]*u[^-]*", "\\d\\s\\w\\D", "<7-19>", `"a*b"c`,
		"php?[0-9]?\\.?[0-9]{0,2}", "/[a-z0-9\\s_\\-\\\\./]+\\s", "()", "@", "a{3,}", "é+",
	} {
		for _, fold := range []bool{false, true} {
			re, err := value.CompileRegex([]string{pattern}, fold)
			if err != nil {
				t.Fatal(err)
			}
			found := samples(pattern, fold)
			if len(found) == 0 {
				t.Errorf("%s: no samples", pattern)
			}
			matching := 0
			for _, sh := range found {
				for _, s := range sh.texts() {
					if re.Match(s) {
						matching++
					}
				}
			}
			if matching == 0 {
				t.Errorf("%s: no sample matches: %v", pattern, found)
			}
		}
	}
	if found := samples("#", false); len(found) > 0 {
		t.Errorf("an expression that nothing matches has samples: %v", found)
	}
	if found := samples("(", false); len(found) > 0 {
		t.Errorf("an expression that is none has samples: %v", found)
	}
}

func TestRequiredClausesSeeThroughNegations(t *testing.T) {
	q := checked(t, `any where a == 1 and not (b == 2 or not c == 3) and not (d == 4 and e == 5)`)
	var got []string
	for _, c := range required(q.Body.(*eql.Filter).Condition, true) {
		got = append(got, eql.ExprString(c.shown()))
	}
	want := []string{"a == 1", "not b == 2", "c == 3", "not (d == 4 and e == 5)"}
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}
