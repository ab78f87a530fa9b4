package lint

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// leastGuard is how many characters in a row a constant must have to narrow down
// which events are judged.
const leastGuard = 3

// guard reports a filter for which no narrow test must hold.
func (s *subject) guard(f named) {
	if lit, ok := f.filter.Condition.(*eql.Literal); ok && !lit.Value.Bool() {
		return
	}
	if !guarded(f.filter.Condition) {
		s.inQuery(unguarded, f.filter.At, "a test for a name, a path or an argument that must hold makes the rule cheap",
			"%s has no test for a name or value that must hold", f.name)
	}
}

// guarded reports whether the condition can only be true where a narrow test is.
func guarded(e eql.Expr) bool {
	switch e := e.(type) {
	case *eql.Logic:
		for _, a := range e.Args {
			if guarded(a) == (e.Op == eql.And) {
				return e.Op == eql.And
			}
		}
		return e.Op == eql.Or
	case *eql.Binary:
		f, ok := e.L.(*eql.Field)
		lit, isConst := e.R.(*eql.Literal)
		return ok && isConst && e.Op == eql.Eq && narrow(f) && guards(lit, false)
	case *eql.In:
		f, ok := e.X.(*eql.Field)
		return ok && !e.Not && narrow(f) && all(e.List, func(x eql.Expr) bool {
			lit, ok := x.(*eql.Literal)
			return ok && guards(lit, false)
		})
	case *eql.Match:
		f, ok := e.X.(*eql.Field)
		wild := e.Op != eql.Regex && e.Op != eql.RegexFold
		return ok && wild && narrow(f) && all(e.Patterns, func(lit *eql.Literal) bool { return guards(lit, true) })
	case *eql.Call:
		return guardingCall(e)
	}
	return false
}

// guardingCall reports whether a call is a test for a part of a value.
func guardingCall(e *eql.Call) bool {
	switch e.Name {
	case "startsWith", "endsWith", "stringContains":
	default:
		return false
	}
	f, ok := e.Args[0].(*eql.Field)
	lit, isConst := e.Args[1].(*eql.Literal)
	return ok && isConst && narrow(f) && guards(lit, false)
}

func all[T any](list []T, ok func(T) bool) bool {
	for _, x := range list {
		if !ok(x) {
			return false
		}
	}
	return true
}

// narrow reports whether a field says more of an event than its kind.
func narrow(f *eql.Field) bool {
	for _, wide := range []string{"event.", "host.os.", "data_stream.", "agent.type"} {
		if strings.HasPrefix(f.Path, wide) {
			return f.Path == "event.code" || f.Path == "event.id"
		}
	}
	return true
}

// guards reports whether enough characters in a row must be in the value.
func guards(lit *eql.Literal, wild bool) bool {
	if lit.Value.Kind() != value.String && !lit.Value.IsNumber() {
		return false
	}
	text := lit.Value.Text()
	if !wild {
		return len([]rune(text)) >= leastGuard
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '*' || r == '?' }) {
		if len([]rune(part)) >= leastGuard {
			return true
		}
	}
	return false
}
