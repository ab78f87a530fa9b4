package reference

import (
	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// The fields that are read where the options name none.
const (
	defaultCategoryField  = "event.category"
	defaultTimestampField = "@timestamp"
)

// Options says how a query is run. They are the options of Elasticsearch's EQL
// search, and those that only a standalone engine needs.
type Options struct {
	// Schema gives fields their types; nil leaves them to the table of known
	// fields, and else to the JSON types of the values.
	Schema *eql.Schema

	TimestampField  string // "" is @timestamp
	TiebreakerField string // "" is none: see event.Sort
	CategoryField   string // "" is event.category

	// Size is how many results are kept before the first pipe, and below zero
	// all of them. Elasticsearch's own default is 10.
	Size int
	// Head keeps the first Size results and not the last, where no pipe says
	// which (Elasticsearch: result_position=head).
	Head bool
	// MaxSamplesPerKey bounds the samples of one key; 0 is the default, 1.
	MaxSamplesPerKey int

	// Tolerant makes a value error a false leaf and leaves a sequence's hit
	// without timestamp out; both are counted. Otherwise each fails the run.
	Tolerant bool

	// Accept restricts all documents, those of until and of missing events too;
	// nil accepts every document.
	Accept func(*event.Document) bool
}

// Kind says what a query's results are.
type Kind uint8

// The kinds of result.
const (
	Events Kind = iota
	Sequences
	Samples
)

// Result is what a run found.
type Result struct {
	Kind      Kind
	Events    []*event.Document // of an event query
	Sequences []Sequence        // of a sequence or sample query

	// Of a tolerant run: how many leaves failed, the first failure, and how many
	// documents were left out of a sequence for want of a timestamp.
	ValueErrors     int
	FirstValueError error
	NoTimestamp     int
}

// Sequence is one match of a sequence or sample query.
type Sequence struct {
	// Keys are the join keys, a value for each key position, as Elasticsearch
	// answers them: a missing optional key is null; a date is ISO text in a
	// sequence and epoch milliseconds in a sample.
	Keys []value.Value
	// Events are the events in the order of the terms, `with runs` repeated;
	// nil stands for a missing event, `![..]`.
	Events []*event.Document
}
