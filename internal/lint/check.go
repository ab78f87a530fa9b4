package lint

import "fmt"

// Severity says how much a finding matters.
type Severity uint8

// The severities.
const (
	Error   Severity = iota // the rule does not run, or can never match
	Warning                 // the rule probably does not do what was meant
	Note                    // worth knowing
)

// String returns the severity's name.
func (s Severity) String() string { return [...]string{"error", "warning", "note"}[s] }

// Check is one thing that rules are looked at for.
type Check struct {
	Code     string // T and three digits; it never changes its meaning
	Name     string // in kebab-case
	Severity Severity
	Summary  string // what is found
	Why      string // why it matters, or what to do
}

// code is the number of a check.
type code int

// String returns the code as it is shown.
func (c code) String() string { return fmt.Sprintf("T%03d", int(c)) }

const (
	badRule         code = 1
	badQuery        code = 2
	ruleWarning     code = 3
	deprecatedRule  code = 4
	takenID         code = 5
	takenName       code = 6
	badException    code = 7
	unknownField    code = 10
	deprecatedField code = 11
	neverTrue       code = 20
	deadBranch      code = 21
	neverEqual      code = 22
	repeatedBranch  code = 23
	coveredBranch   code = 24
	coveredEntry    code = 25
	literalWildcard code = 30
	unguarded       code = 31
	leadingWildcard code = 32
	onlyWildcard    code = 33
	caseOfPath      code = 34
	fineSpan        code = 40
	spanPastWindow  code = 41
	noReferences    code = 50
	noThreat        code = 51
	noFalsePositive code = 52
	noTags          code = 53
	noAuthor        code = 54
	noGuide         code = 55
	shortText       code = 56
	overrideMissing code = 60
	overrideUnused  code = 61
	riskMismatch    code = 62
	buildingBlock   code = 63
	indexAndView    code = 64
	fieldNotECS     code = 65
	noOverlap       code = 66
)

// Checks returns all checks in the order of their codes.
func Checks() []Check {
	list := make([]Check, len(table))
	for i, c := range table {
		list[i] = Check{c.code.String(), c.name, c.severity, c.summary, c.why}
	}
	return list
}

// Lookup returns the check with the code.
func Lookup(code string) (Check, bool) {
	for _, c := range Checks() {
		if c.Code == code {
			return c, true
		}
	}
	return Check{}, false
}

func severityOf(c code) Severity {
	for _, row := range table {
		if row.code == c {
			return row.severity
		}
	}
	return Warning
}
