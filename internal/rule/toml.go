package rule

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads a TOML document. A syntax error has the position that the TOML
// library gives.
func parseTOML(data []byte, l *lines) (*tree, *Problem) {
	if line, ok := deepKey(data); ok {
		return nil, &Problem{Line: line, Col: 1, Reason: fmt.Sprintf("a key of more than %d parts", maxKeyParts)}
	}
	root := map[string]any{}
	if err := toml.Unmarshal(data, &root); err != nil {
		var de *toml.DecodeError
		if !errors.As(err, &de) {
			return nil, &Problem{Reason: err.Error(), Hint: tomlHint}
		}
		line, col := l.at(l.offset(de.Position()))
		reason := "not valid TOML: " + strings.TrimPrefix(de.Error(), "toml: ")
		return nil, &Problem{Line: line, Col: col, Reason: reason, Hint: tomlHint}
	}
	c, err := canonical(root, 0)
	if err != nil {
		return nil, &Problem{Line: 1, Col: 1, Reason: err.Error()}
	}
	return &tree{root: c, places: tomlPlaces(data), lines: l}, nil
}

const tomlHint = "a rule in TOML has the tables [metadata] and [rule]; the query stands between '''"

// maxKeyParts bounds the parts of a dotted key, each of which the TOML library
// descends into. What passes is then held to maxDepth.
const maxKeyParts = 10_000

// deepKey finds a line with a dotted key of more parts than that.
func deepKey(data []byte) (line int, found bool) {
	for text := range bytes.Lines(data) {
		line++
		if bytes.Count(text, []byte(".")) > maxKeyParts && dottedRun(text) > maxKeyParts {
			return line, true
		}
	}
	return 0, false
}

// dottedRun returns the largest number of dots in text with nothing between
// them but what a dotted key is made of.
func dottedRun(text []byte) int {
	most, run := 0, 0
	for _, c := range text {
		switch c {
		case '.':
			run++
			most = max(most, run)
		case '=', ',', '[', ']', '{', '}', '(', ')':
			run = 0
		}
	}
	return most
}

// tomlPlaces walks a document that is known to be valid.
func tomlPlaces(data []byte) *places {
	w := tomlWalk{places: newPlaces(), elements: map[string]int{}}
	w.parser.Reset(data)
	for w.parser.NextExpression() {
		switch e := w.parser.Expression(); e.Kind {
		case unstable.Table:
			w.table = w.header(e, false)
		case unstable.ArrayTable:
			w.table = w.header(e, true)
		case unstable.KeyValue:
			w.keyValue(e, w.table)
		}
	}
	return w.places
}

type tomlWalk struct {
	parser   unstable.Parser
	places   *places
	elements map[string]int // the number of elements of each array of tables so far
	table    string         // the path of the table that key-values belong to
}

// header returns the path of a [table] or [[array]] header. A name on the way
// that is an array of tables means its last element.
func (w *tomlWalk) header(e *unstable.Node, array bool) string {
	path, at := "", 0
	for it := e.Key(); it.Next(); {
		path = join(path, string(it.Node().Data))
		at = int(it.Node().Raw.Offset)
		if array && it.IsLast() {
			w.elements[path]++
		}
		if n := w.elements[path]; n > 0 {
			w.places.add(path, place{key: at, value: at})
			path = w.places.element(path, n-1)
		}
		w.places.add(path, place{key: at, value: at})
	}
	return path
}

func (w *tomlWalk) keyValue(e *unstable.Node, path string) {
	at := 0
	for it := e.Key(); it.Next(); {
		path = w.places.key(path, string(it.Node().Data))
		at = int(it.Node().Raw.Offset)
		w.places.add(path, place{key: at, value: at})
	}
	w.value(e.Value(), path, at)
}

// value notes where a value stands: at its own first byte, or at its key's where
// the parser does not tell.
func (w *tomlWalk) value(v *unstable.Node, path string, key int) {
	p := place{key: key, value: key}
	if v.Raw.Length > 0 {
		p.value = int(v.Raw.Offset)
	}
	switch v.Kind {
	case unstable.String:
		p.raw = string(w.parser.Raw(v.Raw))
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			w.keyValue(it.Node(), path)
		}
	case unstable.Array:
		n := 0
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.Comment {
				continue
			}
			w.value(it.Node(), w.places.element(path, n), key)
			n++
		}
	}
	w.places.set(path, p)
}
