package source

import (
	"bytes"
	"encoding/json"

	"github.com/tripline-sec/tripline/internal/event"
)

// longestBeside is the length of a value beside _source up to which it is looked
// at here.
const longestBeside = 4096

// wrapping is a line that wraps a document, as far as a quick look tells.
type wrapping struct {
	from  int // where the document begins
	given event.Identity
	usual string // the last index that was read: lines have few different ones
}

// quickWrapper looks at a line that may wrap a document, in the form in which
// tools write them: plain keys, nothing but what a hit has, one _source. It
// reports false if anything is otherwise, which tells nothing. What stands from
// the document on is not looked at: see rest.
func quickWrapper(raw []byte, usual string) (w wrapping, ok bool) {
	w.usual = usual
	var key []byte
	i := 1
	for {
		if key, i, ok = quickKey(raw, i); !ok {
			return w, false
		}
		if string(key) == "_source" {
			w.from = i
			return w, i < len(raw) && raw[i] == '{'
		}
		if i, ok = w.beside(raw, i, key); !ok || raw[i] != ',' {
			return w, false
		}
		i++
	}
}

// quickKey reads a key and its colon.
func quickKey(raw []byte, i int) (key []byte, next int, ok bool) {
	i = skipBlanks(raw, i)
	if i >= len(raw) || raw[i] != '"' {
		return nil, 0, false
	}
	n := bytes.IndexByte(raw[i+1:], '"')
	if n < 0 || !plainText(raw[i+1:i+1+n]) {
		return nil, 0, false
	}
	key = raw[i+1 : i+1+n]
	i = skipBlanks(raw, i+n+2)
	if i >= len(raw) || raw[i] != ':' {
		return nil, 0, false
	}
	return key, skipBlanks(raw, i+1), true
}

// beside reads a value beside _source and goes to what follows it.
func (w *wrapping) beside(raw []byte, i int, key []byte) (next int, ok bool) {
	if (len(key) == 0 || key[0] != '_') && !besideSource[string(key)] {
		return 0, false
	}
	end := quickEnd(raw, i)
	if end < 0 || end-i > longestBeside {
		return 0, false
	}
	value := raw[i:end]
	if inner := value[1:max(len(value)-1, 1)]; value[0] == '"' && plainText(inner) {
		switch string(key) {
		case "_index":
			if string(inner) != w.usual {
				w.usual = string(inner)
			}
			w.given.Index = w.usual
		case "_id":
			w.given.ID = string(inner)
		}
	} else if string(key) == "_index" || string(key) == "_id" || !json.Valid(value) {
		return 0, false
	}
	end = skipBlanks(raw, end)
	return end, end < len(raw)
}

// rest reads what follows a document that ends at to, and reports whether the
// line is a wrapper and nothing else.
func (w *wrapping) rest(raw []byte, to int) bool {
	i := skipBlanks(raw, to)
	for i < len(raw) && raw[i] == ',' {
		key, next, ok := quickKey(raw, i+1)
		if !ok || string(key) == "_source" {
			return false
		}
		if i, ok = w.beside(raw, next, key); !ok {
			return false
		}
	}
	return i == len(raw)-1 && raw[i] == '}'
}

// quickEnd returns where the value that begins at i ends if it is valid JSON; -1
// if that is not in sight.
func quickEnd(raw []byte, i int) int {
	for depth := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default:
			if depth == 0 {
				from := i
				for i < len(raw) && isWord(raw[i]) {
					i++
				}
				if i == from {
					return -1
				}
				return i
			}
		}
		if depth <= 0 {
			return min(i+1, len(raw))
		}
	}
	return -1
}

// plainText reports whether text within quotes means itself.
func plainText(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c == '\\' || c == '"' || c >= 0x80 {
			return false
		}
	}
	return true
}

func skipBlanks(raw []byte, i int) int {
	for i < len(raw) && isBlank(raw[i]) {
		i++
	}
	return i
}

// wrappedLine hands over the document that a line wraps, and reports whether that
// went well; if not, nothing has happened.
func (e *each) wrappedLine(raw []byte, pos int) bool {
	w, ok := quickWrapper(raw, e.index)
	if !ok {
		return false
	}
	try := func(to int) bool {
		document := raw[w.from:to]
		at := Ref{Source: e.Source, Offset: e.base + int64(pos+w.from), Length: int32(len(document))}
		if err := e.take(document, w.given, at); err != nil {
			e.refused, e.why = document, err
			return false
		}
		e.documents++
		e.noteIdentity(w.given)
		e.index = w.usual
		return true
	}
	// As a rule nothing follows the document, and who takes it finds its end.
	if last := trimRight(raw[:len(raw)-1]); len(last) > w.from+1 && last[len(last)-1] == '}' && try(len(last)) {
		return true
	}
	to := quickEnd(raw, w.from)
	return to > 0 && w.rest(raw, to) && try(to)
}
