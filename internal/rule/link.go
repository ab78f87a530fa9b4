package rule

import (
	"fmt"
	"slices"
	"strings"
)

// endpointList is the list of Elastic Defend itself; Kibana's rules pass it over.
const endpointList = "endpoint_list"

// listKey is an identity within a namespace, of a list or of an item.
type listKey struct{ id, namespace string }

// link compiles the exceptions that were read and gives each rule those of the
// lists that it names, and of those that name it. Only of a whole reading can be said that a list is missing.
func (s *Set) link(whole bool) {
	known := map[listKey]bool{}
	for _, l := range s.Lists {
		known[listKey{l.ListID, l.Namespace}] = true
	}
	byList := map[listKey][]*Exception{}
	for _, e := range s.Items {
		if err := e.compile(s.lists()); err != nil {
			e.Unprocessed = err.Error()
			s.add(e.Path, &Problem{
				Kind: KindWarning, Line: e.Line, Col: 1, Rule: e.Name, Field: "entries",
				Reason: "the exception is not applied: " + err.Error(), Hint: valueListHint,
			})
		}
		key := listKey{e.ListID, e.Namespace}
		known[key] = true
		byList[key] = append(byList[key], e)
	}
	for _, r := range s.Rules {
		s.linkRule(r, known, byList, whole)
	}
}

const valueListHint = "give the list as a file: --value-list ID=FILE, or " + ValueListFolder + "/ID in the folder of rules"

func (s *Set) linkRule(r *Rule, known map[listKey]bool, byList map[listKey][]*Exception, whole bool) {
	var unprocessed []string
	seen := map[listKey]bool{}
	r.Exceptions = nil
	add := func(key listKey) {
		seen[key] = true
		for _, e := range byList[key] {
			r.Exceptions = append(r.Exceptions, e)
			if e.Unprocessed != "" {
				unprocessed = append(unprocessed, e.Name)
			}
		}
	}
	for i, ref := range r.ExceptionsList {
		key := listKey{ref.ListID, ref.NamespaceType}
		if ref.ListID == endpointList || seen[key] {
			continue
		}
		if whole && !known[key] {
			s.unlinked(r, fmt.Sprintf("exceptions_list[%d].list_id", i),
				fmt.Sprintf("no exception list %s of namespace %s was read: the rule runs without its exceptions", quote(ref.ListID), ref.NamespaceType),
				"name the list's export or TOML file beside the rules")
		}
		add(key)
	}
	for _, list := range s.Lists {
		key := listKey{list.ListID, list.Namespace}
		if seen[key] || !slices.Contains(list.Rules, r.RuleID) && !slices.Contains(list.Rules, r.UUID()) {
			continue
		}
		add(key)
	}
	if len(unprocessed) > 0 {
		s.unlinked(r, "exceptions_list",
			"The following exceptions won't be applied to rule execution: "+strings.Join(unprocessed, ", "), valueListHint)
	}
}

// unlinked warns that a rule runs without exceptions that it names.
func (s *Set) unlinked(r *Rule, field, reason, hint string) {
	s.add(r.Path, &Problem{
		Kind: KindWarning, Line: r.Line, Col: 1, Rule: r.Name, Field: field, Reason: reason, Hint: hint, Unapplied: true,
	})
}

func (s *Set) lists() *valueLists {
	if s.valueLists == nil {
		s.valueLists = newValueLists()
	}
	return s.valueLists
}
