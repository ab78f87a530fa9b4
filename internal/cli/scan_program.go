package cli

import (
	"fmt"

	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/replay"
)

// compile makes one program of all rules that run.
func (s *ruleSet) compile() (*engine.Program, error) {
	queries := make([]engine.Query, len(s.ready))
	for i, r := range s.ready {
		queries[i] = r.Query()
	}
	p, err := engine.Compile(queries, replay.LineagePaths...)
	if err != nil {
		return nil, fmt.Errorf("compile rules: %w", err)
	}
	return p, nil
}
