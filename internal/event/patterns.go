package event

import (
	"regexp"
	"strings"
)

// Patterns are index patterns, in which `*` stands for anything and a leading `-`
// takes away from what came before (Elasticsearch: multi-target syntax).
type Patterns []string

// NewPatterns reads patterns; an entry may hold several with commas between.
func NewPatterns(list []string) Patterns {
	var p Patterns
	for _, entry := range list {
		for one := range strings.SplitSeq(entry, ",") {
			if one = strings.TrimSpace(one); one != "" {
				p = append(p, one)
			}
		}
	}
	return p
}

// Fit reports whether documents of the index are searched. A document with no
// known index fits every pattern.
func (p Patterns) Fit(index string) bool {
	if index == UnknownIndex {
		return true
	}
	stream := dataStream(index)
	fits := false
	for _, pattern := range p {
		pattern, out := strings.CutPrefix(pattern, "-")
		if fits == out && (MatchPattern(pattern, index) || stream != index && MatchPattern(pattern, stream)) {
			fits = !out
		}
	}
	return fits
}

// backing is the name of an index behind a data stream, as search hits show it:
// .ds-NAME-yyyy.MM.dd-000001, after a restore with something before it.
var backing = regexp.MustCompile(`^(?:[a-z]+-)?\.ds-(.+)-\d{4}\.\d{2}\.\d{2}-\d{6,}$`)

// dataStream is the data stream that an index is part of, else the index: a
// pattern that names a data stream reads the indices behind it.
func dataStream(index string) string {
	if !strings.Contains(index, ".ds-") {
		return index
	}
	if m := backing.FindStringSubmatch(index); m != nil {
		return m[1]
	}
	return index
}

// MatchPattern reports whether a name is what a pattern with `*` says, in linear
// time.
func MatchPattern(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, first)
	if !ok {
		return false
	}
	for {
		part, further, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(name, part)
		}
		if _, name, ok = strings.Cut(name, part); !ok {
			return false
		}
		rest = further
	}
}
