package value

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHasWildcard(t *testing.T) {
	for p, want := range map[string]bool{"": false, "a": false, "a%_\\": false, "*": true, "a?": true} {
		if got := HasWildcard(p); got != want {
			t.Errorf("HasWildcard(%q) = %v, want %v", p, got, want)
		}
	}
}

func TestWildcard(t *testing.T) {
	tests := []struct {
		pattern, s string
		exact, any bool // without and with folding
	}{
		{"", "", true, true},
		{"", "a", false, false},
		{"*", "", true, true},
		{"*", "line\nbreak", true, true},
		{"**", "x", true, true},
		{"?", "", false, false},
		{"?", "\n", true, true},
		{"?", "é", true, true},
		{"?", "𝕏", true, true}, // one code point, two UTF-16 units
		{"??", "𝕏", false, false},
		{"?", "\xff", true, true},
		{"?", "\xe2\x82", false, false}, // half a character: two broken bytes
		{"??", "\xe2\x82", true, true},
		{"*?", "a", true, true},
		{"*?*", "", false, false},
		{"a?c", "abc", true, true},
		{"a?c", "aBC", false, true},
		{"a?c", "ac", false, false},
		{"winini?.exe", "wininit.exe", true, true},
		{"lsass.*", "LSASS.exe", false, true},
		{"lsass.*", "lsass.", true, true},
		{"lsass.*", "a lsass.exe", false, false}, // the whole value
		{"*.exe", "a.exe.txt", false, false},
		{"*%*", "100%", true, true},
		{"*_*", "a b", false, false},
		{`*\SAM\*`, `HKLM\SAM\Domains`, true, true},
		{`*\SAM\*`, `hklm\sam\domains`, false, true},
		{`a\*`, `a\bc`, true, true}, // no escape: the backslash is itself
		{`a\*`, `a*`, false, false},
		{"a*a", "a", false, false}, // the ends do not overlap
		{"ab*ba", "aba", false, false},
		{"a*b*c", "abbc", true, true},
		{"a*b*c", "acb", false, false},
		{"*ab*ab*", "abab", true, true},
		{"*ab*ab*", "abb", false, false},
		{"*É*", "café", false, true},
		{"*k*", "\u212a", false, true}, // the folded form has another length
		{"*\u212a*", "ok", false, true},
		{"*s", "Eſ", false, true},
		{"ſ*", "Sx", false, true},
		{"*x?z*", "wxyz", true, true},
		{"*x??z*", "wxyz", false, false},
		{"*\xff*", "a\xffb", true, true},
		{"*\xff*", "a\xfeb", false, false},
		{"*\xa9*", "é", false, false}, // a half of é is not in é
	}
	for _, tt := range tests {
		if got := CompileWildcard(tt.pattern, false).Match(tt.s); got != tt.exact {
			t.Errorf("CompileWildcard(%q, false).Match(%q) = %v, want %v", tt.pattern, tt.s, got, tt.exact)
		}
		if got := CompileWildcard(tt.pattern, true).Match(tt.s); got != tt.any {
			t.Errorf("CompileWildcard(%q, true).Match(%q) = %v, want %v", tt.pattern, tt.s, got, tt.any)
		}
	}
}

