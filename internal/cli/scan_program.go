package cli

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/replay"
)

// compile makes one program of all rules that run.
func (s *ruleSet) compile() (*engine.Program, error) {
	queries := make([]engine.Query, len(s.ready))
	for i, r := range s.ready {
		fits := event.NewPatterns(r.rule.Patterns())
		queries[i] = engine.Query{
			Name: r.rule.Name, Checked: r.checked,
			TimestampField: r.rule.TimestampField, TiebreakerField: r.rule.TiebreakerField, CategoryField: r.rule.EventCategoryOverride,
			Accept: fits.Fit, Patterns: strings.Join(fits, ","),
		}
	}
	p, err := engine.Compile(queries, replay.LineagePaths...)
	if err != nil {
		return nil, fmt.Errorf("compile rules: %w", err)
	}
	return p, nil
}
