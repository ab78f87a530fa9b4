package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/state"
)

// StoreAlerts judges the events of a file by rules and stores the alerts in a data
// folder, as a daemon would: for the scripts, which have none.
func StoreAlerts(ctx context.Context, data, events string, rules []string, made time.Time) (err error) {
	text, err := os.ReadFile(events)
	if err != nil {
		return err
	}
	var docs []*event.Document
	processes := proctree.New()
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		doc, err := event.Decode(slices.Clone(lines.Bytes()), event.Identity{}, uint64(len(docs)+1))
		if err != nil {
			return err
		}
		processes.See(doc)
		docs = append(docs, doc)
	}
	set, err := readRules(rules)
	if err != nil {
		return err
	}
	s, err := state.Open(ctx, disk.OS{}, data)
	if err != nil {
		return err
	}
	defer func() {
		if closed := s.Close(); err == nil {
			err = closed
		}
	}()
	paths, err := json.Marshal(rules)
	if err != nil {
		return err
	}
	if err := s.Set(ctx, state.SettingRules, string(paths)); err != nil {
		return err
	}
	for _, ready := range set.ready {
		program, err := ready.reference()
		if err != nil {
			return err
		}
		found, err := program.Run(docs)
		if err != nil {
			return err
		}
		c := &state.Commit{Now: made}
		for _, m := range alert.Matches(found) {
			if ready.drops(m) {
				continue
			}
			one := alert.New(ready.rule, m, made)
			one.Attach(m, alert.Evidence{Processes: processes})
			candidate, err := s.Candidate(one, state.Execution{Run: "run"})
			if err != nil {
				return err
			}
			c.Candidates = append(c.Candidates, candidate)
		}
		if _, err := s.Commit(ctx, c); err != nil {
			return err
		}
	}
	if len(set.ready) == 0 {
		return fmt.Errorf("no rule in %s", strings.Join(rules, ", "))
	}
	return nil
}
