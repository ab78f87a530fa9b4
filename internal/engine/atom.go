package engine

import (
	"strconv"

	"github.com/tripline-sec/tripline/eql"
)

// kind says how an atom is asked.
type kind uint8

const (
	constant   kind = iota // true or false by itself
	valueAtom              // true if any value of a field passes a test
	missing                // true if a field has no value
	scriptAtom             // a leaf over calls and arithmetic
	nestedAtom             // holds for one of the objects at a path
)

// atom is a leaf of conditions: equal leaves of all queries are one atom.
type atom struct {
	number int
	kind   kind
	truth  bool   // of a constant
	text   string // in EQL's spelling
	field  *field // of valueAtom and missing
	test   *test  // of valueAtom
	bit    int    // of valueAtom: its place among the field's atoms
	lazy   bool   // of valueAtom: asked for by itself, not with the others of the field
	script *script
	nested *nested

	fallible bool    // may fail on a value
	share    float64 // guess: the share of events for which it holds
	watch    []int32 // the filters of which it is a witness
}

// atoms interns the leaves of a program under construction.
type atoms struct {
	fields *fields
	all    []*atom
	byKey  map[string]*atom
	scopes map[scope]int
}

// scope is what the meaning of a leaf depends on beside its text.
type scope struct {
	schema *eql.Schema
	time   string
}

func newAtoms(fs *fields) *atoms {
	return &atoms{fields: fs, byKey: map[string]*atom{}, scopes: map[scope]int{}}
}

// key makes texts of leaves comparable across queries. The types of fields are
// those of the schema, so the text and the schema say all.
func (as *atoms) key(s scope, text string) string {
	n, ok := as.scopes[s]
	if !ok {
		n = len(as.scopes)
		as.scopes[s] = n
	}
	return strconv.Itoa(n) + "\x00" + text
}

// leafKey is a leaf's part of a key.
func leafKey(e eql.Expr) string {
	if n, ok := e.(*eql.Nested); ok {
		return n.Path + "\x01" + eql.ExprString(e)
	}
	return eql.ExprString(e)
}

// categoryKey is that of the test of a category.
func categoryKey(path, name string) string { return "\x02" + path + "\x00" + name }

func (as *atoms) add(key string, a *atom) *atom {
	a.number = len(as.all)
	as.all = append(as.all, a)
	as.byKey[key] = a
	return a
}

// leaf returns the atom of a leaf.
func (as *atoms) leaf(s scope, e eql.Expr) (*atom, error) {
	key := as.key(s, leafKey(e))
	if a, ok := as.byKey[key]; ok {
		return a, nil
	}
	a, err := as.compile(s, e)
	if err != nil {
		return nil, err
	}
	a.text = eql.ExprString(e)
	return as.add(key, a), nil
}

// category returns the atom that tests the category of an event: exact, and any
// value of it will do.
func (as *atoms) category(s scope, path, name string) *atom {
	key := as.key(s, categoryKey(path, name))
	if a, ok := as.byKey[key]; ok {
		return a
	}
	f := as.fields.of(s.schema, path, s.time)
	return as.add(key, &atom{kind: valueAtom, field: f, test: &test{exact: []string{name}}, text: path + " == " + strconv.Quote(name)})
}
