package daemon

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/ruleset"
	"github.com/tripline-sec/tripline/internal/schedule"
)

// use is the rules in use, compiled. It does not change; a reload makes another.
type use struct {
	rules  []*ruleset.Rule
	known  []*schedule.Rule // the same, as the schedule knows them
	stages [][]*eql.Filter
	byID   map[string]int // by uuid

	program *engine.Program // of all of them,
	runner  *pass.Runner    // for passes
	stream  *engine.Program // of those that the stream judges
	live    []int           // by query of stream: the rule
	streams []bool          // by rule: whether the stream judges it
	// undecided says of a rule that it ends with a missing event and begins with one
	// that is there: then a part of what happened gives no match that the whole does not.
	undecided []bool
}

// compile makes rules ready to be used. It leaves out those that can not be, and of two
// of one id the second, and says why.
func compile(rules []*ruleset.Rule) (*use, []string, error) {
	u, problems := &use{byID: map[string]int{}}, []string(nil)
	var all, live []engine.Query
	for _, r := range rules {
		id := r.UUID()
		if at, ok := u.byID[id]; ok {
			problems = append(problems, fmt.Sprintf("%s: rule %q has the id of %s: it does not run", r.Path, r.Name, u.rules[at].Path))
			continue
		}
		known, err := schedule.NewRule(r.Rule, r.Checked)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: rule %q: %v: it does not run", r.Path, r.Name, err))
			continue
		}
		u.byID[id] = len(u.rules)
		q := r.Query()
		q.Span = known.Span
		all = append(all, q)
		streams := !known.Whole
		if streams {
			live, u.live = append(live, q), append(u.live, len(u.rules))
		}
		u.rules, u.known, u.streams = append(u.rules, r), append(u.known, known), append(u.streams, streams)
		u.stages = append(u.stages, r.Stages())
		b, ok := r.Plain.Body.(*eql.Sequence)
		u.undecided = append(u.undecided, ok && known.Trailing && !b.Terms[0].Missing)
	}
	var err error
	if u.program, err = engine.Compile(all, pass.TimeFields(u.known)...); err != nil {
		return nil, problems, fmt.Errorf("compile rules: %w", err)
	}
	u.runner = pass.NewRunner(u.program, pass.Options{})
	if u.stream, err = engine.Compile(live); err != nil {
		return nil, problems, fmt.Errorf("compile rules: %w", err)
	}
	return u, problems, nil
}
