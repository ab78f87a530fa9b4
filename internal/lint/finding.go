package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Finding is one thing that a check has found.
type Finding struct {
	Code     string
	Severity Severity
	Path     string
	Line     int // from 1; 0 when the finding is the whole file's
	Col      int // from 1, in Unicode code points
	EndLine  int // the place just past what is meant; 0 when not known
	EndCol   int
	Rule     string // the rule's name
	Field    string // the rule's field, such as query
	Message  string
	Hint     string
}

// Place returns path:line:col, as far as known.
func (f *Finding) Place() string {
	if f.Line == 0 {
		return f.Path
	}
	return fmt.Sprintf("%s:%d:%d", f.Path, f.Line, f.Col)
}

// subject is a rule under the linter, with its query as written and as checked.
type subject struct {
	rule     *rule.Rule
	parsed   *eql.Query
	checked  *eql.Query
	findings []Finding
}

func (s *subject) add(c code, field string) *Finding {
	s.findings = append(s.findings, Finding{
		Code: c.String(), Severity: severityOf(c), Path: s.rule.Path, Rule: s.rule.Name, Field: field,
	})
	return &s.findings[len(s.findings)-1]
}

// inQuery adds a finding at a place in the query.
func (s *subject) inQuery(c code, at eql.Pos, hint, format string, args ...any) {
	f := s.add(c, "query")
	f.Line, f.Col = s.rule.Locate(at.Line, at.Col)
	if at.End > at.Offset && at.End <= len(s.rule.Query) {
		f.EndLine, f.EndCol = s.rule.Locate(lineCol(s.rule.Query, at.End))
	}
	f.Message, f.Hint = fmt.Sprintf(format, args...), hint
}

// inField adds a finding about a field of the rule; one that is not written
// belongs to the rule as a whole.
func (s *subject) inField(c code, field, hint, format string, args ...any) {
	f := s.add(c, field)
	f.Line, f.Col = s.rule.Place(field)
	f.Message, f.Hint = fmt.Sprintf(format, args...), hint
}

// lineCol returns the line and column of an offset in a text.
func lineCol(text string, offset int) (line, col int) {
	before := text[:offset]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
}

func sortFindings(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), strings.Compare(a.Code, b.Code))
	})
}

// clip shortens text for a message.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
