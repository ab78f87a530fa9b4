package lint

import (
	"math"
	"strings"
	"unicode"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/value"
)

// test is a leaf of a condition, in the one form in which leaves are compared.
type test struct {
	expr   eql.Expr // the leaf, or the whole where it is no leaf
	text   string   // the leaf in the printer's spelling
	not    bool
	field  string   // of `FIELD op constants`; "" for any other leaf
	values []string // what the field is tested for; nil if not a set of texts
	wild   bool     // the values are patterns
	fold   bool
	null   bool // FIELD == null
	low    float64
	high   float64 // of a number: the least and the largest it may be, if bounded
	number bool
}

// newTest reads a node of a checked condition.
func newTest(e eql.Expr) test {
	t := test{expr: e}
	for {
		u, ok := e.(*eql.Unary)
		if !ok || u.Op != eql.Not {
			break
		}
		t.not, e = !t.not, u.X
	}
	t.text = eql.ExprString(e)
	switch e := e.(type) {
	case *eql.Binary:
		t.binary(e)
	case *eql.In:
		t.list(e)
	case *eql.Match:
		t.match(e)
	}
	return t
}

func (t *test) binary(e *eql.Binary) {
	f, isField := e.L.(*eql.Field)
	lit, isConst := e.R.(*eql.Literal)
	if !isField || !isConst {
		return
	}
	switch {
	case e.Op == eql.Eq && lit.Value.IsNull():
		t.field, t.null = f.Path, true
	case lit.Value.IsNumber():
		t.field = f.Path
		t.bound(e.Op, lit.Value.Float())
	case e.Op == eql.Eq && (lit.Value.Kind() == value.String || lit.Value.Kind() == value.Bool) && texts(f):
		t.field, t.values = f.Path, []string{lit.Value.Text()}
	}
}

// texts reports whether two equal values of the field are equal texts: dates and
// addresses have several.
func texts(f *eql.Field) bool {
	return f.Type == value.TypeKeyword || f.Type == value.TypeBoolean || f.Type == value.TypeUnknown
}

func (t *test) bound(op eql.Op, n float64) {
	t.number, t.low, t.high = true, math.Inf(-1), math.Inf(1)
	switch op {
	case eql.Eq:
		t.low, t.high = n, n
	case eql.Gt:
		t.low = math.Nextafter(n, math.Inf(1))
	case eql.Ge:
		t.low = n
	case eql.Lt:
		t.high = math.Nextafter(n, math.Inf(-1))
	case eql.Le:
		t.high = n
	default:
		t.number = false
	}
}

func (t *test) list(e *eql.In) {
	f, ok := e.X.(*eql.Field)
	if !ok || !texts(f) {
		return
	}
	var values []string
	for _, x := range e.List {
		lit, ok := x.(*eql.Literal)
		if !ok || lit.Value.Kind() != value.String {
			return
		}
		values = append(values, lit.Value.Str())
	}
	t.field, t.values, t.fold = f.Path, values, e.Fold
	if e.Not {
		t.not = !t.not
	}
}

func (t *test) match(e *eql.Match) {
	f, ok := e.X.(*eql.Field)
	if !ok || !texts(f) || e.Op == eql.Regex || e.Op == eql.RegexFold {
		return
	}
	var values []string
	for _, lit := range e.Patterns {
		if lit.Value.Kind() != value.String {
			return
		}
		values = append(values, lit.Value.Str())
	}
	t.field, t.values, t.wild, t.fold = f.Path, values, true, e.Op == eql.Colon || e.Op == eql.LikeFold
}

// single reports whether an event has at most one value of the field, which only
// the common schema tells.
func single(field string) bool {
	f, ok := ecs.Lookup(field)
	return ok && f.Source == "ecs" && !f.Array && !oftenSeveral[field]
}

// oftenSeveral are fields that ECS calls single and senders give several values.
var oftenSeveral = map[string]bool{"event.action": true, "process.args": true, "process.env_vars": true}

// excludes reports whether no event can meet both tests.
func (t *test) excludes(u *test) bool {
	if t.text == u.text {
		return t.not != u.not
	}
	if t.field == "" || t.field != u.field {
		return false
	}
	if t.not && !u.not {
		t, u = u, t
	}
	switch {
	case t.not:
		return false
	case t.null:
		return !u.not && (u.values != nil || u.number)
	case u.not:
		return t.values != nil && u.values != nil && u.covers(t)
	case u.null:
		return t.values != nil || t.number
	case t.number && u.number:
		return single(t.field) && (t.low > u.high || u.low > t.high)
	case t.values == nil || u.values == nil || !single(t.field), len(t.values)*len(u.values) > maxPairs:
		return false
	}
	for _, a := range t.values {
		for _, b := range u.values {
			if t.mayEqual(a, u, b) {
				return false
			}
		}
	}
	return true
}

// mayEqual reports whether a value may meet both one value of t and one of u.
func (t *test) mayEqual(a string, u *test, b string) bool {
	aWild, bWild := t.wild && value.HasWildcard(a), u.wild && value.HasWildcard(b)
	fold := t.fold || u.fold
	switch {
	case aWild && bWild:
		return true // not looked into
	case aWild:
		return value.CompileWildcard(a, fold).Match(b)
	case bWild:
		return value.CompileWildcard(b, fold).Match(a)
	}
	return a == b || fold && value.EqualFold(a, b)
}

// covers reports whether what meets one value of u also meets one of t, for all
// of them. Both are tests of one field for values.
func (t *test) covers(u *test) bool {
	if len(t.values)*len(u.values) > maxPairs {
		return false
	}
	for _, b := range u.values {
		found := false
		for _, a := range t.values {
			if found = covers(a, t.wild, t.fold, b, u.wild, u.fold); found {
				break
			}
		}
		if !found {
			return false
		}
	}
	return len(u.values) > 0
}

// covers reports whether all that b matches is matched by a.
func covers(a string, aWild, aFold bool, b string, bWild, bFold bool) bool {
	if bFold && !aFold && strings.IndexFunc(b, unicode.IsLetter) >= 0 {
		return false
	}
	switch {
	case a == b && (aWild || !bWild || !value.HasWildcard(b)):
		return true
	case aWild && value.HasWildcard(a):
		// `*` in a takes any wildcard of b as it takes other characters; `?` does not.
		if bWild && value.HasWildcard(b) && strings.Contains(a, "?") {
			return false
		}
		return value.CompileWildcard(a, aFold).Match(b)
	case bWild && value.HasWildcard(b):
		return false
	}
	return a == b || aFold && value.EqualFold(a, b)
}

// implies reports whether t can only hold where u does.
func (t *test) implies(u *test) bool {
	if t.text == u.text {
		return t.not == u.not
	}
	if t.field == "" || t.field != u.field || t.values == nil || t.not != u.not {
		return t.field != "" && t.field == u.field && !t.not && u.not && u.null && (t.values != nil || t.number)
	}
	if u.values == nil {
		return false
	}
	if t.not {
		return t.covers(u)
	}
	return u.covers(t)
}
