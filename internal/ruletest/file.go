package ruletest

import "time"

// File is a test file as written.
type File struct {
	Path string
	Text string

	marked bool // the file begins with a byte order mark
	Tests  []*Test
}

// Place is a line and a column, from 1, the column in Unicode code points.
type Place struct{ Line, Col int }

// Test is one test of a file.
type Test struct {
	Name    string
	At      Place
	Subject Subject
	Steps   []Step // in the order of the lines
	Lost    []Name
	Expect  []*Expectation

	last int // the last line that belongs to it
}

// Subject is what a test is of: a query, a rule that the file names, or, with
// neither, the rule beside the file.
type Subject struct {
	At      Place
	Query   string // "" for a rule
	QueryAt Place  // where the query's text begins
	Rule    string // the file as written
	Pick    string // the rule's name or rule_id within it
	Options []Field
}

// Step is one source of events: an event of the file itself, or all those of
// another file.
type Step struct {
	At    Place
	Event *Event // nil for File
	File  string
}

// Event is one event line.
type Event struct {
	Name   string
	At     Place
	Offset time.Duration // from the start of the test
	Late   time.Duration // how long after its time it arrives
	Fields []Field       // with what the lines above give it; the names are distinct
}

// Field is a field and its value: nil, a string, bool, json.Number,
// json.RawMessage, or a list of these.
type Field struct {
	Name  string
	Value any
}

// Name is an event's name in a line that speaks of it.
type Name struct {
	At   Place
	Text string // "-" for a missing event
}

// Kind is what an Expectation is about.
type Kind uint8

// The kinds.
const (
	ExpectAlert Kind = iota
	ExpectSilence
	ExpectCount
	ExpectError
)

// Expectation is one expect line.
type Expectation struct {
	At       Place
	Kind     Kind
	Names    []Name // of an alert
	Count    int
	Error    string
	HasUntil bool
	Until    time.Duration
}

// with returns the fields with one more, which takes the place of an earlier
// one of its name.
func with(fields []Field, f Field) []Field {
	for i := range fields {
		if fields[i].Name == f.Name {
			fields[i].Value = f.Value
			return fields
		}
	}
	return append(fields, f)
}

// find returns the value of a field.
func find(fields []Field, name string) (any, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return nil, false
}
