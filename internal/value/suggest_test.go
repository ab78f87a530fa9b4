package value

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		word       string
		candidates string
		want       string
	}{
		{"hed", "head tail", "head"},
		{"pib", "ppid pid exit_code", "pid"},
		{"pid", "ppid pid pids md5", "pid"},
		{"PID", "pid", "pid"},
		{"prcess.name", "process.name process.names process.args", "process.name"},
		{"md", "md5", "md5"},
		{"xxx", "md5 pid", ""},
		{"lengt", "length wildcard", "length"},
		{"dpi", "pid", ""},
		{"pdi", "pid", "pid"},
		{"stringcontain", "stringContains", "stringContains"},
		{"STRINGCONTAINS", "stringContains", "stringContains"},
		{"user.nmae.original", "user.name.original", "user.name.original"},
		{"é", "É", "É"},
		{"", "a ab", "a"},
		{"a", "b c d e f g h", "b c d e f"},
		{"abcd", "abce ABCD abcd abcde", "ABCD abcd"},
		{"pid", "pid pid pid", "pid"},
		// The limits: 1 up to five characters, 2 up to twelve, 3 beyond.
		{"abcde", "abcxx", ""},
		{"abcde", "abcdx", "abcdx"},
		{"abcdef", "abcdxx", "abcdxx"},
		{"abcdef", "abcxxx", ""},
		{"abcdefghijkl", "abcdefghijxx", "abcdefghijxx"},
		{"abcdefghijkl", "abcdefghixxx", ""},
		{"abcdefghijklm", "abcdefghijxxx", "abcdefghijxxx"},
		{"abcdefghijklm", "abcdefghixxxx", ""},
		{"abcdefghijklm", "defghijklm", "defghijklm"},
		{"ééééé", "ééééx", "ééééx"}, // characters, not bytes
	} {
		got := Suggest(c.word, strings.Fields(c.candidates))
		if strings.Join(got, " ") != c.want {
			t.Errorf("Suggest(%q, %s) = %q, want %s", c.word, c.candidates, got, c.want)
		}
	}
	if got := Suggest("a", nil); len(got) != 0 {
		t.Errorf("of no candidates: %q", got)
	}
}

func TestSuggestLeavesCandidates(t *testing.T) {
	candidates := []string{"pids", "pid", "ppid"}
	Suggest("pid", candidates)
	if !slices.Equal(candidates, []string{"pids", "pid", "ppid"}) {
		t.Errorf("the candidates are now %q", candidates)
	}
}

// A hostile word costs its length, not its square.
func TestSuggestLong(t *testing.T) {
	long := strings.Repeat("ab", 1<<18)
	if got := Suggest(long, []string{long[2:], long + "xxxx", "ab"}); len(got) != 1 {
		t.Errorf("%d suggestions, want 1", len(got))
	}
}

// naiveDistance fills the whole table.
func naiveDistance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestEditDistanceAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	draw := func() []rune {
		s := make([]rune, r.IntN(10))
		for i := range s {
			s[i] = 'a' + rune(r.IntN(3))
		}
		return s
	}
	for range 20000 {
		a, b, limit := draw(), draw(), r.IntN(5)
		want := min(naiveDistance(a, b), limit+1)
		if got := editDistance(a, b, limit); got != want {
			t.Fatalf("distance of %q and %q within %d is %d, want %d", string(a), string(b), limit, got, want)
		}
	}
}
