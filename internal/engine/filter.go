package engine

import (
	"github.com/tripline-sec/tripline/eql"
)

// filter is the condition of one term, ready to be asked: a program of jumps
// over atoms. An atom is asked, and its answer says what to ask next.
type filter struct {
	number int32
	query  int32 // of the program
	local  int32 // its number within the query, see sequence.Query
	code   []step
	places []eql.Pos // of the steps, for what may fail; nil where nothing may
	keys   *keyList  // nil for a whole event query
	until  bool
	absent bool // of a missing event: events without time do not count
	single bool // a whole event query
	later  bool // it stands behind its query's gate, see Gates

	witness []*atom // one of them holds whenever the filter does; none: it is always asked
	always  bool    // it has no witness, or only at the door
	needs   []slots // an event that lacks a value in one of these is none of it
	share   float64 // guess: the share of events that the witnesses let through
}

// slots are some of the slots of one word of a row's bitmap.
type slots struct {
	word int
	mask uint64
}

// step asks an atom. The next step is yes or no; below zero the answer is known.
type step struct {
	atom    int32
	yes, no int32
}

// The ends of a filter's code.
const (
	accept int32 = -1
	reject int32 = -2
)

// compileFilter compiles `CATEGORY where COND`. The category is asked first.
func (as *atoms) compileFilter(s scope, categoryPath string, f *eql.Filter) ([]step, []eql.Pos, error) {
	c := &coder{atoms: as, scope: s}
	entry, err := c.expr(f.Condition, accept, reject)
	if err != nil {
		return nil, nil, err
	}
	if !f.Any {
		entry = c.emit(step{atom: int32(as.category(s, categoryPath, f.Category).number), yes: entry, no: reject}, f.At) //nolint:gosec // few
	}
	code, places := c.finish(entry)
	return code, places, nil
}

// coder writes code from the end to the start, so that a jump always goes to
// what has been written.
type coder struct {
	atoms *atoms
	scope scope
	steps []step
	at    []eql.Pos
}

func (c *coder) emit(s step, at eql.Pos) int32 {
	c.steps, c.at = append(c.steps, s), append(c.at, at)
	return int32(len(c.steps) - 1) //nolint:gosec // bounded by the length of a query
}

// expr writes an expression and returns where it begins.
func (c *coder) expr(e eql.Expr, yes, no int32) (int32, error) {
	switch e := e.(type) {
	case *eql.Logic:
		at := yes
		if e.Op == eql.Or {
			at = no
		}
		for i := len(e.Args) - 1; i >= 0; i-- {
			var err error
			if e.Op == eql.And {
				at, err = c.expr(e.Args[i], at, no)
			} else {
				at, err = c.expr(e.Args[i], yes, at)
			}
			if err != nil {
				return 0, err
			}
		}
		return at, nil
	case *eql.Unary:
		if e.Op == eql.Not {
			return c.expr(e.X, no, yes)
		}
	}
	a, err := c.atoms.leaf(c.scope, e)
	if err != nil {
		return 0, err
	}
	if a.kind == constant {
		if a.truth {
			return yes, nil
		}
		return no, nil
	}
	return c.emit(step{atom: int32(a.number), yes: yes, no: no}, e.Pos()), nil //nolint:gosec // few
}

// finish turns the code around, so that it begins at its first step.
func (c *coder) finish(entry int32) ([]step, []eql.Pos) {
	if entry < 0 {
		return []step{{atom: -1, yes: entry, no: entry}}, nil // decided before anything is asked
	}
	turn := func(at int32) int32 {
		if at < 0 {
			return at
		}
		return entry - at
	}
	out, places := make([]step, entry+1), make([]eql.Pos, entry+1)
	fallible := false
	for i, s := range c.steps[:entry+1] {
		s.yes, s.no = turn(s.yes), turn(s.no)
		at := turn(int32(i)) //nolint:gosec // bounded as above
		out[at], places[at] = s, c.at[i]
		fallible = fallible || c.atoms.all[s.atom].fallible
	}
	if !fallible {
		places = nil
	}
	return out, places
}
