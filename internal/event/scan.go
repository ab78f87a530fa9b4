package event

import (
	"math"
	"strconv"

	"github.com/tripline-sec/tripline/internal/value"
)

// Scanner fills rows from JSON documents: it accepts, refuses and yields exactly
// what Decode and Values do, and builds nothing but the values asked for.
//
// A first stage checks the whole document and lists its brackets and colons. It
// is written in assembly for AVX-512 and for AVX2, and in plain Go for all other
// processors and the build tag purego. A second stage visits the keys on the way
// to a field of the schema and leaps over the rest. What is odd is left to
// Decode: keys that stand twice in an object, a field spelled in two ways,
// errors. That costs about twenty times as much.
//
// A Scanner keeps its buffers, up to some MB for large documents, and then
// allocates nothing; it also keeps the last document and row. Not for concurrent
// use.
type Scanner struct {
	schema *Schema
	index  index
	walk   walk

	raw  []byte // of the last ScanPart
	part bool   // of which more can be read

	refused int // documents that a first stage refused and Decode did not; for tests
	decoded int // documents that were left to Decode; for tests
}

const (
	// maxScanned is the size of documents from which Decode takes over: beyond
	// it positions would not fit the lists.
	maxScanned = 1 << 30
	// maxKept is how long a list may be to be kept for the next document.
	maxKept = 1 << 20
)

// NewScanner returns a scanner that looks for the fields of s.
func NewScanner(s *Schema) *Scanner {
	sc := &Scanner{schema: s}
	sc.walk.seen = make([]uint64, len(s.tree))
	sc.walk.spelled = make([]spelling, s.Len())
	return sc
}

// Scan resets the row, which must be of the scanner's schema, and fills it with
// the fields of the JSON object in raw. The error is Decode's *DecodeError; the
// row is then empty. The row's values are valid until the next Scan and until
// raw changes: their text may be raw's own bytes.
func (sc *Scanner) Scan(raw []byte, row *Row) error { return sc.scan(raw, row, (*index).build) }

// scan is Scan with one of the first stages.
func (sc *Scanner) scan(raw []byte, row *Row, build func(*index, []byte) bool) error {
	row.Reset()
	doc := raw[blanksEnd(raw, 0):]
	if sc.schema.whole || len(doc) == 0 || doc[0] != '{' || len(doc) > maxScanned {
		return sc.decode(raw, row)
	}
	if !build(&sc.index, doc) {
		err := sc.decode(raw, row)
		if err == nil {
			sc.refused++
		}
		return err
	}
	ok := sc.walk.document(sc.schema, &sc.index, doc, row)
	sc.forget()
	if !ok {
		row.Reset()
		return sc.decode(raw, row)
	}
	return nil
}

// decode is the exact way, for any document.
func (sc *Scanner) decode(raw []byte, row *Row) error {
	sc.decoded++
	d, err := Decode(raw, Identity{Index: UnknownIndex, ID: UnknownIndex}, 0) // given, so that none is made up
	if err != nil {
		return err
	}
	for slot, path := range sc.schema.paths {
		for _, v := range d.Values(path) {
			row.Add(slot, scalarOf(v))
		}
	}
	return nil
}

// scalarOf returns a scalar that gives v again.
func scalarOf(v value.Value) Scalar {
	switch v.Kind() {
	case value.String:
		return Scalar{Text: v.Str(), Kind: StringScalar}
	case value.Bool:
		if v.Bool() {
			return Scalar{Text: "true", Kind: TrueScalar}
		}
		return Scalar{Text: "false", Kind: FalseScalar}
	case value.Float:
		return Scalar{Text: strconv.FormatFloat(v.Float(), 'e', -1, 64), Kind: NumberScalar} // the exponent makes it a double
	}
	return Scalar{Text: v.Text(), Kind: NumberScalar}
}

// index is what a first stage finds in a document, which begins with a brace and
// may end with blanks. Its lists are in document order and are kept for the next
// one.
type index struct {
	// tokens are the positions behind every bracket and every colon that is not
	// in a string. The first is that of the document's opening brace, the last
	// that of its closing one. Within arrays there may be marks among them, other
	// positions, behind neither.
	tokens []uint32
	// skips has for each token the index of the first one that is not inside of
	// what it opens: for an opening bracket that behind its closing one, for any
	// other token its own.
	skips []uint32

	// quotes has a bit for each byte, the first byte's lowest: the quotes that
	// begin and end strings. Empty if the first stage does not tell.
	quotes []uint64

	escaped     bool // there are backslashes
	keysEscaped bool // there are backslashes in keys
	wide        bool // there are bytes above 0x7F

	// What follows serves only the first stage.
	scalars []uint32 // where numbers and literals begin
	escapes []uint32 // the bytes behind backslashes that are not escaped themselves
	open    stack
	stage
}

// stack is the way from the document to the innermost open bracket: for each,
// its token's index and what it is.
type stack [1024]uint32

// What is open at a place, and which places a token may stand at.
const (
	inObject = 1
	inArray  = 2
)

var _ = [1]int{}[MaxDepth/len(stack{})] // the stack holds MaxDepth and one more

// reserve makes room for n more entries in a list.
func reserve[T any](list []T, n int) []T {
	if cap(list)-len(list) >= n {
		return list
	}
	return append(make([]T, 0, min(math.MaxInt32, 2*cap(list)+n)), list...)
}
