package explain

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/value"
)

// Report is what there is to say of one query and some documents.
type Report struct {
	Kind      reference.Kind
	Documents int // those that the query is for
	Outside   int // those that it is not for: their index fits no pattern
	Matches   []*Match
	Misses    []*Miss // best first
	Untold    int     // misses beyond those
	Notes     []string
}

// Key is one part of a join key.
type Key struct {
	Field string
	Value value.Value // null when the field is missing and may be
}

// Match is an answer of the query.
type Match struct {
	Keys   []Key
	Stages []Stage
}

// Miss is how near the events of one join key, or for an event query one event,
// came to a match.
type Miss struct {
	Keys   []Key
	Cause  Cause
	Text   string // the cause in one line
	Stages []Stage
	Alike  int // how many more misses say the same of other events

	cost, reached, held int
	first               int // the rank of the earliest event
	id                  int // of the key
	key                 []value.Value
}

// Cause is the kind of thing that stood in the way.
type Cause string

// The causes.
const (
	CauseClause       Cause = "clause"        // the nearest event of a stage fails clauses of it
	CauseNoEvent      Cause = "no-event"      // no event of the stage's category
	CauseKey          Cause = "key"           // the stage's event is there, under another key
	CauseOrder        Cause = "order"         // the events came in another order
	CauseSpan         Cause = "maxspan"       // the events are too far apart
	CauseUntil        Cause = "until"         // an until event came between
	CauseMissingEvent Cause = "missing-event" // an event is there that must be missing
	CauseReplaced     Cause = "replaced"      // a newer event took the place of an older one
	CauseIndex        Cause = "index"         // the events' index fits no pattern of the rule
)

// Stage is one term of a sequence or sample for one key, or the condition of an
// event query: the event that met it or came nearest.
type Stage struct {
	Number   int // from 1, in the order of the query's terms
	Run      int // of `with runs`, from 1; 0 when there is only one
	Missing  bool
	Filter   *eql.Filter
	Document *event.Document  // nil when there is none
	At       value.Instant    // of the document
	HasTime  bool             //
	Truth    *reference.Truth // of the document
	Faults   []Fault          // why it does not meet the stage
	Held     []Held           // why it does
	Late     bool             // it meets the stage, past the maxspan
	NoEvent  string           // why there is no document
}

// Fault is a clause that stood in the way.
type Fault struct {
	Clause int    // from 1, in the condition's outermost `and`; 0 is the category
	Added  bool   // by an exception or a filter of the rule: it does not stand in the query
	Branch string // of the nearest branch of an `or`: "branch 2 of 9", else ""
	Text   string // process.name is "ruby3.1", wants "ruby"

	nearly bool // the value is nearly what is wanted
}

// String returns the fault with its clause before it.
func (f Fault) String() string {
	where := "category"
	switch {
	case f.Added:
		where = "exception or filter of the rule"
	case f.Clause > 0:
		where = "clause " + itoa(f.Clause)
	}
	if f.Branch != "" {
		where += ", " + f.Branch
	}
	return where + ": " + f.Text
}

// Held is a clause that held, and what it saw.
type Held struct {
	Clause int
	Expr   string
	Seen   string
}
