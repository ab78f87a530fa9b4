package rule

import (
	"fmt"
	"strings"
)

// Kind says what a Problem means for the rule it names.
type Kind uint8

// The kinds.
const (
	KindError   Kind = iota // the rule, or the file, was not read
	KindWarning             // the rule was read, and something in it looks wrong
	KindSkipped             // what was found is no fault but nothing to run: RuleType says what
)

// String returns the kind's name.
func (k Kind) String() string { return [...]string{"error", "warning", "skipped"}[k] }

// Problem is something to tell about a rule file.
type Problem struct {
	Kind      Kind
	Path      string
	Line, Col int    // from 1, Col in Unicode code points; 0 when the problem is the whole file's
	Rule      string // the rule's name, or its rule_id, where they are known
	Field     string // such as severity or threat[0].tactic.id; "" for the whole rule
	Reason    string
	Hint      string // what to do; may be ""
	RuleType  string // why a rule is skipped: its type, or its maturity
	Exception bool   // the problem is an exception's, and Rule is its name
	Unapplied bool   // a warning that the rule runs without exceptions that it names
}

// Place returns path:line:col, as far as known.
func (p *Problem) Place() string {
	if p.Line == 0 {
		return p.Path
	}
	return fmt.Sprintf("%s:%d:%d", p.Path, p.Line, p.Col)
}

// Error returns the place, the field and the reason in one line. The hint is
// left to who prints it.
func (p *Problem) Error() string {
	parts := []string{p.Place(), p.Field, p.Reason}
	if p.Field == "" {
		parts = []string{p.Place(), p.Reason}
	}
	return strings.Join(parts, ": ")
}
