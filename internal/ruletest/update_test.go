package ruletest

import (
	"strings"
	"testing"
)

// Update rewrites what is expected and nothing else.
func TestUpdate(t *testing.T) {
	const before = `# a file
query any where a == 1   

test right
  e1: +0s - - a=1
  # kept
  expect alert e1
test wrong

	e1: +0s - - a=1
	e2: +1s - - a=2
	e3: +2s - - a=1
	# why
	expect alert e2
	# and why not
	expect alert e3
test silent
  e1: +0s - - a=1
  expect silence
test not silent
  e1: +0s - - a=2
  expect alert e1
  expect alert e1
test count
  e1: +0s - - a=1
    expect alerts 7 until +5s
  expect silence
test nothing
  e1: +0s - - a=1
      b=2
# the end of it
test broken
  query any where
  expect silence
`
	const want = `# a file
query any where a == 1   

test right
  e1: +0s - - a=1
  # kept
  expect alert e1
test wrong

	e1: +0s - - a=1
	e2: +1s - - a=2
	e3: +2s - - a=1
	# why
	# and why not
	expect alert e3
	expect alert e1
test silent
  e1: +0s - - a=1
  expect alert e1
test not silent
  e1: +0s - - a=2
  expect silence
test count
  e1: +0s - - a=1
    expect alerts 1 until +5s
  expect alert e1
test nothing
  e1: +0s - - a=1
      b=2
  expect alert e1
# the end of it
test broken
  query any where
  expect silence
`
	for name, end := range map[string]string{"unix": "\n", "dos": "\r\n"} {
		t.Run(name, func(t *testing.T) {
			runner := &Runner{}
			report := runner.Run("x.test", []byte(strings.ReplaceAll(before, "\n", end)))
			got, changed := report.Update()
			if !changed || got != strings.ReplaceAll(want, "\n", end) {
				t.Fatalf("%v\n%s", failures(report), got)
			}
			again := runner.Run("x.test", []byte(got))
			if text, changed := again.Update(); changed || text != got {
				t.Errorf("a second update changes it again:\n%s", text)
			}
			for _, one := range again.Results {
				if one.Test.Name != "broken" && !one.Passed() {
					t.Errorf("%s: %v", one.Test.Name, failures(again))
				}
			}
		})
	}
}
