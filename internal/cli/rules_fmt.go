package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
)

type fmtFlags struct{ check, diff, write bool }

func (a *app) rulesFmtCommand() *cobra.Command {
	f := &fmtFlags{}
	cmd := &cobra.Command{
		Use:   "fmt [--check|--diff|-w] PATH...",
		Short: "Lay out the queries of rules in one way",
		Example: examples(
			"tripline rules fmt rule.toml", "print a rule with its query laid out",
			"tripline rules fmt -w rules/", "lay out the queries of a folder of rules",
			"tripline rules fmt --check rules/", "name the files that are laid out otherwise, for CI",
			"tripline rules fmt --diff @hunt.eql", "see what would change in a file that holds a query alone",
		),
		Long: `PATH is a rule in TOML, an .eql file, a folder of both, or @FILE for a query in a file
of any name. Of a rule only the query changes, and of that only white space: every
other byte stays, comments of the query too, and the query means what it did.

Exit codes: 0 done; 1 a file could not be read or its query is no EQL, or, with
--check or --diff, a file would change; 2 usage.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name the files or folders to format")
			}
			if f.check && f.diff || f.check && f.write || f.diff && f.write {
				return usage("", "--check, --diff and -w exclude each other")
			}
			return a.rulesFmt(f, args)
		},
		ValidArgsFunction: completeRules,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.check, "check", false, "print the names of files that would change, and change nothing")
	flags.BoolVar(&f.diff, "diff", false, "print what would change, and change nothing")
	flags.BoolVarP(&f.write, "write", "w", false, "write the files")
	return cmd
}

func (a *app) rulesFmt(f *fmtFlags, named []string) error {
	files, err := formattable(named)
	if err != nil {
		return err
	}
	code, changed, bad := exitOK, 0, 0
	for _, file := range files {
		was, is, problem := formatFile(file)
		if problem != nil {
			bad++
			shown := &fault{code: exitFailure, reason: problem.Error(), hint: problem.Hint}
			if problem.Line > 0 {
				shown.snippet = eql.Snippet(strings.TrimPrefix(string(was), "\ufeff"), problem.Line, problem.Col)
			}
			a.show("error", shown)
			code = exitFailure
			continue
		}
		differs := is != nil && !bytes.Equal(was, is)
		if differs {
			changed++
		}
		switch {
		case !f.check && !f.diff && !f.write:
			if is == nil {
				is = was
			}
			a.printf("%s", is)
		case !differs:
		case f.check:
			a.printf("%s\n", show.Escape(file.path))
			code = exitFailure
		case f.diff:
			a.printf("%s", unifiedDiff(file.path, string(was), string(is), a.palette()))
			code = exitFailure
		default:
			if err := writeFormatted(file.path, is); err != nil {
				a.show("error", failure("write %s: %v", file.path, err))
				code = exitFailure
				continue
			}
			a.printf("%s\n", show.Escape(file.path))
		}
	}
	if f.check || f.diff || f.write {
		a.sayf("%s, %s laid out otherwise%s", counted(len(files), "file", "files"), show.Number(changed), fmtDone(f.write, bad))
	}
	return ended(code)
}

func fmtDone(written bool, bad int) string {
	text := ""
	if written {
		text = " and written"
	}
	if bad > 0 {
		text += ", " + show.Number(bad) + " bad"
	}
	return text
}

// formatted is a file to format.
type formatted struct {
	path  string
	query bool // it holds a query alone
}

// formattable finds the files that paths name.
func formattable(named []string) ([]formatted, error) {
	var files []formatted
	for _, path := range named {
		if name, isQuery := strings.CutPrefix(path, "@"); isQuery {
			if _, err := os.Stat(name); err != nil {
				return nil, usage("", "read query: %v", err)
			}
			files = append(files, formatted{name, true})
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, usage("name rule files or folders of them", "read rules: %v", err)
		case info.IsDir():
			found, err := formattableIn(path)
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		default:
			query, ok := formOf(path)
			if !ok {
				return nil, usage("write @"+path+" if it holds a query alone", "%s is neither a .toml nor an .eql file; other forms are not formatted", path)
			}
			files = append(files, formatted{path, query})
		}
	}
	return files, nil
}

func formattableIn(folder string) ([]formatted, error) {
	var files []formatted
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != folder:
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		if query, ok := formOf(path); ok {
			files = append(files, formatted{path, query})
		}
		return nil
	})
	if err != nil {
		return nil, failure("read rules: %v", err)
	}
	return files, nil
}

func formOf(path string) (query, ok bool) {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".eql", ext == ".eql" || ext == ".toml"
}

// formatFile returns a file's bytes as they are and as they should be; the
// latter are nil where there is nothing to format.
func formatFile(file formatted) (was, is []byte, problem *rule.Problem) {
	was, err := os.ReadFile(file.path)
	if err != nil {
		return nil, nil, &rule.Problem{Path: file.path, Reason: pathless(err)}
	}
	if !file.query {
		is, problem = rule.FormatTOML(file.path, was)
		return was, is, problem
	}
	body, mark := bytes.CutPrefix(was, []byte("\ufeff"))
	text, err := eql.Format(string(body))
	if err != nil {
		problem = &rule.Problem{Path: file.path, Line: 1, Col: 1, Reason: err.Error()}
		var e *eql.Error
		if errors.As(err, &e) {
			one := e.Problems[0]
			problem.Line, problem.Col, problem.Reason, problem.Hint = one.Pos.Line, one.Pos.Col, one.Message, one.Hint
		}
		return was, nil, problem
	}
	text += "\n"
	if bytes.Contains(body, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if mark {
		text = "\ufeff" + text
	}
	return was, []byte(text), nil
}

// pathless is an error without the path that stands before it anyway.
func pathless(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Op + ": " + pe.Err.Error()
	}
	return err.Error()
}

// writeFormatted replaces a file as a whole, so that what ends the program leaves
// the one or the other. A link is written through.
func writeFormatted(path string, data []byte) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(target), ".tripline-fmt-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone already if all went well
	_, err = temporary.Write(data)
	if chmodErr := temporary.Chmod(info.Mode().Perm()); err == nil {
		err = chmodErr
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), target)
}
