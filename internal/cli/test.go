package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/ruletest"
	"github.com/tripline-sec/tripline/internal/show"
)

type testFlags struct {
	format   choice
	update   bool
	coverage bool
	watch    bool
}

func (a *app) testCommand() *cobra.Command {
	f := &testFlags{format: choice{allowed: []string{"pretty", "junit", "tap", "json"}}}
	cmd := &cobra.Command{
		Use:   "test PATH... [FLAGS]",
		Short: "Test detection rules",
		Example: examples(
			"tripline test rules/", "run the tests of all rules in a folder",
			"tripline test rules/shell.toml", "run the tests beside a rule, those of rules/shell.test",
			"tripline test --watch rules/", "run them again on each save",
			"tripline test --coverage rules/", "name the branches and list entries that no test reaches",
			"tripline alerts to-test -r rules/ -o rules/shell.test alerts.ndjson", "write a test from an alert",
		),
		Long: `PATH is a .test file, a rule file with a .test file of the same name beside it, or
a folder of them. A test gives events with times and the fields that matter, and
says which alerts must come of them:

  test python reverse shell
    host web-01
    e1: +0s   process exec process.name=python3.11 process.entity_id=p1
    e2: +20ms network connection_attempted destination.ip=203.0.113.9 process.entity_id=p1
    expect alert e1 e2

The language is described in docs/test-language.md. --update writes down what
happens in place of what was expected, and keeps all else of the file.

Exit codes: 0 all passed; 1 a test failed, or a test or its rule could not be
read; 2 usage.`,
		GroupID: groupRules,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name test files, rule files or folders of them")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.test(f, args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"test", "toml", "json", "ndjson"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.format, "format", "how to print what came of the tests (default: pretty)")
	flags.BoolVar(&f.update, "update", false, "rewrite what the tests expect to what happens")
	flags.BoolVar(&f.coverage, "coverage", false, "name the branches and list entries that no test reaches")
	flags.BoolVar(&f.watch, "watch", false, "run again on each save of a test, rule or event file, until ^C")
	mustComplete(cmd, "format", f.format.complete)
	return cmd
}

func (a *app) test(f *testFlags, paths []string) error {
	runner := &ruletest.Runner{Prepare: prepareTested}
	if !f.watch {
		return a.testOnce(f, runner, paths)
	}
	// A file that is named alone is watched with what stands beside it.
	return a.watch(folders(paths), func(changed []string) error {
		runner.Forget(changed...)
		return a.testOnce(f, runner, paths)
	})
}

// testOnce runs the tests, and with --update again once their files are
// rewritten.
func (a *app) testOnce(f *testFlags, runner *ruletest.Runner, paths []string) error {
	found, err := findTests(paths)
	if err != nil {
		return err
	}
	runner.Exceptions = exceptionFiles(paths)
	var reports []*ruletest.Report
	for _, path := range found.Tests {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		report := runner.RunFile(path)
		if f.update {
			if report, err = a.updateTest(runner, report); err != nil {
				return err
			}
		}
		reports = append(reports, report)
	}
	if n := len(found.Untested); n > 0 {
		a.sayf("%s no tests", counted(n, "rule file has", "rule files have"))
	}
	if err := a.tellTests(f, reports); err != nil && !a.gone() {
		return fmt.Errorf("write test results: %w", err)
	}
	if slices.ContainsFunc(reports, func(r *ruletest.Report) bool { return !r.Passed() }) {
		return ended(exitFailure)
	}
	return nil
}

// tellTests prints what came of the tests.
func (a *app) tellTests(f *testFlags, reports []*ruletest.Report) error {
	coverage := ruletest.Cover(reports)
	switch f.format.value {
	case "junit":
		return writeJUnit(a.out, reports)
	case "tap":
		writeTAP(a.out, reports)
	case "json":
		return writeTestJSON(a.out, reports, coverage)
	default:
		t := &testTeller{app: a, palette: a.palette(), faults: newRuleFaults()}
		t.reports(reports)
		t.coverage(coverage, f.coverage)
	}
	return nil
}

// findTests finds the test files. A path that holds none is a fault of usage.
func findTests(paths []string) (*ruletest.Found, error) {
	found := ruletest.Find(paths...)
	if len(found.Problems) == 0 {
		return found, nil
	}
	var all faults
	for _, p := range found.Problems {
		all = append(all, &fault{code: exitUsage, reason: p.Error(), hint: p.Hint})
	}
	return nil, all
}

// exceptionFiles are the files below the paths that hold exceptions, which scan
// would apply to every rule below them.
func exceptionFiles(paths []string) []string {
	var files []string
	for _, item := range rule.LoadAll(paths...).Items {
		if !slices.Contains(files, item.Path) {
			files = append(files, item.Path)
		}
	}
	return files
}

// updateTest rewrites what a file's tests expect, and runs them again.
func (a *app) updateTest(runner *ruletest.Runner, report *ruletest.Report) (*ruletest.Report, error) {
	text, changed := report.Update()
	if !changed {
		return report, nil
	}
	if _, err := ruletest.Parse(report.Path, []byte(text)); err != nil {
		return nil, failure("%s is left as it is: what happens can not be written down as an expectation, as an event's id is no name: %v", report.Path, err)
	}
	if err := replaceFile(report.Path, text); err != nil {
		return nil, failure("update %s: %v", report.Path, err)
	}
	a.sayf("updated %s", show.Escape(report.Path))
	return runner.RunFile(report.Path), nil
}

// prepareTested readies a rule as scan does.
func prepareTested(r *rule.Rule) (*ruletest.Ready, []*rule.Problem) {
	ready, problems := prepare(r)
	if ready == nil {
		return nil, problems
	}
	program, err := ready.reference()
	if err != nil {
		return nil, append(problems, queryProblems(r, err)...)
	}
	return &ruletest.Ready{Rule: r, Query: ready.checked, Program: program, Dropped: ready.Dropping()}, problems
}

// replaceFile writes a file anew, whole or not at all.
func replaceFile(path, text string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("find it: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".tripline-*")
	if err != nil {
		return fmt.Errorf("write beside it: %w", err)
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // it is gone once renamed
	if _, err = temp.WriteString(text); err == nil {
		err = temp.Chmod(info.Mode().Perm())
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	return os.Rename(temp.Name(), path)
}
