package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ruleFile takes the rule of a TOML document.
func (s *Set) ruleFile(path string, t *tree) {
	root, _ := t.root.(map[string]any)
	rd := &reading{tree: t, path: path}
	top := newObject(rd, "", "", root)
	body, ok := root["rule"].(map[string]any)
	if _, isExceptions := root["exceptions"]; isExceptions && root["rule"] == nil {
		s.exceptions(rd, top)
		return
	}
	if !ok {
		near := ""
		for k := range root {
			near = max(near, didYouMean(k, []string{"rule"}))
		}
		switch {
		case root["rule"] != nil:
			top.mistyped("rule", "a table", root["rule"])
			s.Problems = append(s.Problems, rd.problems...)
		case near != "":
			s.add(path, &Problem{Line: 1, Col: 1, Reason: "there is no [rule] table", Hint: near})
		default:
			s.noRule(path, "there is no [rule] table")
		}
		return
	}
	r := s.take(rd, "rule", body)
	if r == nil {
		return
	}
	r.Metadata = buildMetadata(top)
	top.known["rule"] = true
	top.rest("a rule file")
	if s.stray && r.givenUp() {
		s.skip(rd, "metadata.maturity", r.Metadata.Maturity, "rules of maturity "+r.Metadata.Maturity+" are not run from a folder", "name the file itself to run it")
		return
	}
	s.keep(rd, r)
}

// buildMetadata reads [metadata]. It is a repository's own and no part of the
// rule, so that nothing in it is worth more than a warning.
func buildMetadata(top object) *Metadata {
	m := &Metadata{Other: map[string]any{}}
	transform, _ := top.get("transform")
	if transform != nil {
		m.Other["transform"] = transform
	}
	v, _ := top.get("metadata")
	meta, _ := v.(map[string]any)
	for k, v := range meta {
		text, isText := v.(string)
		switch {
		case k == "creation_date" && isText:
			m.CreationDate = text
		case k == "updated_date" && isText:
			m.UpdatedDate = text
		case k == "maturity" && isText:
			m.Maturity = text
		case k == "integration":
			m.Integration = oneOrMany(v)
		default:
			m.Other[k] = v
		}
	}
	if m.Maturity != "" && !slices.Contains(maturities, m.Maturity) {
		top.warn("metadata.maturity", quote(m.Maturity)+" is no maturity", choice(m.Maturity, maturities))
	}
	if m.Maturity == MaturityDeprecated {
		top.warn("metadata.maturity", "the rule is deprecated", "see whether its repository has one in its place")
	}
	return m
}

// oneOrMany returns a string, or the strings of a list.
func oneOrMany(v any) []string {
	var out []string
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, e := range list {
		if text, ok := e.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// values takes what a JSON value holds: one object, or a list of them. It reports
// whether to go on.
func (s *Set) values(path string, t *tree) bool {
	list, ok := t.root.([]any)
	if !ok {
		s.value(path, t, "", t.root)
	}
	for i, e := range list {
		if s.full() {
			break
		}
		s.value(path, t, "["+strconv.Itoa(i)+"]", e)
	}
	return !s.full()
}

// value takes one object of a JSON file.
func (s *Set) value(path string, t *tree, at string, v any) {
	rd := &reading{tree: t, path: path}
	m, ok := v.(map[string]any)
	if !ok && s.stray {
		return
	}
	if !ok {
		rd.report(KindError, at, "", "must be an object, not "+describe(v), jsonHint)
		s.Problems = append(s.Problems, rd.problems...)
		return
	}
	// The package of prebuilt rules wraps each of them so.
	if m["type"] == "security-rule" {
		if inner, ok := m["attributes"].(map[string]any); ok {
			at, m = join(at, "attributes"), inner
		}
	}
	isRule, kind, isOther := recognise(m)
	switch {
	case isRule:
		if r := s.take(rd, at, m); r != nil {
			s.keep(rd, r)
		}
	case isOther:
		line, _ := rd.lineCol(at, false)
		s.Others = append(s.Others, Object{Kind: kind, Path: path, Line: line, Body: m})
		s.exception(rd, kind, at, m)
	default:
		outcome := KindError
		if s.stray {
			outcome = KindSkipped
		}
		reason, hint := "the object is neither a rule nor another part of an export", jsonHint
		if _, isEvent := m["@timestamp"]; isEvent {
			reason, hint = "the object is an event, not a rule", "events are named without -r"
		}
		rd.report(outcome, at, "", reason, hint)
		s.Problems = append(s.Problems, rd.problems...)
	}
}

// exception takes an exception list or an item of one.
func (s *Set) exception(rd *reading, kind ObjectKind, at string, m map[string]any) {
	o := newObject(rd, at, "", m)
	switch kind {
	case ExceptionList:
		s.container(o)
	case ExceptionItem:
		s.item(o, "", namespaces[0])
	default:
		return
	}
	o.rest("an exception")
	s.Problems = append(s.Problems, rd.problems...)
}

// skip notes a rule that is not run, and why.
func (s *Set) skip(rd *reading, at, why, reason, hint string) {
	line, col := rd.lineCol(at, false)
	field := at[strings.LastIndexByte(at, '.')+1:]
	s.add(rd.path, &Problem{
		Kind: KindSkipped, Line: line, Col: col, Rule: rd.rule, Field: field, RuleType: why, Reason: reason, Hint: hint,
	})
}

// take builds the rule that stands at a path of the tree. It returns nil when the
// rule is of a type that is not run.
func (s *Set) take(rd *reading, at string, m map[string]any) *Rule {
	s.seen++
	o := newObject(rd, at, "", m)
	rd.rule, _ = m["name"].(string)
	if id, ok := m["rule_id"].(string); ok && rd.rule == "" {
		rd.rule = id
	}
	t, _ := m["type"].(string)
	if t != "eql" && slices.Contains(ruleTypes, t) {
		s.skip(rd, join(at, "type"), t, "rules of type "+t+" are not run", "")
		return nil
	}
	if t != "" && !slices.Contains(ruleTypes, t) {
		// Say what types there are, not only the one that is run.
		o.wrong("type", quote(t)+" is no type of rule", choice(t, ruleTypes))
		m["type"] = "eql"
	}
	r := build(o)
	r.Path = rd.path
	r.Line, _ = rd.lineCol(at, false)
	if p := rd.tree.places.at[join(at, "query")]; p.raw != "" {
		line, col := rd.tree.lines.at(p.value)
		r.query = literal{raw: p.raw, json: rd.tree.json, line: line, col: col}
	}
	r.spots = rd.spots(at, m)
	return r
}

// keep adds a rule that has no errors and whose identity is not taken.
func (s *Set) keep(rd *reading, r *Rule) {
	if s.taken == nil {
		s.taken = map[string]*Rule{}
	}
	id, uuid := "rule_id "+r.RuleID, "uuid "+r.UUID()
	other := s.taken[id]
	if other == nil {
		other = s.taken[uuid]
	}
	if other != nil && !rd.failed {
		rd.report(KindError, "", "rule_id", fmt.Sprintf("%s is taken by %s of %s:%d", quote(r.RuleID), quote(other.Name), other.Path, other.Line),
			"give each rule an identity of its own")
		last := rd.problems[len(rd.problems)-1]
		last.Line, last.Col = r.Line, 1
	}
	s.Problems = append(s.Problems, rd.problems...)
	if !rd.failed {
		s.Rules = append(s.Rules, r)
		s.taken[id], s.taken[uuid] = r, r
	}
}
