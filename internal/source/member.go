package source

import (
	"bytes"
	"encoding/json"
)

// span is a stretch of bytes.
type span struct{ from, to int }

// member returns where the value of a key stands in an object, which is known to
// be valid and to have the key; of several equal keys it is the last.
func member(object []byte, key string) (from, to int) {
	for i := nextToken(object, 1); object[i] != '}'; {
		end := valueEnd(object, i)
		name := object[i+1 : end-1]
		i = nextToken(object, end) // ':'
		i = nextToken(object, i+1)
		value := i
		i = valueEnd(object, i)
		if named(name, key) {
			from, to = value, i
		}
		if i = nextToken(object, i); object[i] == ',' {
			i = nextToken(object, i+1)
		}
	}
	return from, to
}

// elementSpans returns where the elements of an array stand, which is known to be
// valid, counted from base.
func elementSpans(array []byte, base int) []span {
	var spans []span
	for i := nextToken(array, 1); array[i] != ']'; {
		end := valueEnd(array, i)
		spans = append(spans, span{base + i, base + end})
		if i = nextToken(array, end); array[i] == ',' {
			i = nextToken(array, i+1)
		}
	}
	return spans
}

// named reports whether the text of a key within its quotes means key.
func named(text []byte, key string) bool {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text) == key
	}
	var s string
	return json.Unmarshal(append(append([]byte{'"'}, text...), '"'), &s) == nil && s == key
}

// nextToken returns the first byte from i on that is no white space.
func nextToken(b []byte, i int) int {
	for isBlank(b[i]) {
		i++
	}
	return i
}

// valueEnd returns where the valid JSON value that begins at i ends.
func valueEnd(b []byte, i int) int {
	if b[i] != '"' && b[i] != '{' && b[i] != '[' {
		for i < len(b) && isWord(b[i]) {
			i++
		}
		return i
	}
	for depth := 0; ; i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth == 0 {
			return i + 1
		}
	}
}