func TestCompileEndsWith(t *testing.T) {
	tests := []struct {
		constant, s string
		fold, want  bool
	}{
		{"", "", false, true},
		{"", "x", false, true},
		{".exe", "a.exe", false, true},
		{".exe", "a.EXE", false, false},
		{".exe", "a.EXE", true, true},
		{".exe", "a.exe.txt", false, false},
		{"a*c", "xabc", false, true},
		{"a?c", "xabc", false, true},
		{"a?c", "xac", false, false},
		{`a\*c`, "xa*c", false, true},
		{`a\*c`, "xabc", false, false},
		{`a\\c`, `xa\c`, false, true},
		{`a\é`, `xaé`, false, true},
		{`\`, `x\`, false, true}, // nothing after it to take: itself
		{`\`, `x`, false, false},
	}
	for _, tt := range tests {
		if got := CompileEndsWith(tt.constant, tt.fold).Match(tt.s); got != tt.want {
			t.Errorf("CompileEndsWith(%q, %v).Match(%q) = %v, want %v", tt.constant, tt.fold, tt.s, got, tt.want)
		}
	}
}

func TestCompileContains(t *testing.T) {
	tests := []struct {
		constant, s string
		fold, want  bool
	}{
		{"", "", false, false},
		{"", "x", true, false},
		{"b", "abc", false, true},
		{"B", "abc", false, false},
		{"B", "abc", true, true},
		{"valuesToAdd=[*]", "{valuesToAdd=[123456]}", false, true},
		{"valuesToAdd=[*]", "{valuesToAdd=123456}", false, false},
		{`Principal=\*`, "{Principal=*}", false, true},
		{`Principal=\*`, "{Principal=me}", false, false},
		{`a\?c`, "xa?cx", false, true},
		{`a\?c`, "xabcx", false, false},
		{"*", "", false, true},
	}
	for _, tt := range tests {
		if got := CompileContains(tt.constant, tt.fold).Match(tt.s); got != tt.want {
			t.Errorf("CompileContains(%q, %v).Match(%q) = %v, want %v", tt.constant, tt.fold, tt.s, got, tt.want)
		}
	}
}

// naiveWildcard is the meaning of a pattern, spelled out.
func naiveWildcard(pattern, s string, fold bool) bool {
	if pattern == "" {
		return s == ""
	}
	r, n := decodeRune(pattern)
	rest := pattern[n:]
	if r == '*' {
		if naiveWildcard(rest, s, fold) {
			return true
		}
		if s == "" {
			return false
		}
		_, m := decodeRune(s)
		return naiveWildcard(pattern, s[m:], fold)
	}
	if s == "" {
		return false
	}
	q, m := decodeRune(s)
	same := r == '?' || r == q || fold && EqualFold(pattern[:n], s[:m])
	return same && naiveWildcard(rest, s[m:], fold)
}

func TestWildcardAgainstNaive(t *testing.T) {
	alphabets := []struct{ pattern, text string }{
		{"ab*?", "ab"},
		{"aA*?", "aAb"},
		{"éÉ*?a", "éÉaA"},
		{"kK\u212a*?", "kK\u212ax"},
		{"σςΣ?*s", "σςΣſs"},
		{"**a", "aab"},
	}
	r := rand.New(rand.NewPCG(3, 4))
	matched := 0
	for _, al := range alphabets {
		for range 8000 {
			pattern := randomText(r, []rune(al.pattern), 8)
			s := randomText(r, []rune(al.text), 10)
			for _, fold := range []bool{false, true} {
				got, want := CompileWildcard(pattern, fold).Match(s), naiveWildcard(pattern, s, fold)
				if got != want {
					t.Fatalf("CompileWildcard(%q, %v).Match(%q) = %v, want %v", pattern, fold, s, got, want)
				}
				if want {
					matched++
				}
			}
		}
	}
	if matched < 1000 {
		t.Errorf("only %d of the generated pairs match: the comparison shows little", matched)
	}
}

// Runs longer than one machine word, with and without '?'.
func TestWildcardLongRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	alphabet := []rune("abAéÉ1")
	for _, length := range []int{63, 64, 65, 127, 128, 129, 500} {
		run := []rune(strings.Repeat("a", length))
		for i := range run {
			run[i] = alphabet[r.IntN(len(alphabet))]
		}
		text := string(run)
		run[0], run[length/2], run[length-1] = '?', '?', '?'
		pattern := "*" + string(run) + "*"
		for _, noise := range []string{"", "a", "ébA", strings.Repeat("aé", length)} {
			s := noise + text + noise
			if !CompileWildcard(pattern, false).Match(s) {
				t.Errorf("a run of %d is not found after %q", length, noise)
			}
			if !CompileWildcard(pattern, true).Match(strings.ToUpper(s)) {
				t.Errorf("a run of %d is not found after %q, in another case", length, noise)
			}
			broken := []rune(noise + text)
			broken[len(broken)-2] = 'z'
			if CompileWildcard(pattern, true).Match(string(broken)) {
				t.Errorf("a run of %d is found after %q though it is broken", length, noise)
			}
		}
	}
}

// More distinct characters than fit a byte, ASCII ones last.
func TestWildcardManyDistinctCharacters(t *testing.T) {
	var run []rune
	for r := rune(0x4e00); r < 0x4e00+400; r++ {
		run = append(run, r)
	}
	run = append(run, []rune("abc?def")...)
	w := CompileWildcard("*"+string(run)+"*", true)
	s := "x" + strings.Replace(string(run), "?", "\n", 1) + "x"
	if !w.Match(strings.ToUpper(s)) {
		t.Error("the run is not found")
	}
	if w.Match(strings.Replace(s, "d", "e", 1)) {
		t.Error("a broken run is found")
	}
}

func FuzzWildcard(f *testing.F) {
	f.Add("*a?b*", "xaéb")
	f.Add("*\xff?", "\xff\xff")
	f.Add("a*\u212a*", "AK")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if utf8.RuneCountInString(pattern) > 12 || len(s) > 24 {
			t.Skip("the naive matcher takes exponential time")
		}
		for _, fold := range []bool{false, true} {
			if got, want := CompileWildcard(pattern, fold).Match(s), naiveWildcard(pattern, s, fold); got != want {
				t.Errorf("CompileWildcard(%q, %v).Match(%q) = %v, want %v", pattern, fold, s, got, want)
			}
		}
		if utf8.ValidString(pattern) && pattern != "" && !strings.ContainsAny(pattern, `*?\`) {
			if got, want := CompileContains(pattern, false).Match(s), strings.Contains(s, pattern); got != want {
				t.Errorf("CompileContains(%q).Match(%q) = %v, want %v", pattern, s, got, want)
			}
			if got, want := CompileEndsWith(pattern, false).Match(s), strings.HasSuffix(s, pattern); got != want {
				t.Errorf("CompileEndsWith(%q).Match(%q) = %v, want %v", pattern, s, got, want)
			}
		}
	})
}

// The cost of a pattern must not depend on how many '*' it has: compare the
// rows of one value.
func BenchmarkWildcard(b *testing.B) {
	value := strings.Repeat("a", 1<<20)
	for _, pattern := range []string{"*b", "*a*a*a*a*b", "*b*", "*a*a*a*a*b*", "*aaaaaaab*", "*a?a*a?b*", "*" + strings.Repeat("a?", 50) + "b*"} {
		for _, fold := range []bool{false, true} {
			name := pattern[:min(len(pattern), 12)]
			if fold {
				name += "/fold"
			}
			b.Run(name, func(b *testing.B) {
				w := CompileWildcard(pattern, fold)
				b.SetBytes(int64(len(value)))
				for b.Loop() {
					if w.Match(value) {
						b.Fatal("matched")
					}
				}
			})
		}
	}
}
