package value

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// naiveRegex matches a pattern of letters, '.', '?', '*', '|' and groups by
// trying all ways, and returns the ends of the matches of the pattern's part.
type naiveRegex struct {
	pattern, s string
	pos        int
}

type naiveMatch func(at int) map[int]bool

func (n *naiveRegex) union() naiveMatch {
	m := n.concatenation()
	for n.pos < len(n.pattern) && n.pattern[n.pos] == '|' {
		n.pos++
		left, right := m, n.concatenation()
		m = func(at int) map[int]bool {
			ends := left(at)
			for end := range right(at) {
				ends[end] = true
			}
			return ends
		}
	}
	return m
}

func (n *naiveRegex) concatenation() naiveMatch {
	m := n.repetition()
	for n.pos < len(n.pattern) && !strings.ContainsRune("|)", rune(n.pattern[n.pos])) {
		left, right := m, n.repetition()
		m = func(at int) map[int]bool { return reach(left(at), right) }
	}
	return m
}

func (n *naiveRegex) repetition() naiveMatch {
	m := n.atom()
	for n.pos < len(n.pattern) && strings.ContainsRune("?*", rune(n.pattern[n.pos])) {
		once := m
		times := 1
		if n.pattern[n.pos] == '*' {
			times = len(n.s)
		}
		n.pos++
		m = func(at int) map[int]bool {
			ends := map[int]bool{at: true}
			for range times {
				for end := range reach(ends, once) {
					ends[end] = true
				}
			}
			return ends
		}
	}
	return m
}

func (n *naiveRegex) atom() naiveMatch {
	c := n.pattern[n.pos]
	n.pos++
	if c == '(' {
		m := n.union()
		n.pos++
		return m
	}
	return func(at int) map[int]bool {
		if at < len(n.s) && (c == '.' || c == n.s[at]) {
			return map[int]bool{at + 1: true}
		}
		return map[int]bool{}
	}
}

func reach(from map[int]bool, m naiveMatch) map[int]bool {
	ends := map[int]bool{}
	for at := range from {
		for end := range m(at) {
			ends[end] = true
		}
	}
	return ends
}

func TestRegexAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	var pattern func(depth int) string
	pattern = func(depth int) string {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			switch k := r.IntN(8); {
			case k == 0 && depth > 0:
				b.WriteString("(" + pattern(depth-1) + ")")
			case k == 1 && depth > 0:
				b.WriteString("(" + pattern(depth-1) + "|" + pattern(depth-1) + ")")
			case k == 2:
				b.WriteByte('.')
			default:
				b.WriteByte("ab"[r.IntN(2)])
			}
			b.WriteString([]string{"", "", "", "*", "?", "*?"}[r.IntN(6)])
		}
		return b.String()
	}
	matched := 0
	for range 1500 {
		p := pattern(2)
		re, err := CompileRegex([]string{p}, false)
		if err != nil {
			t.Fatalf("%q: %v", p, err)
		}
		for range 8 {
			s := randomText(r, []rune("ab\n"), 6)
			n := &naiveRegex{pattern: p, s: s}
			want := n.union()(0)[len(s)]
			if got := re.Match(s); got != want {
				t.Fatalf("%q matches %q: %v, want %v", p, s, got, want)
			}
			if want {
				matched++
			}
		}
	}
	if matched < 500 {
		t.Errorf("only %d of the generated pairs match: the comparison shows little", matched)
	}
}
