package ruletest

import (
	"fmt"
	"strings"

	"github.com/tripline-sec/tripline/internal/value"
)

// Problem is what is wrong with a test file.
type Problem struct {
	Path      string
	Line, Col int // from 1, Col in Unicode code points; 0 when it is the whole file's
	Reason    string
	Hint      string // what to do; may be ""
	Text      string // of the file that Line is of; "" for the test file itself
}

// Place returns path:line:col, as far as known.
func (p *Problem) Place() string {
	if p.Line == 0 {
		return p.Path
	}
	return fmt.Sprintf("%s:%d:%d", p.Path, p.Line, p.Col)
}

// Error returns the place and the reason. The hint is left to who prints it.
func (p *Problem) Error() string { return p.Place() + ": " + p.Reason }

// Problems are all that is wrong with a test file.
type Problems []*Problem

// Error returns the problems, a line each.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// maxProblems is how many mistakes of one file are told.
const maxProblems = 50

// didYouMean is a hint that names the words close to one; "" if none is.
func didYouMean(word string, known []string) string {
	near := value.Suggest(word, known)
	switch n := len(near); n {
	case 0:
		return ""
	case 1:
		return "did you mean " + near[0] + "?"
	default:
		return "did you mean " + strings.Join(near[:n-1], ", ") + " or " + near[n-1] + "?"
	}
}
