package tripline

import (
	"fmt"

	"github.com/tripline-sec/tripline/internal/engine"
)

// Set is queries and rules compiled together, so that an event is judged by all
// of them at once: it is read once, and what many ask is asked once. What an event
// costs hardly grows with their number. A Set may be shared by goroutines; it
// never changes.
type Set struct {
	program *engine.Program
	members []Member
}

// Member is what a Set is made of: a *Query or a *Rule.
type Member interface{ compiled() engine.Query }

func (q *Query) compiled() engine.Query { return q.query }
func (r *Rule) compiled() engine.Query  { return r.query }

// NewSet compiles queries and rules together. It takes some tens of milliseconds
// for a few hundred. Pipes of queries do not count: a stream has no first or last
// results.
func NewSet(members ...Member) (*Set, error) {
	s := &Set{members: members}
	queries := make([]engine.Query, len(members))
	for i, m := range members {
		queries[i] = m.compiled()
	}
	var err error
	if s.program, err = engine.Compile(queries); err != nil {
		return nil, fmt.Errorf("compile set: %w", err)
	}
	return s, nil
}

// SetOf is NewSet for members of one kind.
func SetOf[M Member](members []M) (*Set, error) {
	all := make([]Member, len(members))
	for i, m := range members {
		all[i] = m
	}
	return NewSet(all...)
}

// Len returns the number of members.
func (s *Set) Len() int { return len(s.members) }

// match is a match with the member that found it.
func (s *Set) match(m engine.Match) Match {
	out := newMatch(m)
	switch member := s.members[m.Query].(type) {
	case *Query:
		out.Query = member
	case *Rule:
		out.Rule = member
	}
	return out
}
