package source

import "fmt"

// splitter finds where a JSON object or array ends, fed in pieces. It checks
// strings and punctuation, so that a line that was cut short is found out where
// the next one begins, and leaves the rest (escapes, numbers, words) to the
// decoder: a mistake there does not hide the end.
type splitter struct {
	open    []byte // the brackets that are open
	expect  expectation
	str     bool // within a string
	escape  bool // after a backslash
	word    bool // within a number or a word
	lenient bool // only strings and brackets matter, so that what has an end has it found; the decoder tells the rest
	reason  string
}

type expectation uint8

const (
	aValue expectation = iota
	aValueOrEnd
	aKey
	aKeyOrEnd
	aColon
	aCommaOrEnd
)

var expectations = [...]string{
	"a value", "a value or ']'", "a key", "a key or '}'", "':'", "',' or the end",
}

type outcome uint8

const (
	unfinished outcome = iota
	complete
	mistaken
)

// reset prepares for a new object or array, of which the brackets in open have
// been read.
func (s *splitter) reset(open string, lenient bool) {
	*s = splitter{open: append(s.open[:0], open...), lenient: lenient}
	if open != "" {
		s.expect = aCommaOrEnd
	}
}

// feed takes the next piece and returns how much of it belongs to the value: all
// if it is unfinished, up to its last byte if it is complete, up to the byte at
// fault if it is mistaken.
func (s *splitter) feed(b []byte) (int, outcome) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if s.str {
			switch {
			case c == '\n':
				return i, s.mistake("a line ends within a string")
			case s.escape:
				s.escape = false
			case c == '\\':
				s.escape = true
			case c == '"':
				s.str = false
			}
			continue
		}
		expected := s.expect
		if isWord(c) {
			if !s.word && !s.value() && !s.lenient {
				return i, s.unexpected(c, expected)
			}
			s.word = true
			continue
		}
		s.word = false
		ok := true
		switch c {
		case ' ', '\t', '\r', '\n':
		case '"':
			s.str = true
			if s.expect == aKey || s.expect == aKeyOrEnd {
				s.expect = aColon
			} else {
				ok = s.value()
			}
		case '{':
			ok = s.value()
			s.open, s.expect = append(s.open, c), aKeyOrEnd
		case '[':
			ok = s.value()
			s.open, s.expect = append(s.open, c), aValueOrEnd
		case ':':
			ok = s.expect == aColon
			s.expect = aValue
		case ',':
			ok = s.expect == aCommaOrEnd
			s.expect = aValue
			if s.inObject() {
				s.expect = aKey
			}
		case '}', ']':
			if s.open[len(s.open)-1] != c-2 { // '{' and '[' stand two before them
				return i, s.unexpected(c, expected) // not even leniently
			}
			ok = s.expect == aCommaOrEnd || s.expect == aKeyOrEnd || s.expect == aValueOrEnd
			if ok || s.lenient {
				s.open, s.expect = s.open[:len(s.open)-1], aCommaOrEnd
				if len(s.open) == 0 {
					return i + 1, complete
				}
				continue
			}
		default:
			ok = false
		}
		if !ok && !s.lenient {
			return i, s.unexpected(c, expected)
		}
	}
	return len(b), unfinished
}

// value notes that a value begins and reports whether one may.
func (s *splitter) value() bool {
	ok := s.expect == aValue || s.expect == aValueOrEnd
	s.expect = aCommaOrEnd
	return ok
}

func (s *splitter) inObject() bool { return len(s.open) > 0 && s.open[len(s.open)-1] == '{' }

func (s *splitter) mistake(reason string) outcome {
	s.reason = reason
	return mistaken
}

func (s *splitter) unexpected(c byte, expected expectation) outcome {
	return s.mistake(fmt.Sprintf("unexpected %q where %s should stand", rune(c), expectations[expected]))
}

// isWord reports whether c is part of a number, true, false, null, or an attempt
// at them.
func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
		c == '-' || c == '+' || c == '.' || c == '_'
}
