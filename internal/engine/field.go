package engine

import (
	"net/netip"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/ecs"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// field is a field as some queries read it: where it stands and of which type
// its values are. Two queries that read a path differently have two fields.
type field struct {
	number  int
	slot    int
	path    string
	schema  *eql.Schema
	isTime  bool       // the timestamp is a date whatever else is known of it
	typ     value.Type // without a schema: as ECS has it
	isIP    bool       // known from ECS to hold addresses
	primary bool       // the first field of its slot: the row's entries are its

	varies    bool     // it hardly ever takes a value twice
	atoms     []*atom  // those that are answered when a value is first seen, then the lazy ones
	eager     int      // how many of the first kind
	answers   answers  // of the eager ones
	strict    []int32  // the eager atoms that pass over values of another type
	witness   bool     // an atom of it is a witness
	witnesses []uint64 // the bits of those
	door      bool
	skims     bool // its values are skimmed before they are looked up
}

// read returns a value of a document as the field has it; null is nothing, such
// as "" in a number field. The timestamp is a date or missing.
func (f *field) read(s *event.Scalar, index string) value.Value {
	v := s.Value()
	if f.schema == nil {
		v = value.Coerce(v, f.typ, "")
	} else {
		v = f.schema.Coerce(index, f.path, v)
	}
	if v.IsNull() || !f.isTime || v.Kind() == value.Date {
		return v
	}
	if v = value.Coerce(v, value.TypeDate, ""); v.Kind() != value.Date {
		return value.Value{}
	}
	return v
}

// subject is one value under test.
type subject struct {
	scalar *event.Scalar
	field  *field
	index  string
	v      value.Value
	read   bool
	addr   netip.Addr
	x      execution // of a script that is asked of one value
}

// set readies a subject. An address is parsed without being written out again,
// unless a test asks for its text.
func (s *subject) set(f *field, scalar *event.Scalar, index string) (null bool) {
	s.scalar, s.field, s.index, s.v, s.read, s.addr = scalar, f, index, value.Value{}, false, netip.Addr{}
	if f.isIP && scalar.Kind == event.StringScalar {
		if s.addr, _ = value.ParseIP(scalar.Text); s.addr.IsValid() {
			return false
		}
	}
	return s.value().IsNull()
}

func (s *subject) value() value.Value {
	if !s.read {
		s.v, s.read = s.field.read(s.scalar, s.index), true
	}
	return s.v
}

// kind is the kind of the value, known without writing it out.
func (s *subject) kind() value.Kind {
	if s.addr.IsValid() {
		return value.IP
	}
	return s.value().Kind()
}

// address returns the address that the value is or, as text, holds; the zero one
// if there is none.
func (s *subject) address() netip.Addr {
	if s.addr.IsValid() {
		return s.addr
	}
	v := s.value()
	if v.Kind() == value.String {
		a, _ := value.ParseIP(v.Str())
		return a
	}
	return v.Addr()
}

// fits reports whether the value is of a type. Indexing would have refused one
// that is not; it is present, and meets no test.
func (s *subject) fits(t value.Type) bool {
	k := s.kind()
	switch {
	case t.IsString():
		return k == value.String
	case t.IsNumeric():
		return k == value.Int || k == value.Uint || k == value.Float
	case t == value.TypeBoolean:
		return k == value.Bool
	case t == value.TypeDate:
		return k == value.Date
	case t == value.TypeIP:
		return k == value.IP
	case t == value.TypeVersion:
		return k == value.Version
	}
	return true
}

type fieldKey struct {
	schema *eql.Schema
	path   string
	isTime bool
}

// fields numbers the fields and the slots of a program under construction.
type fields struct {
	all    []*field
	byKey  map[fieldKey]*field
	paths  []string
	bySlot map[string]int
}

func newFields() *fields { return &fields{byKey: map[fieldKey]*field{}, bySlot: map[string]int{}} }

// slot returns the slot of a path.
func (fs *fields) slot(path string) int {
	n, ok := fs.bySlot[path]
	if !ok {
		n = len(fs.paths)
		fs.bySlot[path] = n
		fs.paths = append(fs.paths, path)
	}
	return n
}

// of returns the field at a path as a query reads it, whose time is at timePath.
func (fs *fields) of(schema *eql.Schema, path, timePath string) *field {
	key := fieldKey{schema, path, path == timePath}
	f, ok := fs.byKey[key]
	if !ok {
		_, taken := fs.bySlot[path]
		f = &field{number: len(fs.all), slot: fs.slot(path), path: path, schema: schema, isTime: key.isTime, primary: !taken}
		if known, ok := ecs.Lookup(path); ok && schema == nil {
			f.typ = known.Type
			f.isIP = known.Type == value.TypeIP && !f.isTime
		}
		fs.byKey[key] = f
		fs.all = append(fs.all, f)
	}
	return f
}
