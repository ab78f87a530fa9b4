package ruletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// cursor reads one line of a test file from left to right.
type cursor struct {
	text string
	line int
	at   int // byte offset
}

// mistake is a place in a line, and what is wrong there.
type mistake struct {
	Place
	reason, hint string
}

func (m *mistake) Error() string { return m.reason }

func (c *cursor) place() Place { return c.placeOf(c.at) }

func (c *cursor) placeOf(offset int) Place {
	return Place{c.line, utf8.RuneCountInString(c.text[:offset]) + 1}
}

func (c *cursor) mistake(offset int, hint, format string, args ...any) *mistake {
	return &mistake{c.placeOf(offset), fmt.Sprintf(format, args...), hint}
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' }

// space passes over white space and reports whether something follows.
func (c *cursor) space() bool {
	for c.at < len(c.text) && blank(c.text[c.at]) {
		c.at++
	}
	return c.at < len(c.text)
}

// peek returns the next word without taking it.
func (c *cursor) peek() string {
	c.space()
	end := c.at
	for end < len(c.text) && !blank(c.text[end]) {
		end++
	}
	return c.text[c.at:end]
}

// word takes the next word; "" at the end of the line.
func (c *cursor) word() string {
	w := c.peek()
	c.at += len(w)
	return w
}

// rest takes what is left of the line.
func (c *cursor) rest() string {
	c.space()
	rest := strings.TrimRight(c.text[c.at:], " \t\r")
	c.at = len(c.text)
	return rest
}

// nameByte reports whether a byte may stand in a field's name without quotes.
func nameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b >= 0x80 || strings.IndexByte("_@-.*", b) >= 0
}

// startsField reports whether the next word is a field and not a keyword.
func (c *cursor) startsField() bool {
	if !c.space() {
		return false
	}
	if c.text[c.at] == '"' {
		return true
	}
	end := c.at
	for end < len(c.text) && nameByte(c.text[end]) {
		end++
	}
	return end > c.at && end < len(c.text) && c.text[end] == '='
}

const fieldHint = `write FIELD=VALUE, such as process.name=bash or process.args=["-c", "id"]`

// field takes FIELD=VALUE.
func (c *cursor) field() (Field, error) {
	c.space()
	start := c.at
	var f Field
	if c.text[c.at] == '"' {
		name, err := c.quoted()
		if err != nil {
			return f, err
		}
		f.Name = name
	} else {
		for c.at < len(c.text) && nameByte(c.text[c.at]) {
			c.at++
		}
		f.Name = c.text[start:c.at]
	}
	switch {
	case c.at >= len(c.text) || c.text[c.at] != '=':
		c.at = start
		return f, c.mistake(start, fieldHint, "%q is no field", c.peek())
	case f.Name == "":
		return f, c.mistake(start, fieldHint, "a field without a name")
	}
	c.at++
	var err error
	f.Value, err = c.value("")
	if _, text := f.Value.(string); err == nil && f.Name == "_index" && !text {
		err = c.mistake(start, "write _index=NAME", "an event is in one index, which has a name")
	}
	return f, err
}

// value takes a value. A bare word ends at white space and at the bytes of stop.
func (c *cursor) value(stop string) (any, error) {
	if c.at >= len(c.text) || blank(c.text[c.at]) {
		return nil, c.mistake(c.at, `write the value right behind the =; "" is empty text`, "a value is missing")
	}
	switch c.text[c.at] {
	case '"':
		return c.quoted()
	case '[':
		return c.list()
	case '{':
		return c.object()
	}
	start := c.at
	for c.at < len(c.text) && !blank(c.text[c.at]) && strings.IndexByte(stop, c.text[c.at]) < 0 {
		if c.text[c.at] == '"' {
			return nil, c.mistake(c.at, `put the whole value in quotes, and write \" within it`, "a quote in the middle of a word")
		}
		c.at++
	}
	return plain(c.text[start:c.at]), nil
}

// plain is what a word without quotes stands for.
func plain(word string) any {
	switch word {
	case "true", "false":
		return word == "true"
	case "null":
		return nil
	}
	if (word[0] == '-' || word[0] >= '0' && word[0] <= '9') && json.Valid([]byte(word)) {
		return json.Number(word)
	}
	return strings.ToValidUTF8(word, "\uFFFD")
}

// quoted takes a text in double quotes, with JSON's escapes.
func (c *cursor) quoted() (string, error) {
	start := c.at
	for c.at++; c.at < len(c.text); c.at++ {
		switch c.text[c.at] {
		case '\\':
			c.at++
		case '"':
			c.at++
			var text string
			if err := json.Unmarshal([]byte(c.text[start:c.at]), &text); err != nil {
				return "", c.mistake(start, `escapes are JSON's: \" \\ \n \t \u0041`, "the quoted text can not be read: %v", err)
			}
			return text, nil
		}
	}
	c.at = len(c.text)
	return "", c.mistake(start, "a text ends on its own line; write \\n for a line break", "the quotes are not closed")
}

// list takes [VALUE, VALUE...].
func (c *cursor) list() (any, error) {
	start := c.at
	list := []any{}
	c.at++
	for {
		if !c.space() {
			return nil, c.mistake(start, "end the list with ]", "the list is not closed")
		}
		if c.text[c.at] == ']' && len(list) == 0 {
			c.at++
			return list, nil
		}
		if b := c.text[c.at]; b == ',' || b == ']' {
			return nil, c.mistake(c.at, `"" is empty text`, "a value is missing")
		}
		if len(list) > 0 && c.text[c.at] == '[' {
			return nil, c.mistake(c.at, "values of a list are one level deep", "a list within a list")
		}
		v, err := c.value(",]")
		if err != nil {
			return nil, err
		}
		if _, nested := v.([]any); nested {
			return nil, c.mistake(start, "values of a list are one level deep", "a list within a list")
		}
		list = append(list, v)
		if !c.space() {
			continue
		}
		switch c.text[c.at] {
		case ',':
			c.at++
		case ']':
			c.at++
			return list, nil
		default:
			return nil, c.mistake(c.at, "put a comma between the values of a list, and ] behind the last", "%q within a list", c.peek())
		}
	}
}

// object takes {..}, which is JSON.
func (c *cursor) object() (any, error) {
	decoder := json.NewDecoder(strings.NewReader(c.text[c.at:]))
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		return nil, c.mistake(c.at, `write JSON, such as {"a": [1, 2]}`, "the object can not be read: %v", err)
	}
	c.at += int(decoder.InputOffset())
	return json.RawMessage(bytes.ToValidUTF8(raw, []byte("\uFFFD"))), nil
}
