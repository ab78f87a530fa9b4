package rule

import (
	"strconv"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/eql"
)

// ExceptionContainer is a list that rules name in exceptions_list and that items
// belong to.
type ExceptionContainer struct {
	ListID    string
	Namespace string // single or agnostic
	Name      string
	Type      string // detection, rule_default, endpoint, ...

	// Rules are the rules that the list is for though they do not name it, by rule_id
	// or uuid.
	Rules []string

	Path string
	Line int
}

// RuleTag begins a tag by which a list says for which rule it is. A tag it is for the
// same reason as that of a scope.
const RuleTag = "tripline.rule:"

// Exception is one item of an exception list: events, stages or matches that the
// rule is not to alert on. Its entries are ANDed; the items of a rule are ORed.
type Exception struct {
	ItemID      string
	ListID      string
	Namespace   string // single or agnostic
	Name        string
	Description string
	Tags        []string
	OSTypes     []string  // none: every system
	Expires     time.Time // zero: never
	Scope       Scope
	Entries     []Entry

	// Unprocessed says why the item is not applied, as Elastic would not apply it:
	// a value list that is too long or of a type that makes no filter. "" as a rule.
	Unprocessed string

	Path string
	Line int

	condition eql.Expr // nil when Unprocessed
}

// Applies reports whether the item has an effect on a run that starts then.
func (e *Exception) Applies(at time.Time) bool {
	return e.Unprocessed == "" && e.condition != nil && (e.Expires.IsZero() || !e.Expires.Before(at))
}

// String returns the item's condition in EQL's spelling, negations and all.
func (e *Exception) String() string {
	if e.condition == nil {
		return ""
	}
	return eql.ExprString(e.condition)
}

// Query returns the query, for eql.Check, of the events that the item fits; nil when it
// is Unprocessed.
func (e *Exception) Query() *eql.Query {
	if e.condition == nil {
		return nil
	}
	return &eql.Query{Body: &eql.Filter{Any: true, Condition: e.condition}}
}

// Entry is one test of an exception.
type Entry struct {
	Field    string // of a nested entry: the path of the objects
	Type     string // match, match_any, exists, wildcard, list or nested
	Excluded bool   // the operator is excluded: the test must fail
	Values   []string
	List     ValueListRef // of type list
	Entries  []Entry      // of type nested; their fields are relative to Field
}

// ValueListRef names a value list, and the type that Kibana stores it as.
type ValueListRef struct {
	ID, Type string
}

// Scope says what an exception takes out. Elastic knows only events.
type Scope struct {
	Kind  ScopeKind
	Stage int // of ScopeStage: which, from 1, in the order of the query's terms
}

// ScopeKind is what a scope takes out.
type ScopeKind uint8

// The kinds of scope.
const (
	ScopeEvent ScopeKind = iota // the event, for every stage, until and missing term
	ScopeStage                  // the event, for one stage
	ScopeMatch                  // the whole match, if one of its events fits
)

// String returns the scope as a tag writes it.
func (s Scope) String() string {
	switch s.Kind {
	case ScopeStage:
		return "stage=" + strconv.Itoa(s.Stage)
	case ScopeMatch:
		return "match"
	}
	return "event"
}

// scopeTag begins the tag of an item that sets its scope. A tag it is since
// Kibana keeps tags through import and export, and does not mind them.
const scopeTag = "tripline.scope:"

const scopeHint = `write "tripline.scope:event", "tripline.scope:stage=2" or "tripline.scope:match"`

// scopeOf reads the scope that an item's tags set.
func scopeOf(tags []string) (scope Scope, at int, ok bool) {
	for i, tag := range tags {
		text, found := strings.CutPrefix(tag, scopeTag)
		if !found {
			continue
		}
		number, isStage := strings.CutPrefix(text, "stage=")
		switch {
		case text == "event":
		case text == "match":
			scope.Kind = ScopeMatch
		case isStage:
			n, err := strconv.Atoi(number)
			if err != nil || n < 1 {
				return scope, i, false
			}
			scope = Scope{Kind: ScopeStage, Stage: n}
		default:
			return scope, i, false
		}
		return scope, i, true
	}
	return scope, 0, true
}
