package reference

import (
	"fmt"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// newPattern returns the test of `:`, `like` or `regex`: one of the patterns
// matches the whole of a text.
func newPattern(m *eql.Match) (func(value.Value) bool, error) {
	matches, err := m.Matcher()
	if err != nil {
		return nil, fmt.Errorf("line %d:%d: %w", m.At.Line, m.At.Col, err)
	}
	return onText(matches), nil
}

// onText lifts a test of text to values: what is no text does not pass.
func onText(test func(string) bool) func(value.Value) bool {
	return func(v value.Value) bool { return v.Kind() == value.String && test(v.Str()) }
}
