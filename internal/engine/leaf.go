package engine

import (
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/value"
)

// compile makes the atom of a leaf.
func (as *atoms) compile(s scope, e eql.Expr) (*atom, error) {
	switch e := e.(type) {
	case *eql.Literal:
		return &atom{kind: constant, truth: e.Value.Bool()}, nil
	case *eql.Nested:
		n, err := newNested(as, s, e)
		return &atom{kind: nestedAtom, nested: n, fallible: true}, err
	}
	if f, ok := about(e).(*eql.Field); ok {
		at := as.fields.of(s.schema, f.Path, s.time)
		if b, ok := e.(*eql.Binary); ok {
			if lit, ok := b.R.(*eql.Literal); ok && compares(b.Op) && lit.Value.IsNull() {
				if b.Op == eql.Eq {
					return &atom{kind: missing, field: at}, nil
				}
				return &atom{kind: constant}, nil
			}
		}
		t, err := compileTest(f, e)
		if err != nil {
			return nil, err
		}
		if t != nil {
			m, isMatch := e.(*eql.Match)
			dear := isMatch && (m.Op == eql.Regex || m.Op == eql.RegexFold) && !repeats(f.Path)
			return &atom{kind: valueAtom, field: at, test: t, lazy: dear}, nil
		}
	}
	return as.compileScript(s, e)
}

// repeats reports whether a field takes values that come again and again, so that
// even what is dear to ask of them is asked once of each.
func repeats(path string) bool {
	if strings.HasPrefix(path, "file.") || strings.Contains(path, ".Ext.") {
		return path == "file.extension"
	}
	for _, end := range []string{".executable", ".name", ".working_directory", ".id"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// about returns what a leaf asks about: a comparison's left side, a match's
// operand, a call's first argument.
func about(e eql.Expr) eql.Expr {
	switch e := e.(type) {
	case *eql.Binary:
		return e.L
	case *eql.In:
		return e.X
	case *eql.Match:
		return e.X
	case *eql.Call:
		if len(e.Args) > 0 {
			return e.Args[0]
		}
	}
	return nil
}

// compileScript compiles a leaf over calls and arithmetic. One that mentions one
// field, once, and can not fail is asked value by value, and its answers kept.
func (as *atoms) compileScript(s scope, e eql.Expr) (*atom, error) {
	c := &scriptCompiler{fields: as.fields, scope: s}
	root, err := c.node(e)
	if err != nil {
		return nil, err
	}
	script := &script{root: root, mentions: c.mentions}
	a := &atom{kind: scriptAtom, script: script, fallible: c.fallible || len(c.mentions) > 1}
	if !a.fallible && len(c.mentions) == 1 {
		f := c.mentions[0]
		a.kind, a.field, a.lazy = valueAtom, f.field, true
		a.test = &test{other: func(s *subject) bool { return script.ofValue(f, s) }}
		if script.ofMissing(f) {
			// It holds where the field is missing: only the whole row can tell.
			a.kind, a.field, a.lazy, a.test = scriptAtom, nil, false, nil
		}
	}
	return a, nil
}

// newSubjectOf is a subject over a value that is known already.
func newSubjectOf(f *field, v value.Value) subject { return subject{field: f, v: v, read: true} }
