package rule

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
)

// compile makes the item's condition. It fails with why the item is not applied,
// which concerns a value list and nothing else.
func (e *Exception) compile(lists *valueLists) error {
	var parts []eql.Expr
	if len(e.OSTypes) > 0 {
		var any []eql.Expr
		for _, system := range e.OSTypes {
			any = append(any, newTarget("host.os.type").equal(system), newTarget("host.os.name.caseless").equal(system))
		}
		parts = append(parts, anyOf(any...))
	}
	for _, entry := range e.Entries {
		test, err := entry.compile("", lists)
		if err != nil {
			return err
		}
		parts = append(parts, test)
	}
	e.condition = allOf(parts...)
	return nil
}

// compile makes an entry's condition. Its field is below a path if there is one.
func (e *Entry) compile(below string, lists *valueLists) (eql.Expr, error) {
	field := join(below, e.Field)
	switch e.Type {
	case "nested":
		var parts []eql.Expr
		for _, inner := range e.Entries {
			test, err := inner.compile(field, lists)
			if err != nil {
				return nil, err
			}
			parts = append(parts, test)
		}
		return &eql.Nested{Path: field, X: allOf(parts...)}, nil
	case "list":
		test, err := lists.condition(newTarget(field), e.List)
		if err != nil {
			return nil, fmt.Errorf("value list %s: %w", quote(e.List.ID), err)
		}
		return e.negated(test), nil
	}
	return e.negated(e.test(newTarget(field))), nil
}

// test is the condition of an entry that needs nothing but its field and values.
func (e *Entry) test(t target) eql.Expr {
	switch e.Type {
	case "match_any":
		return t.equalAny(e.Values)
	case "exists":
		return t.exists()
	case "wildcard":
		return t.like(e.Values[0])
	}
	return t.equal(e.Values[0])
}

// negated turns the test of an excluded entry round: it is then true of a
// document without the field, too.
func (e *Entry) negated(test eql.Expr) eql.Expr {
	if e.Excluded {
		return not(test)
	}
	return test
}
