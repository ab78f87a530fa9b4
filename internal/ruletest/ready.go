package ruletest

import (
	"errors"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
)

// Ready is a rule, or a query that a test file has itself, that is ready to judge.
type Ready struct {
	Rule    *rule.Rule // of a query: made up, with its options
	Query   *eql.Query // checked
	Program *reference.Program
	Dropped *reference.Program // finds the events that take the match they are in along; nil for none

	inline bool // a query: each match counts, and a value error is an error
}

// Prepare checks and compiles a rule. Problems are placed in the rule's file;
// Ready is nil if one of them is an error.
func Prepare(r *rule.Rule) (*Ready, []*rule.Problem) {
	ready, err := compile(r, (&Ready{Rule: r}).options())
	if err == nil {
		return ready, nil
	}
	var problems []*rule.Problem
	for _, p := range queryProblems(err) {
		line, col := r.Locate(p.Pos.Line, p.Pos.Col)
		problems = append(problems, &rule.Problem{Path: r.Path, Line: line, Col: col, Rule: r.Name, Field: "query", Reason: p.Message, Hint: p.Hint})
	}
	return nil, problems
}

// options are those by which the rule, or the query, judges.
func (r *Ready) options() reference.Options {
	return reference.Options{
		CategoryField: r.Rule.EventCategoryOverride, TimestampField: r.Rule.TimestampField, TiebreakerField: r.Rule.TiebreakerField,
		Size: -1, Tolerant: !r.inline,
	}
}

func compile(r *rule.Rule, opts reference.Options) (*Ready, error) {
	parsed, err := eql.Parse(r.Query)
	if err != nil {
		return nil, err
	}
	ready := &Ready{Rule: r}
	// Exceptions that end at some time are judged by the time of the tests.
	if ready.Query, ready.Program, err = checked(r.Narrow(parsed, start), opts); err != nil {
		return nil, err
	}
	if dropped := r.Dropped(start); dropped != nil {
		_, ready.Dropped, err = checked(dropped, opts)
	}
	return ready, err
}

// checked checks and compiles a query.
func checked(q *eql.Query, opts reference.Options) (*eql.Query, *reference.Program, error) {
	out, _, err := eql.Check(q, eql.CheckOptions{
		CategoryField: opts.CategoryField, TimestampField: opts.TimestampField, TiebreakerField: opts.TiebreakerField,
	})
	if err != nil {
		return nil, nil, err
	}
	program, err := reference.Compile(out, opts)
	return out, program, err
}

// queryProblems are those of an error of parsing, checking or compiling.
func queryProblems(err error) []eql.Problem {
	var e *eql.Error
	if errors.As(err, &e) {
		return e.Problems
	}
	return []eql.Problem{{Pos: eql.Pos{Line: 1, Col: 1}, Message: err.Error()}}
}

// inline readies the query of a test file.
func inline(s *Subject) (*Ready, error) {
	r := &rule.Rule{Name: "query", Query: s.Query}
	for option, field := range map[string]*string{
		"timestamp_field": &r.TimestampField, "tiebreaker_field": &r.TiebreakerField, "event_category_override": &r.EventCategoryOverride,
	} {
		if v, ok := find(s.Options, option); ok {
			*field, _ = v.(string)
		}
	}
	ready, err := compile(r, (&Ready{Rule: r, inline: true}).options())
	if err != nil {
		return nil, err
	}
	ready.inline = true
	return ready, nil
}

// located is the place in the test file of a place in its query.
func (s *Subject) located(at eql.Pos) Place {
	if at.Line <= 1 {
		return Place{s.QueryAt.Line, s.QueryAt.Col + max(at.Col, 1) - 1}
	}
	return Place{s.QueryAt.Line + at.Line - 1, at.Col}
}
