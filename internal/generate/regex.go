package generate

import (
	"regexp/syntax"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// matching returns shapes of texts that match one pattern of `:`, like or regex;
// or, if they shall not, shapes that may well not.
func matching(m *eql.Match, pattern string, want bool) []shape {
	if !want {
		return nearText(eql.Ne, strings.NewReplacer("*", "", "?", "x").Replace(pattern))
	}
	switch m.Op {
	case eql.Regex, eql.RegexFold:
		return samples(pattern, m.Op == eql.RegexFold)
	}
	return []shape{wild(pattern, m.Op != eql.Like)}
}

// samples returns shapes of texts that match a regular expression: one with as
// little as it allows, others with other branches and repetitions.
func samples(pattern string, fold bool) []shape {
	compiled, err := value.CompileRegex([]string{pattern}, fold)
	if err != nil {
		return nil
	}
	tree, err := syntax.Parse(compiled.Source(), syntax.Perl|syntax.DotNL)
	if err != nil {
		return nil
	}
	var out []shape
	for variant := range 8 {
		if text, ok := (sampler{variant}).text(tree); ok {
			out = append(out, shape{text: text, isText: true})
		}
	}
	return out
}

// sampler writes a text that matches a regular expression. The variant decides
// what is taken where there is a choice.
type sampler struct{ variant int }

func (s sampler) text(re *syntax.Regexp) ([]element, bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return literalText(string(re.Rune), re.Flags&syntax.FoldCase != 0), true
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return nil, true
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []element{{r: anyOne}}, true
	case syntax.OpCharClass:
		r, ok := s.member(re.Rune)
		return []element{{r: r}}, ok
	case syntax.OpCapture:
		return s.text(re.Sub[0])
	case syntax.OpConcat:
		var out []element
		for _, sub := range re.Sub {
			text, ok := s.text(sub)
			if !ok {
				return nil, false
			}
			out = append(out, text...)
		}
		return out, true
	case syntax.OpAlternate:
		for i := range re.Sub {
			if text, ok := s.text(re.Sub[(i+s.variant)%len(re.Sub)]); ok {
				return text, true
			}
		}
		return nil, false
	case syntax.OpStar:
		return s.repeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		return s.repeat(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		return s.repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		return s.repeat(re.Sub[0], re.Min, re.Max)
	}
	return nil, false
}

// repeat writes a repetition: as few as may be, or in every other variant one
// more. A repetition of any character is a run.
func (s sampler) repeat(sub *syntax.Regexp, least, most int) ([]element, bool) {
	n := least
	if s.variant%2 == 1 && (most < 0 || most > least) {
		n++
	}
	if sub.Op == syntax.OpAnyChar && most < 0 {
		return join(anyText(least), run), true
	}
	var out []element
	for range n {
		text, ok := s.text(sub)
		if !ok {
			return nil, false
		}
		out = append(out, text...)
	}
	return out, true
}

// preferred are the characters that are taken from a class if it has them.
var preferred = []rune("a1x/-_ .AZ0")

// member returns a character of a class, given as ranges.
func (s sampler) member(ranges []rune) (rune, bool) {
	var in []rune
	for _, r := range preferred {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= r && r <= ranges[i+1] {
				in = append(in, r)
			}
		}
	}
	if len(in) > 0 {
		return in[s.variant/2%len(in)], true
	}
	if len(ranges) == 0 {
		return 0, false
	}
	return ranges[0], true
}
