package cli

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

// watchScan judges again and again. Rules that a save did not touch are kept as
// they were checked; events are cheap to judge again.
func (a *app) watchScan(f *scanFlags, form string, paths []string) error {
	var (
		rules  = &ruleCache{ready: map[string]prepared{}}
		before []string // the ids of the alerts of the round before
	)
	first := true
	named := slices.DeleteFunc(slices.Clone(f.rules), func(path string) bool { return path == rule.BuiltinName })
	return a.watch(slices.Concat(paths, named, slices.Collect(maps.Values(a.valueLists))), func(changed []string) error {
		set, err := rules.load(a, f.rules, changed)
		if err != nil {
			return err
		}
		s := a.newScan(set, form)
		err = a.scanOnce(s, f, paths, nil)
		if text := difference(before, s.ids); text != "" && !first {
			a.sayf("%s", text)
		}
		before, first = s.ids, false
		return err
	})
}

// difference says what a round found that the one before did not, and the other
// way round; "" for nothing.
func difference(before, now []string) string {
	count := func(these, others []string) int {
		known := map[string]bool{}
		for _, id := range others {
			known[id] = true
		}
		n := 0
		for _, id := range these {
			if !known[id] {
				n++
			}
		}
		return n
	}
	fresh, gone := count(now, before), count(before, now)
	if fresh == 0 && gone == 0 {
		return ""
	}
	return fmt.Sprintf("since the last save: %s, %s gone", counted(fresh, "new alert", "new alerts"), show.Number(gone))
}

// ruleCache keeps rules compiled that read the same as before.
type ruleCache struct {
	ready map[string]prepared
	set   *ruleSet // as last read
}

type prepared struct {
	from     *rule.Rule
	rule     *readyRule
	problems []*rule.Problem
}

func (c *ruleCache) load(a *app, paths, changed []string) (*ruleSet, error) {
	if c.set != nil && !slices.ContainsFunc(changed, func(path string) bool {
		return isBelow(path, slices.AppendSeq(slices.Clone(paths), maps.Values(a.valueLists)))
	}) {
		return c.set, a.sayRuleFaults(c.set)
	}
	if len(paths) == 0 {
		set, err := a.loadRules(nil)
		c.set = set
		return set, err
	}
	used := map[string]prepared{}
	set, err := readRulesBy(paths, a.valueLists, func(r *rule.Rule) (*readyRule, []*rule.Problem) {
		key := fmt.Sprintf("%s:%d", r.Path, r.Line)
		p, known := c.ready[key]
		if !known || !reflect.DeepEqual(p.from, r) {
			p = prepared{from: r}
			p.rule, p.problems = prepare(r)
		}
		used[key] = p
		return p.rule, p.problems
	})
	if err != nil {
		c.set = nil // read again at the next save, whatever it is
		return nil, err
	}
	c.ready, c.set = used, set
	return set, a.sayRuleFaults(set)
}

// isBelow reports whether a path, as a watch tells it, is one of those named or
// in a folder among them.
func isBelow(path string, named []string) bool {
	for _, root := range named {
		below, err := filepath.Rel(root, path)
		if err == nil && below != ".." && !strings.HasPrefix(below, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}
