package alert

import (
	"encoding/json"
	"slices"

	"github.com/tripline-sec/tripline/internal/value"
)

// intersect returns what two documents have in common, as Kibana's shells do:
// equal scalars stay; objects are gone through; of arrays the elements of a
// that occur in b stay, in a's order and each once, an empty array too, and a
// scalar beside an array counts as an array of one. Objects within arrays are
// never equal. The result is nil when nothing is common.
func intersect(a, b map[string]any) map[string]any {
	var common map[string]any
	for key, left := range a {
		right, ok := b[key]
		if !ok {
			continue
		}
		if v, ok := both(left, right); ok {
			if common == nil {
				common = map[string]any{}
			}
			common[key] = v
		}
	}
	return common
}

func both(a, b any) (any, bool) {
	left, leftObject := a.(map[string]any)
	right, rightObject := b.(map[string]any)
	if leftObject && rightObject {
		v := intersect(left, right)
		return v, v != nil
	}
	_, leftArray := a.([]any)
	_, rightArray := b.([]any)
	if leftArray || rightArray {
		return elements(listOf(a), listOf(b)), true
	}
	return a, equal(a, b)
}

func listOf(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// elements returns the scalars of a that occur in b, each once.
func elements(a, b []any) []any {
	inBoth := []any{} // not nil: written as []
	for _, v := range a {
		same := func(w any) bool { return equal(v, w) }
		if slices.ContainsFunc(b, same) && !slices.ContainsFunc(inBoth, same) {
			inBoth = append(inBoth, v)
		}
	}
	return inBoth
}

// equal compares two scalars. Numbers are equal by value, exactly; an object or
// an array equals nothing.
func equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case string:
		s, ok := b.(string)
		return ok && a == s
	case bool:
		t, ok := b.(bool)
		return ok && a == t
	case json.Number:
		n, ok := b.(json.Number)
		return ok && (a == n || value.Equal(value.OfJSONNumber(a.String()), value.OfJSONNumber(n.String())))
	}
	return false
}
