package ruletest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/rule"
)

// Runner runs test files.
type Runner struct {
	// Prepare readies a rule; nil is Prepare of this package.
	Prepare func(*rule.Rule) (*Ready, []*rule.Problem)
	// Exceptions are files whose exceptions hold for every rule that names their
	// lists, beside those in the rule's own file.
	Exceptions []string

	sets  map[string]*rule.Set // by path
	ready map[*rule.Rule]*prepared
}

type prepared struct {
	ready    *Ready
	problems Problems
}

// Forget drops what is kept of files that have changed since.
func (r *Runner) Forget(paths ...string) {
	changed := map[string]bool{}
	for _, path := range paths {
		changed[absolute(path)] = true
	}
	maps.DeleteFunc(r.sets, func(path string, set *rule.Set) bool {
		if !changed[absolute(path)] {
			return false
		}
		for _, one := range set.Rules {
			delete(r.ready, one)
		}
		return true
	})
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// subject finds what a test is of.
func (r *Runner) subject(f *File, s *Subject) (*Ready, Problems) {
	if s.Query != "" {
		ready, err := inline(s)
		if err == nil {
			return ready, nil
		}
		var problems Problems
		for _, p := range queryProblems(err) {
			at := s.located(p.Pos)
			problems = append(problems, &Problem{Path: f.Path, Line: at.Line, Col: at.Col, Reason: p.Message, Hint: p.Hint})
		}
		return nil, problems
	}
	one, problems := r.rule(f, s)
	if one == nil {
		return nil, problems
	}
	if p, ok := r.ready[one]; ok {
		return p.ready, p.problems
	}
	prepare := r.Prepare
	if prepare == nil {
		prepare = Prepare
	}
	ready, found := prepare(one)
	p := &prepared{ready: ready}
	if ready == nil {
		p.problems = ruleProblems(found)
	}
	if r.ready == nil {
		r.ready = map[*rule.Rule]*prepared{}
	}
	r.ready[one] = p
	return p.ready, p.problems
}

// rule reads the rule that a test is of.
func (r *Runner) rule(f *File, s *Subject) (*rule.Rule, Problems) {
	path, hint := "", ""
	mistaken := func(reason string) (*rule.Rule, Problems) {
		return nil, Problems{{Path: f.Path, Line: max(s.At.Line, 1), Col: max(s.At.Col, 1), Reason: reason, Hint: hint}}
	}
	if s.Rule == "" {
		base := strings.TrimSuffix(f.Path, filepath.Ext(f.Path))
		for _, ext := range ruleExtensions {
			if path == "" && exists(base+ext) {
				path = base + ext
			}
		}
		if path == "" {
			hint = "name it: rule FILE; or write the query: query '''...'''"
			return mistaken("no rule file called " + filepath.Base(base) + ".toml stands beside the test file")
		}
	} else {
		path = s.Rule
		if !strings.HasPrefix(path, builtinFolder) && !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(f.Path), filepath.FromSlash(path))
		}
		if !exists(path) {
			hint = nearFiles(path)
			return mistaken("there is no rule file " + s.Rule)
		}
	}
	set := r.load(path)
	picked := set.Rules
	if s.Pick != "" {
		picked = slices.DeleteFunc(slices.Clone(picked), func(one *rule.Rule) bool { return one.Name != s.Pick && one.RuleID != s.Pick })
	}
	switch {
	case len(picked) == 1:
		return picked[0], nil
	case len(set.Rules) == 0:
		if problems := ruleProblems(set.Problems); len(problems) > 0 {
			return nil, problems
		}
		return mistaken("there is no rule of a kind that runs in " + path)
	case len(picked) == 0:
		var names []string
		for _, one := range set.Rules {
			names = append(names, one.Name)
		}
		hint = didYouMean(s.Pick, names)
		return mistaken("no rule is called " + s.Pick + " in " + path)
	}
	hint = "say which by its name: rule FILE NAME"
	return mistaken("there are several rules in " + path)
}

// load reads a rule file once.
func (r *Runner) load(path string) *rule.Set {
	key := filepath.Clean(path)
	if set, ok := r.sets[key]; ok {
		return set
	}
	var set *rule.Set
	if data, err := readBuiltin(path); err == nil && !onDisk(path) {
		set = rule.ReadTOML(path, data)
	} else {
		set = rule.LoadAll(append([]string{path}, r.Exceptions...)...)
		set.Rules = slices.DeleteFunc(set.Rules, func(one *rule.Rule) bool { return filepath.Clean(one.Path) != key })
		set.Problems = slices.DeleteFunc(set.Problems, func(p *rule.Problem) bool { return filepath.Clean(p.Path) != key })
	}
	if r.sets == nil {
		r.sets = map[string]*rule.Set{}
	}
	r.sets[key] = set
	return set
}

func onDisk(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ruleProblems are the errors among the problems of a rule.
func ruleProblems(found []*rule.Problem) Problems {
	var problems Problems
	for _, p := range found {
		if p.Kind == rule.KindWarning {
			continue
		}
		reason := p.Reason
		if p.Field != "" {
			reason = p.Field + ": " + reason
		}
		problems = append(problems, &Problem{Path: p.Path, Line: p.Line, Col: p.Col, Reason: reason, Hint: p.Hint})
	}
	return problems
}

// nearFiles is a hint that names files of about that name.
func nearFiles(path string) string {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "there is no folder " + dir + " either"
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return or(didYouMean(filepath.Base(path), names), "the name is relative to the test file's folder")
}
