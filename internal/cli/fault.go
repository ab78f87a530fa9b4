package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/show"
)

// fault is an error that is shown to the user.
type fault struct {
	code    int
	reason  string
	snippet string // the source line with a caret
	hint    string
}

func (f *fault) Error() string { return f.reason }

// failure is a fault that is nobody's usage.
func failure(format string, args ...any) *fault {
	return &fault{code: exitFailure, reason: fmt.Sprintf(format, args...)}
}

// usage is a fault of how the command was called.
func usage(hint, format string, args ...any) *fault {
	return &fault{code: exitUsage, reason: fmt.Sprintf(format, args...), hint: hint}
}

// faults is several of them.
type faults []*fault

func (f faults) Error() string {
	reasons := make([]string, len(f))
	for i, one := range f {
		reasons[i] = one.reason
	}
	return strings.Join(reasons, "\n")
}

// queryFaults turns the error of a query into faults that show the place. name
// is the file the query stands in; "" for one of the command line.
func queryFaults(err error, name, text string) error {
	var e *eql.Error
	if !errors.As(err, &e) {
		return &fault{code: exitUsage, reason: err.Error()}
	}
	all := make(faults, len(e.Problems))
	for i, p := range e.Problems {
		all[i] = &fault{
			code:    exitUsage,
			reason:  place(name, p.Pos) + p.Message,
			snippet: eql.Snippet(text, p.Pos.Line, p.Pos.Col),
			hint:    p.Hint,
		}
	}
	return all
}

// place is where in a query something stands, ready to be put before a message.
func place(name string, at eql.Pos) string {
	switch {
	case at.Line == 0:
		return ""
	case name == "":
		return fmt.Sprintf("line %d:%d: ", at.Line, at.Col)
	}
	return fmt.Sprintf("%s:%d:%d: ", name, at.Line, at.Col)
}

// report shows an error and returns the exit code that it asks for.
func (a *app) report(err error) int {
	var (
		code status
		many faults
		one  *fault
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		a.sayf("error: interrupted")
		return exitInterrupted
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &many):
		worstCode := exitOK
		for _, f := range many {
			a.show("error", f)
			worstCode = worst(worstCode, f.code)
		}
		return worstCode
	case errors.As(err, &one):
		a.show("error", one)
		return one.code
	}
	a.show("error", failure("%v", err))
	return exitFailure
}

// show prints a fault as an error or a warning.
func (a *app) show(level string, f *fault) {
	a.sayf("%s: %s", level, show.EscapeLines(f.reason))
	if f.snippet != "" {
		a.sayBare(f.snippet)
	}
	if f.hint != "" {
		a.sayf("hint: %s", show.EscapeLines(f.hint))
	}
}
