package value

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestRegex(t *testing.T) {
	tests := []struct {
		pattern  string
		matches  []string
		mismatch []string
	}{
		// The whole value.
		{`abc`, []string{"abc"}, []string{"", "abcd", "xabc", "ABC"}},
		{``, []string{""}, []string{"a"}},
		{`net\.exe`, []string{"net.exe"}, []string{"netxexe", `net\.exe`}},
		{`a.c`, []string{"abc", "a\nc", "aéc", "a𝕏c", "a\xffc"}, []string{"ac", "abbc"}},
		{`.*evil.*`, []string{"evil", "x\nevil\ny"}, []string{"evi"}},
		// Repetitions.
		{`ab?c`, []string{"ac", "abc"}, []string{"abbc"}},
		{`ab*c`, []string{"ac", "abbbc"}, []string{"adc"}},
		{`ab+c`, []string{"abc", "abbc"}, []string{"ac"}},
		{`a{2}`, []string{"aa"}, []string{"a", "aaa"}},
		{`a{2,}`, []string{"aa", "aaaa"}, []string{"a"}},
		{`a{1,2}`, []string{"a", "aa"}, []string{"", "aaa"}},
		{`a{0}b`, []string{"b"}, []string{"ab"}},
		{`(ab){2}`, []string{"abab"}, []string{"abb"}},
		{`a**`, []string{"", "aa"}, []string{"b"}},
		{`a{2}{2}`, []string{"aaaa"}, []string{"aa"}},
		{`x.*?`, []string{"x", "xyz"}, []string{"y"}}, // not lazy: (.*)?
		{`a??`, []string{"", "a"}, []string{"aa"}},
		// Alternatives and groups.
		{`ab|cd`, []string{"ab", "cd"}, []string{"abd", "acd", "abcd"}},
		{`a(b|c)d`, []string{"abd", "acd"}, []string{"ad", "abcd"}},
		{`a|b|` + `c`, []string{"a", "b", "c"}, []string{"", "ab"}},
		{`()`, []string{""}, []string{"a", "()"}},
		{`a()b`, []string{"ab"}, []string{"a()b"}},
		{`(a|())b`, []string{"ab", "b"}, []string{"a"}},
		{`()*a`, []string{"a"}, []string{""}},
		{`(abc)d`, []string{"abcd"}, []string{"abc"}},
		// Ordinary elsewhere, operators here and the other way round.
		{`^a$`, []string{"^a$"}, []string{"a"}},
		{`a^b`, []string{"a^b"}, []string{"ab"}},
		{`a-b]c}d>e,f/g`, []string{"a-b]c}d>e,f/g"}, nil},
		{`\^\$\.\*\+\?\(\)\[\]\{\}\|\\\"\#\@\&\<\>\~`, []string{`^$.*+?()[]{}|\"#@&<>~`}, nil},
		{`\é\-\ `, []string{"é- "}, nil},
		{`*a`, []string{"*a"}, []string{"a", "aa"}}, // nothing to repeat: the character
		{`(+a)?`, []string{"", "+a"}, []string{"a"}},
		{`a||b`, []string{"a", "|b"}, []string{"", "b"}},
		{`{`, []string{"{"}, nil},
		// Any string and no string.
		{`a@`, []string{"a", "abc", "a\n"}, []string{"", "b"}},
		{`a@b@c`, []string{"abc", "axxbyyc"}, []string{"ab"}},
		{`#`, nil, []string{"", "#", "a"}},
		{`a|#`, []string{"a"}, []string{"", "#"}},
		{`a#`, nil, []string{"a", "a#"}},
		{`#?a`, []string{"a"}, []string{"#a"}},
		// Quotes.
		{`"a.*b"`, []string{"a.*b"}, []string{"axb"}},
		{`x".|("y`, []string{"x.|(y"}, nil},
		{`"ab"*`, []string{"", "abab"}, []string{"abb"}},
		{`"\d"`, []string{`\d`}, []string{"1"}},
		{`""a`, []string{"a"}, []string{`""a`}},
		// Classes.
		{`[abc]`, []string{"a", "b", "c"}, []string{"", "d", "ab", "A"}},
		{`[a-c]+`, []string{"abc"}, []string{"abd"}},
		{`[^a-c]`, []string{"d", "\n", "é", "^"}, []string{"a", ""}},
		{`[a^]`, []string{"a", "^"}, []string{"b"}},
		{`[]a]`, []string{"]", "a"}, []string{"[]a]"}},
		{`[^]a]`, []string{"b"}, []string{"]", "a"}},
		{`[-a]`, []string{"-", "a"}, []string{"b"}},
		{`[\]\-\\\^]`, []string{"]", "-", `\`, "^"}, []string{"a"}},
		{`[.*+?(){}|"#@&<>~$]+`, []string{`.*+?(){}|"#@&<>~$`}, []string{"a"}},
		{`[[:alpha:]]`, []string{"[]", "a]", ":]"}, []string{"b", "a"}}, // no POSIX classes
		{`[à-ü]`, []string{"é"}, []string{"e"}},
		{`[𝕏-𝕐]`, []string{"𝕏"}, []string{"X"}},
		// Shorthands.
		{`\d+`, []string{"0123456789"}, []string{"", "a", "٣"}},
		{`\D`, []string{"a", "٣", "\n"}, []string{"1"}},
		{`\w+`, []string{"azAZ09_"}, []string{"-", "é"}},
		{`\W`, []string{"-", "é", " "}, []string{"a", "_", "5"}},
		{`\s+`, []string{" \t\n\r"}, []string{"a", "\f", "\v", "\u00a0"}},
		{`\S`, []string{"a", "\f", "\v", "\u00a0", "\x00", "!"}, []string{" ", "\t", "\n", "\r"}},
		{`[\d_]+`, []string{"1_2"}, []string{"a"}},
		{`[\D]`, []string{"a"}, []string{"1"}},
		{`[^\D]`, []string{"1"}, []string{"a"}},
		{`[\s\d]+`, []string{"1 2\t"}, []string{"a"}},
		{`[^\s]`, []string{"a", "\f"}, []string{" "}},
		{`[\S]`, []string{"a"}, []string{" ", "\n"}},
		{`[\W\d]+`, []string{"1-2"}, []string{"a"}},
		{`[\w-]+`, []string{"a-b"}, []string{"a b"}},
		{`[\d-x]+`, []string{"1-x"}, []string{"y"}},
		// Numeric intervals.
		{`<1-100>`, []string{"1", "42", "100", "007", "0100"}, []string{"0", "101", "", "a", "1 "}},
		{`<01-12>`, []string{"01", "09", "12"}, []string{"1", "13", "00", "012"}},
		{`<100-1>`, []string{"1", "100"}, []string{"0", "101"}},
		{`<0-0>`, []string{"0"}, []string{"00", "1"}},
		{`<5-5>x`, []string{"5x"}, []string{"5", "x"}},
		{`port<1-65535>/tcp`, []string{"port443/tcp", "port65535/tcp"}, []string{"port65536/tcp", "port0/tcp"}},
		{`<1-3>{2}`, []string{"12", "33"}, []string{"1", "14"}},
		{`<0-9999999999999999999>`, []string{"9999999999999999999", "0"}, []string{"10000000000000000000"}},
		{`\<1-3\>`, []string{"<1-3>"}, []string{"2"}},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			for _, fold := range []bool{false, true} {
				re, err := CompileRegex([]string{tt.pattern}, fold)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range tt.matches {
					if !re.Match(s) {
						t.Errorf("%q (fold %v) does not match %q", tt.pattern, fold, s)
					}
				}
				for _, s := range tt.mismatch {
					if re.Match(s) && (!fold || strings.ToLower(s) == s) {
						t.Errorf("%q (fold %v) matches %q", tt.pattern, fold, s)
					}
				}
			}
		})
	}
}

func TestRegexFold(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{`abc`, "aBC", true},
		{`net\.EXE`, "NET.exe", true},
		{`a[bc]+`, "ABC", true},
		{`[a-z]+`, "ABC", true}, // ranges too
		{`[A-Z]+\d`, "abc1", true},
		{`[^a-z]`, "A", false},
		{`[^A]`, "a", false},
		{`"AB"c`, "abC", true},
		{`é`, "É", true},
		{`[à-ü]`, "É", true},
		{`k+`, "K\u212a", true},
		{`\W`, "k", false},
		{`[\W]`, "s", false},
		{`\d`, "a", false},
		{`ab|cd`, "CD", true},
		{`ab|cd`, "CB", false},
	}
	for _, tt := range tests {
		re, err := CompileRegex([]string{tt.pattern}, true)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		if got := re.Match(tt.s); got != tt.want {
			t.Errorf("%q without case matches %q: %v, want %v", tt.pattern, tt.s, got, tt.want)
		}
	}
}

