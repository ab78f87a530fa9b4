package value

import (
	"regexp"
	"testing"
)

// The source of an expression matches what the expression matches.
func TestRegexSource(t *testing.T) {
	texts := []string{"", "a", "A", "ab", "a+b", "abc", "x\ny", "12", "B"}
	for _, c := range []struct {
		patterns []string
		fold     bool
	}{
		{[]string{"a"}, false},
		{[]string{"a", "ab"}, true},
		{[]string{`a\+b`}, false},
		{[]string{"x.y", "<10-20>"}, false},
		{[]string{"[a-b]+"}, true},
		{nil, false},
	} {
		r, err := CompileRegex(c.patterns, c.fold)
		if err != nil {
			t.Fatal(err)
		}
		source := regexp.MustCompile(r.Source())
		for _, s := range texts {
			if source.MatchString(s) != r.Match(s) {
				t.Errorf("%q, ignoring case %v: %s and the expression differ on %q", c.patterns, c.fold, r.Source(), s)
			}
		}
	}
}
