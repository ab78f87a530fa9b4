package ruletest

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Report is what came of a test file.
type Report struct {
	Path     string
	File     *File // nil if it could not be parsed
	Problems Problems
	Results  []*Result
}

// Result is what came of a test.
type Result struct {
	Test     *Test
	Failures []*Failure
	Problems Problems // why it could not be run
	Took     time.Duration

	ready   *Ready
	arrived []arrival
	groups  []group
}

// Passed reports whether all was as expected.
func (r *Result) Passed() bool { return len(r.Failures) == 0 && len(r.Problems) == 0 }

// Failure is one thing that was not as expected.
type Failure struct {
	At       Place
	Expected string
	Happened string
	Reasons  []string // the nearest reasons for the difference, best first
}

// Passed reports whether the file could be read and all its tests passed.
func (r *Report) Passed() bool {
	return len(r.Problems) == 0 && !slices.ContainsFunc(r.Results, func(one *Result) bool { return !one.Passed() })
}

// RunFile reads a test file and runs its tests.
func (r *Runner) RunFile(path string) *Report {
	data, err := readFile(path)
	if err != nil {
		return &Report{Path: path, Problems: Problems{{Path: path, Reason: cause(err), Hint: "name a test file"}}}
	}
	return r.Run(path, data)
}

// Run runs the tests of a file with that text.
func (r *Runner) Run(path string, data []byte) *Report {
	report := &Report{Path: path}
	file, err := Parse(path, data)
	if err != nil {
		if !errors.As(err, &report.Problems) {
			report.Problems = Problems{{Path: path, Reason: err.Error()}}
		}
		return report
	}
	report.File = file
	if len(file.Tests) == 0 {
		report.Problems = Problems{{Path: path, Line: 1, Col: 1, Reason: "the file holds no test", Hint: "start one with a line at the margin: test NAME"}}
	}
	for _, t := range file.Tests {
		began := time.Now()
		result := r.run(file, t)
		result.Took = time.Since(began)
		report.Results = append(report.Results, result)
	}
	return report
}

// run runs a test.
func (r *Runner) run(f *File, t *Test) *Result {
	result := &Result{Test: t}
	if result.ready, result.Problems = r.subject(f, &t.Subject); result.ready == nil {
		if x := t.expectsError(); x != nil && t.Subject.Query != "" {
			result.refused(x)
		}
		return result
	}
	if result.arrived, result.Problems = t.arrivals(f, result.ready); len(result.Problems) > 0 {
		return result
	}
	if len(t.Expect) == 0 {
		result.Problems = Problems{{
			Path: f.Path, Line: t.At.Line, Col: t.At.Col, Reason: "the test expects nothing",
			Hint: "end it with expect alert e1 e2 or expect silence, or let `tripline test --update` write down what happens",
		}}
	}
	for _, g := range groupsOf(t) {
		g.judge(result)
		result.groups = append(result.groups, g)
	}
	return result
}

// expectsError returns the expectation that the query fails; nil for none.
func (t *Test) expectsError() *Expectation {
	for _, x := range t.Expect {
		if x.Kind == ExpectError {
			return x
		}
	}
	return nil
}

// refused compares an expected error with the problems of the query.
func (r *Result) refused(x *Expectation) {
	text := r.Problems.reasons()
	r.Problems = nil
	if !strings.Contains(text, x.Error) {
		r.fail(x.At, "an error with "+quote(x.Error), "the error "+quote(text), nil)
	}
}

func (ps Problems) reasons() string {
	var texts []string
	for _, p := range ps {
		texts = append(texts, p.Reason)
	}
	return strings.Join(texts, "; ")
}

func (r *Result) fail(at Place, expected, happened string, reasons []string) {
	r.Failures = append(r.Failures, &Failure{at, expected, happened, reasons})
}
