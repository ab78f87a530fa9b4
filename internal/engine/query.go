package engine

import (
	"time"

	"github.com/tripline-sec/tripline/eql"
)

// Query is one query to compile. The zero values of its fields are those of an
// EQL search.
type Query struct {
	Name    string     // for statistics and messages
	Checked *eql.Query // as eql.Check returned it

	// Schema gives fields their types; nil leaves them to ECS and Elastic Defend,
	// and else to the JSON types of the values.
	Schema *eql.Schema

	TimestampField  string // "" is @timestamp
	TiebreakerField string // "" is none: see event.Sort
	CategoryField   string // "" is event.category

	// Accept says of which indices the query reads documents, until and missing
	// events too; nil means all. It must be a pure function.
	Accept func(index string) bool
	// Patterns is what Accept does, in words; equal words mean equal functions. It
	// is part of the fingerprint.
	Patterns string

	// Ordered makes an event query's hits events of an order, as those of sequences
	// are, so that its matches can be put in the order of time.
	Ordered bool

	// MaxSamplesPerKey bounds the samples of one key; 0 is the default, 1.
	MaxSamplesPerKey int
	// Span is how long a sequence without maxspan may take; 0 is for ever.
	Span time.Duration
}

func (q Query) categoryField() string {
	if q.CategoryField == "" {
		return eql.DefaultCategoryField
	}
	return q.CategoryField
}

func (q Query) timestampField() string {
	if q.TimestampField == "" {
		return eql.DefaultTimestampField
	}
	return q.TimestampField
}

// Fingerprint tells two queries apart by what they find: the conditions, the
// indices, the fields for time, category and tiebreaker. Partial sequences belong
// to it, and pass over to a query that has the same.
func (q Query) Fingerprint() string {
	return q.Checked.String() + "\x00" + q.Patterns + "\x00" + q.categoryField() + "\x00" + q.timestampField() +
		"\x00" + q.TiebreakerField + "\x00" + q.Span.String()
}
