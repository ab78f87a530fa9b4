package value

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a regular expression.
const (
	// maxRegexLength is the longest pattern in characters, the default of
	// Elasticsearch's index.max_regex_length.
	maxRegexLength = 1000
	// maxRegexSize bounds the compiled form of a whole list, counted in
	// characters to be matched with repetitions written out. The time to match
	// grows with it.
	maxRegexSize = 10_000
)

// Regex is a compiled right side of regex or regex~: one or more patterns, of
// which one has to match the whole value. Matching takes time linear in the
// length of the value.
type Regex struct {
	literals []string // when no pattern has operators: their texts
	re       *regexp.Regexp
	fold     bool
}

// RegexError says what is wrong with a pattern.
type RegexError struct {
	Pattern string
	Offset  int // in bytes, where in Pattern
	Message string
}

// Error returns the message, the pattern and the place in it.
func (e *RegexError) Error() string {
	return fmt.Sprintf("compile regular expression %q: %s at offset %d", e.Pattern, e.Message, e.Offset)
}

// CompileRegex compiles patterns in Lucene's dialect, joined as alternatives;
// with fold, case is ignored, also within ranges such as [a-z]. The error is a
// *RegexError.
//
//	.            any character, newline too
//	? * + {n,m}  repetitions; *? and the like are one repetition of another
//	|  ()        alternatives; a group, "()" is the empty string
//	[a-z] [^a]   classes; \d \w \s and \D \W \S also within them
//	"text"       the text itself
//	<1-100>      a decimal number from 1 to 100, with leading zeros if both
//	             bounds have as many digits: <01-99>
//	@  #         any string; no string at all
//	\c           c itself, when c is no letter
//
// '^' and '$' are ordinary. An operator with nothing to act on is the character
// itself, as in Lucene: "*a" matches "*a". The operators '~' and '&', complement
// and intersection, are refused.
func CompileRegex(patterns []string, fold bool) (*Regex, error) {
	var whole strings.Builder
	r := &Regex{fold: fold}
	size := 0
	operators := len(patterns) == 0
	for i, p := range patterns {
		n, err := translatePattern(p)
		if err != nil {
			return nil, err
		}
		if size += n.size; size > maxRegexSize {
			return nil, &RegexError{Pattern: p, Message: "pattern is too complex"}
		}
		if i > 0 {
			whole.WriteByte('|')
		}
		whole.WriteString("(?:" + n.re + ")")
		operators = operators || !n.isLiteral
		r.literals = append(r.literals, n.literal)
	}
	if !operators {
		return r, nil
	}
	r.literals = nil
	flags := "s"
	if fold {
		flags = "is"
	}
	if len(patterns) == 0 {
		whole.WriteString(nothing)
	}
	re, err := regexp.Compile("^(?" + flags + ":" + whole.String() + ")$")
	if err != nil {
		// The translation is well formed: what is left to refuse is its size.
		return nil, &RegexError{Pattern: strings.Join(patterns, "|"), Message: "pattern is too complex"}
	}
	r.re = re
	return r, nil
}

// Match reports whether a pattern matches the whole of s.
func (r *Regex) Match(s string) bool {
	if r.re != nil {
		return r.re.MatchString(s)
	}
	if r.fold {
		return slices.ContainsFunc(r.literals, func(l string) bool { return EqualFold(l, s) })
	}
	return slices.Contains(r.literals, s)
}

// Source returns the expression in the dialect of Go's regexp, for those that
// want to take it apart. It matches the same values as r.
func (r *Regex) Source() string {
	if r.re != nil {
		return r.re.String()
	}
	quoted := make([]string, len(r.literals))
	for i, l := range r.literals {
		quoted[i] = regexp.QuoteMeta(l)
	}
	flags := "s"
	if r.fold {
		flags = "is"
	}
	return "^(?" + flags + ":" + strings.Join(quoted, "|") + ")$"
}

// translatePattern translates one pattern.
func translatePattern(pattern string) (node, error) {
	if utf8.RuneCountInString(pattern) > maxRegexLength {
		return node{}, &RegexError{Pattern: pattern, Message: fmt.Sprintf("pattern is longer than %d characters", maxRegexLength)}
	}
	if !utf8.ValidString(pattern) {
		return node{}, &RegexError{Pattern: pattern, Message: "pattern is not valid UTF-8"}
	}
	if pattern == "" {
		return literalNode(""), nil
	}
	t := &translator{pattern: pattern}
	n, err := t.union()
	if err != nil {
		return node{}, err
	}
	if t.more() {
		return node{}, t.fail(t.pos, "unmatched %q", ")")
	}
	return n, nil
}
