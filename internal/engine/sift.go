package engine

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// requiredBytes returns bytes that every text has which a regular expression
// matches, the rare ones first; "" if none is known. Looking for them is far quicker
// than running the expression.
func requiredBytes(m *eql.Match) string {
	if len(m.Patterns) != 1 {
		return ""
	}
	re, err := value.CompileRegex([]string{m.Patterns[0].Value.Str()}, m.Op == eql.RegexFold)
	if err != nil {
		return ""
	}
	tree, err := syntax.Parse(re.Source(), syntax.Perl)
	if err != nil {
		return ""
	}
	var found []byte
	required(tree, &found)
	slices.SortFunc(found, func(a, b byte) int { return rarity(a) - rarity(b) })
	return string(slices.Compact(found))
}

// required adds the bytes that a part of an expression can not do without.
func required(re *syntax.Regexp, found *[]byte) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			folds := re.Flags&syntax.FoldCase != 0 && ('a' <= r|0x20 && r|0x20 <= 'z')
			if r < utf8.RuneSelf && !folds {
				*found = append(*found, byte(r))
			}
		}
	case syntax.OpCharClass:
		if len(re.Rune) == 2 && re.Rune[0] == re.Rune[1] && re.Rune[0] < utf8.RuneSelf {
			*found = append(*found, byte(re.Rune[0]))
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			required(sub, found)
		}
	case syntax.OpRepeat:
		if re.Min > 0 {
			required(re.Sub[0], found)
		}
	}
}

// rarity orders bytes by how seldom they are in command lines and paths.
func rarity(b byte) int {
	switch {
	case strings.IndexByte("/-. ", b) >= 0:
		return 400 + int(b)
	case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
		return 200 + int(b)
	}
	return int(b)
}

// sifted asks a test only of texts that have all the bytes.
func sifted(must string, test func(string) bool) func(string) bool {
	return func(s string) bool {
		for i := range len(must) {
			if strings.IndexByte(s, must[i]) < 0 {
				return false
			}
		}
		return test(s)
	}
}
