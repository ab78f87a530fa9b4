package cli

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/tripline-sec/tripline/internal/ruletest"
	"github.com/tripline-sec/tripline/internal/show"
)

// told is a test, or a broken file, as the formats for machines write it.
type toldTest struct {
	File     string        `json:"file"`
	Line     int           `json:"line,omitempty"`
	Test     string        `json:"test,omitempty"` // "" for a file that could not be read
	Result   string        `json:"result"`         // passed, failed, error
	TookMS   float64       `json:"took_ms"`
	Failures []toldFailure `json:"failures,omitempty"`
}

type toldFailure struct {
	Line     int      `json:"line"`
	Col      int      `json:"col"`
	File     string   `json:"file,omitempty"` // if it is another than the test's
	Expected string   `json:"expected,omitempty"`
	Happened string   `json:"happened,omitempty"`
	Reasons  []string `json:"reasons,omitempty"`
	Error    string   `json:"error,omitempty"`
	Hint     string   `json:"hint,omitempty"`
}

// tests tells a report test by test.
func toldTests(r *ruletest.Report) []toldTest {
	var all []toldTest
	if len(r.Problems) > 0 {
		all = append(all, toldTest{File: r.Path, Result: "error", Failures: toldProblems(r.Path, r.Problems)})
	}
	for _, one := range r.Results {
		t := toldTest{File: r.Path, Line: one.Test.At.Line, Test: one.Test.Name, Result: "passed", TookMS: float64(one.Took.Microseconds()) / 1000}
		if len(one.Problems) > 0 {
			t.Result, t.Failures = "error", toldProblems(r.Path, one.Problems)
		}
		for _, f := range one.Failures {
			t.Result = "failed"
			t.Failures = append(t.Failures, toldFailure{Line: f.At.Line, Col: f.At.Col, Expected: f.Expected, Happened: f.Happened, Reasons: f.Reasons})
		}
		all = append(all, t)
	}
	return all
}

func toldProblems(path string, problems ruletest.Problems) []toldFailure {
	var all []toldFailure
	for _, p := range problems {
		f := toldFailure{Line: p.Line, Col: p.Col, Error: p.Reason, Hint: p.Hint}
		if p.Path != path {
			f.File = p.Path
		}
		all = append(all, f)
	}
	return all
}

// text writes a failure in lines.
func (f *toldFailure) text(path string) string {
	if f.File != "" {
		path = f.File
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d\n", path, f.Line, f.Col)
	for _, part := range []struct{ label, text string }{
		{"error", f.Error}, {"hint", f.Hint}, {"expected", f.Expected}, {"happened", f.Happened}, {"because", strings.Join(f.Reasons, "; ")},
	} {
		if part.text != "" {
			fmt.Fprintf(&b, "%s: %s\n", part.label, part.text)
		}
	}
	return b.String()
}

// writeTestJSON writes a line a test, and a line a rule for what its tests reach.
func writeTestJSON(w io.Writer, reports []*ruletest.Report, coverage []*ruletest.Coverage) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, r := range reports {
		for _, t := range toldTests(r) {
			if err := encoder.Encode(t); err != nil {
				return err
			}
		}
	}
	for _, c := range coverage {
		if len(c.Parts) == 0 {
			continue
		}
		line := toldCoverage{Rule: c.Rule.Name, File: c.Rule.Path, Reached: c.Reached(), Total: len(c.Parts), Unreached: unreached(c)}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

type toldCoverage struct {
	Rule      string   `json:"rule"`
	File      string   `json:"file"`
	Reached   int      `json:"reached"`
	Total     int      `json:"total"`
	Unreached []string `json:"unreached,omitempty"`
}

// writeTAP writes the Test Anything Protocol, version 14.
func writeTAP(w io.Writer, reports []*ruletest.Report) {
	var all []toldTest
	for _, r := range reports {
		all = append(all, toldTests(r)...)
	}
	fmt.Fprintf(w, "TAP version 14\n1..%d\n", len(all))
	for i, t := range all {
		state := "ok"
		if t.Result != "passed" {
			state = "not ok"
		}
		name := t.File
		if t.Test != "" {
			name += ": " + t.Test
		}
		fmt.Fprintf(w, "%s %d - %s\n", state, i+1, strings.ReplaceAll(show.Escape(name), "#", `\#`))
		if len(t.Failures) == 0 {
			continue
		}
		fmt.Fprint(w, "  ---\n  message: |\n")
		for _, f := range t.Failures {
			for line := range strings.Lines(f.text(t.File)) {
				fmt.Fprintf(w, "    %s\n", show.Escape(strings.TrimSuffix(line, "\n")))
			}
		}
		fmt.Fprint(w, "  ...\n")
	}
}

// The elements of JUnit's XML, as continuous integration reads it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr,omitempty"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
		Error   *junitFailure `xml:"error"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes JUnit's XML: a suite a file.
func writeJUnit(w io.Writer, reports []*ruletest.Report) error {
	var all junitSuites
	for _, r := range reports {
		suite := junitSuite{Name: r.Path}
		took := 0.0
		for _, t := range toldTests(r) {
			c := junitCase{Name: t.Test, Class: r.Path, File: r.Path, Line: t.Line, Time: fmt.Sprintf("%.6f", t.TookMS/1000)}
			if c.Name == "" {
				c.Name = "reading the file"
			}
			took += t.TookMS / 1000
			var text strings.Builder
			for _, f := range t.Failures {
				text.WriteString(f.text(t.File))
			}
			switch t.Result {
			case "failed":
				suite.Failures++
				c.Failure = &junitFailure{"expected " + t.Failures[0].Expected + ", happened " + t.Failures[0].Happened, text.String()}
			case "error":
				suite.Errors++
				c.Error = &junitFailure{t.Failures[0].Error, text.String()}
			}
			suite.Cases = append(suite.Cases, c)
		}
		suite.Tests, suite.Time = len(suite.Cases), fmt.Sprintf("%.6f", took)
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Errors += suite.Errors
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
