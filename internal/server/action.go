package server

import "bytes"

// op is what an action of a bulk wants done.
type op uint8

const (
	opIndex op = iota
	opCreate
	opUpdate
	opDelete
)

// opNames are the actions as clients write them, and want to read them again.
var opNames = [...]string{"index", "create", "update", "delete"}

// hasDocument reports whether a document's line follows.
func (o op) hasDocument() bool { return o != opDelete }

// action is an action line of a bulk. Its texts may be slices of the line; nil if
// they are not given.
type action struct {
	op                op
	create            bool // op_type is create
	requireAlias      bool
	requireDataStream bool
	index, id         []byte
	pipeline          []byte
	unknown           []string // keys that nobody knows
}

// parseAction reads an action line, the n-th of its body. Lines of the usual shape
// are read here, by parseUsual; all others by encoding/json. A fuzz target holds one
// to the other.
func parseAction(line []byte, n int) (action, *failure) {
	if a, ok := parseUsual(line); ok {
		return a, nil
	}
	return parseAny(line, n)
}

// parseUsual reads a line of plain ASCII with no escapes, whose keys are known and
// whose values are strings, whole numbers, booleans or null. It is the fast path:
// all clients that were seen write such lines.
func parseUsual(line []byte) (a action, ok bool) {
	c := cursor{rest: line}
	if !c.take('{') {
		return a, false
	}
	name, ok := c.text()
	if !ok || !c.take(':') || !c.take('{') {
		return a, false
	}
	if a.op, ok = opOf(name); !ok {
		return a, false
	}
	if !c.take('}') {
		for {
			key, ok := c.text()
			if !ok || !c.take(':') {
				return a, false
			}
			kind, value, ok := c.scalar()
			if !ok || !a.set(key, kind, value) {
				return a, false
			}
			if c.take(',') {
				continue
			}
			if !c.take('}') {
				return a, false
			}
			break
		}
	}
	return a, c.take('}') && c.atEnd()
}

// opOf returns the action of a name.
func opOf(name []byte) (op, bool) {
	for o, known := range opNames {
		if string(name) == known {
			return op(o), true
		}
	}
	return 0, false
}

// The kinds of values in an action.
type valueKind uint8

const (
	nullValue valueKind = iota
	textValue           // a string
	wordValue           // a number, true or false, as written
)

// set takes a key of an action whose value is scalar. It reports whether the key is
// known. Null is as good as nothing: Logstash writes out what it does not set.
func (a *action) set(key []byte, kind valueKind, value []byte) bool {
	given := kind != nullValue
	switch string(key) {
	case "_index":
		if given {
			a.index = value
		}
	case "_id":
		if given {
			a.id = value
		}
	case "op_type":
		if given {
			a.create = string(value) == "create"
		}
	case "pipeline":
		if given {
			a.pipeline = value
		}
	case "require_alias":
		if given {
			a.requireAlias = string(value) == "true"
		}
	case "require_data_stream":
		if given {
			a.requireDataStream = string(value) == "true"
		}
	case "_type", "routing", "_routing", "parent", "_parent", "version", "_version", "version_type", "_version_type", "if_seq_no",
		"if_primary_term", "retry_on_conflict", "_retry_on_conflict", "dynamic_templates", "list_executed_pipelines", "_source":
		// Known, and of no meaning here; the first two and some more are what older clients write.
	default:
		return false
	}
	return true
}

// cursor goes over a line. Its methods take something with the blanks before it,
// and report whether it was there.
type cursor struct{ rest []byte }

func (c *cursor) blanks() {
	for len(c.rest) > 0 && (c.rest[0] == ' ' || c.rest[0] == '\t' || c.rest[0] == '\r') {
		c.rest = c.rest[1:]
	}
}

func (c *cursor) atEnd() bool {
	c.blanks()
	return len(c.rest) == 0
}

func (c *cursor) take(b byte) bool {
	if len(c.rest) == 0 || c.rest[0] != b {
		if c.blanks(); len(c.rest) == 0 || c.rest[0] != b {
			return false
		}
	}
	c.rest = c.rest[1:]
	return true
}

// text takes a string that reads as it is written.
func (c *cursor) text() ([]byte, bool) {
	if !c.take('"') {
		return nil, false
	}
	for i, b := range c.rest {
		switch {
		case b == '"':
			text := c.rest[:i:i]
			c.rest = c.rest[i+1:]
			return text, true
		case b < ' ' || b == '\\' || b >= 0x80:
			return nil, false
		}
	}
	return nil, false
}

var (
	wordNull  = []byte("null")
	wordTrue  = []byte("true")
	wordFalse = []byte("false")
)

// scalar takes a value that is a string, a whole number that is not negative, a
// boolean or null.
func (c *cursor) scalar() (kind valueKind, value []byte, ok bool) {
	if c.blanks(); len(c.rest) == 0 {
		return 0, nil, false
	}
	switch b := c.rest[0]; {
	case b == '"':
		value, ok = c.text()
		return textValue, value, ok
	case b == 'n':
		return nullValue, nil, c.word(wordNull)
	case b == 't':
		return wordValue, wordTrue, c.word(wordTrue)
	case b == 'f':
		return wordValue, wordFalse, c.word(wordFalse)
	case '0' <= b && b <= '9':
		i := 1
		for i < len(c.rest) && '0' <= c.rest[i] && c.rest[i] <= '9' {
			i++
		}
		value, c.rest = c.rest[:i:i], c.rest[i:]
		// What follows a number without being part of it stops the parser next.
		return wordValue, value, i == 1 || b != '0'
	}
	return 0, nil, false
}

func (c *cursor) word(w []byte) bool {
	var ok bool
	c.rest, ok = bytes.CutPrefix(c.rest, w)
	return ok
}