func TestRegexList(t *testing.T) {
	tests := []struct {
		patterns []string
		s        string
		want     bool
	}{
		{nil, "", false},
		{nil, "a", false},
		{[]string{"a", "b"}, "a", true},
		{[]string{"a", "b"}, "b", true},
		{[]string{"a", "b"}, "ab", false},
		{[]string{"a|b", "c"}, "bc", false}, // each pattern is grouped
		{[]string{"a|b", "c"}, "c", true},
		{[]string{"ab*", "c"}, "abb", true},
		{[]string{"ab*", "c"}, "cb", false},
		{[]string{"", "a+"}, "", true},
		{[]string{"", "a"}, "", true},
		{[]string{"#", "a"}, "a", true},
		{[]string{"#"}, "", false},
	}
	for _, tt := range tests {
		re, err := CompileRegex(tt.patterns, false)
		if err != nil {
			t.Errorf("%q: %v", tt.patterns, err)
			continue
		}
		if got := re.Match(tt.s); got != tt.want {
			t.Errorf("%q matches %q: %v, want %v", tt.patterns, tt.s, got, tt.want)
		}
	}
}

func TestRegexErrors(t *testing.T) {
	tests := []struct {
		pattern string
		offset  int
		message string
	}{
		{`a\q`, 1, `invalid character class \q`},
		{`\t`, 0, `invalid character class \t`},
		{`\n`, 0, `invalid character class \n`},
		{`a\bc`, 1, `invalid character class \b`},
		{`\Z`, 0, `invalid character class \Z`},
		{`[\t]`, 1, `invalid character class \t`},
		{`[a-\d]`, 3, `invalid character class \d`},
		{`~a`, 0, `operator ~ is not supported; write \~ for the character`},
		{`a~`, 1, `operator ~ is not supported; write \~ for the character`},
		{`é&b`, 2, `operator & is not supported; write \& for the character`},
		{`a\`, 1, `a character is missing at the end`},
		{`[\`, 1, `a character is missing at the end`},
		{`[a-`, 3, `a character is missing at the end`},
		{`a|`, 2, `an expression is missing at the end`},
		{`(`, 1, `an expression is missing at the end`},
		{`(a`, 0, `unclosed "("`},
		{`x(a|b`, 1, `unclosed "("`},
		{`a)`, 1, `unmatched ")"`},
		{`a)b`, 1, `unmatched ")"`},
		{`[a`, 0, `unclosed "["`},
		{`x[]`, 1, `unclosed "["`},
		{`"abc`, 0, `unclosed "\""`},
		{`[z-a]`, 1, `a range from 'z' to 'a'`},
		{`a{`, 2, `a number is missing in a repetition`},
		{`a{,3}`, 2, `a number is missing in a repetition`},
		{`a{x}`, 2, `a number is missing in a repetition`},
		{`a{2`, 3, `"}" is missing after a repetition`},
		{`a{2,x}`, 4, `"}" is missing after a repetition`},
		{`a{3,2}`, 1, `a repetition from 3 to 2 times`},
		{`a{1001}`, 1, `a repetition of more than 1000 times`},
		{`a{1,1001}`, 1, `a repetition of more than 1000 times`},
		{`a{99999999999999999999}`, 1, `a repetition of more than 1000 times`},
		{`a{1000}{1000}`, 7, `pattern is too complex`},
		{`((a{100}){100}){100}`, 15, `pattern is too complex`},
		{`(a{50}){50}`, 0, `pattern is too complex`},
		{strings.Repeat(".{1000}", 30), 0, `pattern is too complex`},
		{`<1-2`, 0, `unclosed "<"`},
		{`a<name>`, 1, `<name> is not a numeric interval`},
		{`<1-2-3>`, 0, `<1-2-3> is not a numeric interval`},
		{`<-3>`, 0, `<-3> is not a numeric interval`},
		{`<3->`, 0, `<3-> is not a numeric interval`},
		{`<1-10000000000000000000>`, 0, `a numeric interval of more than 19 digits`},
		{"a\xff", 0, `pattern is not valid UTF-8`},
		{strings.Repeat("é", 1001), 0, `pattern is longer than 1000 characters`},
	}
	for _, tt := range tests {
		_, err := CompileRegex([]string{tt.pattern}, false)
		var re *RegexError
		if !errors.As(err, &re) {
			t.Errorf("CompileRegex(%q): error %v, want a *RegexError", tt.pattern, err)
			continue
		}
		if re.Message != tt.message || re.Offset != tt.offset || re.Pattern != tt.pattern {
			t.Errorf("CompileRegex(%q): %q at %d in %q, want %q at %d", tt.pattern, re.Message, re.Offset, re.Pattern, tt.message, tt.offset)
		}
		if want := fmt.Sprintf("compile regular expression %q: %s at offset %d", tt.pattern, tt.message, tt.offset); err.Error() != want {
			t.Errorf("CompileRegex(%q): error %q, want %q", tt.pattern, err, want)
		}
	}
	if _, err := CompileRegex([]string{"fine", `bad\q`}, false); err == nil || !strings.Contains(err.Error(), `bad\\q`) {
		t.Errorf("the error of the second pattern is %v", err)
	}
}

// The longest pattern and the largest repetition are still taken.
func TestRegexLimits(t *testing.T) {
	for _, tt := range []struct{ pattern, s string }{
		{strings.Repeat("é", 1000), strings.Repeat("é", 1000)},
		{strings.Repeat("(", 499) + "a?" + strings.Repeat(")", 499), "a"},
		{"a{1000}", strings.Repeat("a", 1000)},
		{"(a{10}){100}", strings.Repeat("a", 1000)},
		{"a{1000}.{1000}", strings.Repeat("a", 2000)},
		{"a{0}", ""},
	} {
		re, err := CompileRegex([]string{tt.pattern}, false)
		if err != nil {
			t.Errorf("%.20q: %v", tt.pattern, err)
			continue
		}
		if !re.Match(tt.s) || re.Match(tt.s+"b\n") {
			t.Errorf("%.20q does not match its text alone", tt.pattern)
		}
	}
}

// An interval is what comparing the numbers says it is.
func TestRegexIntervalAgainstNumbers(t *testing.T) {
	for low := 0; low <= 120; low += 3 {
		for _, high := range []int{0, 1, 9, 10, 11, 89, 99, 100, 109, 110, 119, 199, 200, 1000, 1023} {
			re, err := CompileRegex([]string{fmt.Sprintf("<%d-%d>", low, high)}, false)
			if err != nil {
				t.Fatal(err)
			}
			padded := len(strconv.Itoa(low)) == len(strconv.Itoa(high))
			for n := range 1100 {
				want := min(low, high) <= n && n <= max(low, high)
				if s := strconv.Itoa(n); re.Match(s) != want {
					t.Fatalf("<%d-%d> matches %s: %v", low, high, s, !want)
				}
				if s := "00" + strconv.Itoa(n); re.Match(s) != (want && !padded) {
					t.Fatalf("<%d-%d> matches %s: %v", low, high, s, padded || !want)
				}
			}
		}
	}
	r := rand.New(rand.NewPCG(15, 16))
	for range 200 {
		low, high := r.Uint64()>>(1+r.IntN(63)), r.Uint64()>>(1+r.IntN(63))
		re, err := CompileRegex([]string{fmt.Sprintf("<%019d-%019d>", low, high)}, false)
		if err != nil {
			t.Fatal(err)
		}
		low, high = min(low, high), max(low, high)
		for _, n := range []uint64{low, low + 1, low - 1, high, high + 1, high - 1, low/2 + high/2, low / 2, high/2 + high/4, r.Uint64() >> 1} {
			if n > 1<<63 {
				continue // 0 - 1
			}
			want := low <= n && n <= high
			if got := re.Match(fmt.Sprintf("%019d", n)); got != want {
				t.Fatalf("<%019d-%019d> matches %d: %v, want %v", low, high, n, got, want)
			}
		}
	}
}

func FuzzCompileRegex(f *testing.F) {
	for _, p := range []string{`a.*b|[^\d-x]+`, `"q"<1-99>@#`, `(a{2,3}|())?\.`, `[]\]]`, `~a`, `a{1000}{1000}`} {
		f.Add(p, "ab12")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		re, err := CompileRegex([]string{pattern}, false)
		if err != nil {
			var re *RegexError
			if !errors.As(err, &re) || re.Message == "" || re.Offset < 0 || re.Offset > len(pattern) {
				t.Errorf("CompileRegex(%q): %#v", pattern, err)
			}
			return
		}
		folded, err := CompileRegex([]string{pattern}, true)
		if err != nil {
			t.Fatalf("CompileRegex(%q) fails only when case is ignored: %v", pattern, err)
		}
		if len(s) > 1000 {
			return
		}
		if re.Match(s) && !folded.Match(s) && !strings.ContainsAny(pattern, `[\`) {
			t.Errorf("%q matches %q only when case counts", pattern, s)
		}
		twice, err := CompileRegex([]string{pattern, "(" + pattern + ")()"}, false)
		if err == nil && pattern != "" && twice.Match(s) != re.Match(s) {
			t.Errorf("%q matches %q differently in a list", pattern, s)
		}
		if quoted, err := CompileRegex([]string{`"` + s + `"`}, false); err == nil && !strings.Contains(s, `"`) && !quoted.Match(s) {
			t.Errorf("the quoted text %q does not match itself", s)
		}
	})
}

func BenchmarkRegex(b *testing.B) {
	value := strings.Repeat("a", 1<<16)
	for _, pattern := range []string{`(a*)*b`, `.*b`, `(a|aa)+b`} {
		b.Run(pattern, func(b *testing.B) {
			re, err := CompileRegex([]string{pattern}, false)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(value)))
			for b.Loop() {
				if re.Match(value) {
					b.Fatal("matched")
				}
			}
		})
	}
}
