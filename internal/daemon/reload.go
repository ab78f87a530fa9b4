package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tripline-sec/tripline/internal/pass"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/state"
)

// Changes is what a reload did, by the names of rules.
type Changes struct {
	Added    []string `json:"added,omitempty"`
	Changed  []string `json:"changed,omitempty"`
	Removed  []string `json:"removed,omitempty"`
	Kept     int      `json:"kept"`
	Problems []string `json:"problems,omitempty"` // rules that do not run, and why
}

// String tells it in a line.
func (c Changes) String() string {
	return fmt.Sprintf("%d added, %d changed, %d removed, %d kept", len(c.Added), len(c.Changed), len(c.Removed), c.Kept)
}

// Reload reads the rules anew and goes on with them. What unfinished sequences remember
// passes over to the rules that ask the same. If a rule that runs can not be read any
// more, or nothing can, all stays as it was and the error says why.
func (d *Daemon) Reload(ctx context.Context) (Changes, error) {
	d.reloads.Lock() // else rules that were read earlier might be taken in later
	defer d.reloads.Unlock()
	loaded, err := d.opts.Load()
	if err != nil {
		return Changes{}, fmt.Errorf("reload rules: %w", err)
	}
	next, problems, err := compile(loaded.Ready)
	if err != nil {
		return Changes{}, fmt.Errorf("reload rules: %w", err)
	}
	problems = append(slices.Clone(loaded.Problems), problems...)
	if d.worse(next, problems) {
		return Changes{Problems: problems}, fmt.Errorf("reload rules: %d can not run; the rules that ran before still do: %s", len(problems), problems[0])
	}
	d.passing.Lock()
	defer d.passing.Unlock()
	for { // what was found belongs to the old rules
		if err := d.commit(ctx); err != nil {
			return Changes{}, fmt.Errorf("reload rules: %w", err)
		}
		d.commits.Lock()
		d.mu.Lock()
		if len(d.found) == 0 {
			break
		}
		d.mu.Unlock()
		d.commits.Unlock()
	}
	defer d.commits.Unlock()
	defer d.mu.Unlock()
	waiting, err := d.state.Waiting(ctx)
	if err == nil {
		err = d.remember(ctx, loaded.Paths)
	}
	if err != nil { // before anything is changed
		return Changes{}, fmt.Errorf("reload rules: %w", err)
	}
	changes := changesOf(d.use, next)
	changes.Problems = problems
	d.use, d.problems, d.loaded, d.until = next, problems, d.opts.Now(), loaded.Until
	if d.stream != nil {
		d.stream.Reload(next.stream)
		d.resolver = next.stream.NewResolver()
	}
	d.scheduler.Use(next.known, d.opts.Now())
	d.matters = pass.NewMatters(next.program)
	clear(d.carried)
	d.recall(waiting)
	d.wakeUp()
	return changes, nil
}

// worse reports whether rules have a mistake that those in use have not: there are
// more, or another one, which costs a rule that runs. A mistake that was there may
// have moved to another line.
func (d *Daemon) worse(next *use, problems []string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(problems) > len(d.problems) {
		return true
	}
	known := func(problem string) bool { return slices.Contains(d.problems, problem) }
	kept := func(k *schedule.Rule) bool { _, ok := next.byID[k.ID]; return ok }
	return !all(problems, known) && !all(d.use.known, kept)
}

func all[T any](list []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(list, func(one T) bool { return !holds(one) })
}

// expireExceptions reads the rules anew whenever one of their exceptions has expired.
func (d *Daemon) expireExceptions(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		d.expire(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// expireAgain is when rules are read again that could not be.
const expireAgain = time.Minute

func (d *Daemon) expire(ctx context.Context) {
	now := d.opts.Now()
	d.mu.Lock()
	due := !d.until.IsZero() && now.After(d.until)
	if due {
		d.until = now.Add(expireAgain)
	}
	d.mu.Unlock()
	if !due {
		return
	}
	if changes, err := d.Reload(ctx); err != nil {
		d.opts.Log.Error("an exception has expired and still holds: the rules were not taken in", "error", err)
	} else {
		d.opts.Log.Info("rules were taken in: an exception has expired", "changes", changes.String())
	}
}

func (d *Daemon) wakeUp() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// remember keeps where the rules are, for commands on the folder.
func (d *Daemon) remember(ctx context.Context, paths []string) error {
	text, err := json.Marshal(paths)
	if err != nil {
		return fmt.Errorf("write rules' paths: %w", err)
	}
	return d.state.Set(ctx, state.SettingRules, string(text))
}

func changesOf(old, next *use) Changes {
	var c Changes
	for i, r := range next.rules {
		was, ok := old.byID[next.known[i].ID]
		switch {
		case !ok:
			c.Added = append(c.Added, r.Name)
		case same(old, was, next, i):
			c.Kept++
		default:
			c.Changed = append(c.Changed, r.Name)
		}
	}
	for i, r := range old.rules {
		if _, ok := next.byID[old.known[i].ID]; !ok {
			c.Removed = append(c.Removed, r.Name)
		}
	}
	return c
}

// same reports whether two rules are written alike and ask alike.
func same(old *use, was int, next *use, is int) bool {
	a, errA := json.Marshal(old.rules[was].Rule)
	b, errB := json.Marshal(next.rules[is].Rule)
	return errA == nil && errB == nil && string(a) == string(b) && old.rules[was].Query().Fingerprint() == next.rules[is].Query().Fingerprint()
}
