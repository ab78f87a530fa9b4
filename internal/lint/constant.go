package lint

import (
	"regexp"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// constants looks at the constants of one node of a query as it is written.
func (s *subject) constants(e eql.Expr) {
	switch e := e.(type) {
	case *eql.Binary:
		if e.Op == eql.Eq || e.Op == eql.Ne {
			for _, side := range []eql.Expr{e.L, e.R} {
				s.exact(side, e.Op.String(), true)
			}
		}
	case *eql.In:
		op := "in"
		if e.Fold {
			op = "in~"
		}
		for _, x := range e.List {
			s.exact(x, op, !e.Fold)
		}
		s.entries(e.List, false, e.Fold)
	case *eql.Match:
		if e.Op == eql.Regex || e.Op == eql.RegexFold {
			return
		}
		list := make([]eql.Expr, len(e.Patterns))
		for i, p := range e.Patterns {
			list[i] = p
			if e.Op == eql.Like {
				s.windowsPath(p, "like")
			}
		}
		s.entries(list, true, e.Op != eql.Like)
		s.wildcards(e)
	}
}

// exact looks at a constant that is compared as it is.
func (s *subject) exact(e eql.Expr, op string, caseMatters bool) {
	lit, ok := e.(*eql.Literal)
	if !ok || lit.Value.Kind() != value.String {
		return
	}
	if value.HasWildcard(lit.Value.Str()) {
		s.inQuery(literalWildcard, lit.At, "write `:` or `like` if a pattern was meant",
			"%s behind `%s` is no pattern: `*` and `?` stand for themselves", clip(eql.ExprString(lit)), op)
	}
	if caseMatters {
		s.windowsPath(lit, op)
	}
}

var windowsPath = regexp.MustCompile(`(?i)^([a-z?]:|\*)\\|\\[^\\]+\\|\.(exe|dll|ps1|cmd|lnk|vbs)$`)

// windowsPath reports a path or file name of Windows that is compared with case.
func (s *subject) windowsPath(lit *eql.Literal, op string) {
	if lit.Value.Kind() != value.String || strings.Contains(lit.Value.Str(), "/") || !windowsPath.MatchString(lit.Value.Str()) {
		return
	}
	hint := map[string]string{"in": "write `in~`", "like": "write `like~`"}[op]
	if hint == "" {
		hint = "write `:`"
	}
	s.inQuery(caseOfPath, lit.At, hint, "%s is compared with regard to case, and Windows is not", clip(eql.ExprString(lit)))
}

// entries reports entries of a list that another entry matches too.
func (s *subject) entries(list []eql.Expr, wild, fold bool) {
	if len(list)*len(list) > maxPairs {
		return
	}
	texts := make([]string, len(list))
	for i, e := range list {
		lit, ok := e.(*eql.Literal)
		if !ok || lit.Value.Kind() != value.String {
			return
		}
		texts[i] = lit.Value.Str()
	}
	for i, e := range list {
		for j := range list {
			if i == j || !covers(texts[j], wild, fold, texts[i], wild, fold) ||
				j > i && covers(texts[i], wild, fold, texts[j], wild, fold) {
				continue
			}
			s.inQuery(coveredEntry, e.Pos(), "it can be left out", "%s is matched by %s of the same list",
				clip(eql.ExprString(e)), clip(eql.ExprString(list[j])))
			break
		}
	}
}

// wildcards looks at where the patterns of a test have their wildcards.
func (s *subject) wildcards(e *eql.Match) {
	leading := true
	for _, p := range e.Patterns {
		if p.Value.Kind() != value.String {
			return
		}
		text := p.Value.Str()
		if text != "" && strings.Trim(text, "*") == "" {
			s.inQuery(onlyWildcard, p.At, "write `!= null` if any value will do", "%s matches every value", eql.ExprString(p))
			return
		}
		leading = leading && strings.HasPrefix(text, "*")
	}
	if leading {
		s.inQuery(leadingWildcard, e.At, "a pattern with a fixed beginning is cheaper", "every pattern of [%s] begins with `*`", clip(eql.ExprString(e)))
	}
}
