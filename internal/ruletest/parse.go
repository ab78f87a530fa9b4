package ruletest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFile is the largest test file that is read.
const maxFile = 16 << 20

// Parse reads a test file. The path is only named. The error is Problems; a file
// with a problem gives no File.
func Parse(path string, data []byte) (*File, error) {
	if len(data) > maxFile {
		return nil, Problems{{Path: path, Reason: "the file is too large to be a test file", Hint: "take events from a file of their own: events FILE"}}
	}
	text := string(bytes.TrimPrefix(data, []byte("\ufeff")))
	p := &parser{file: &File{Path: path, Text: text, marked: len(text) < len(data)}, lines: strings.Split(text, "\n"), names: map[string]Place{}}
	for p.next < len(p.lines) && len(p.problems) < maxProblems {
		p.at = p.next + 1
		p.next++
		if err := p.line(p.lines[p.at-1]); err != nil {
			p.problem(err)
		}
	}
	p.endTest()
	if len(p.problems) > 0 {
		slices.SortStableFunc(p.problems, func(a, b *Problem) int { return a.Line - b.Line })
		return nil, p.problems
	}
	return p.file, nil
}

// scope is what lines above give to those below.
type scope struct {
	subject Subject
	fields  []Field
}

type parser struct {
	file     *File
	lines    []string
	at       int // the number of the line being read
	next     int // index of the next line
	problems Problems

	outer scope // of the whole file
	inner scope // of the test being read
	test  *Test
	names map[string]Place // of tests

	skip bool // what stands below a line at the margin that was not understood

	more func(Field) // takes further fields of the line above; nil if it takes none
}

func (p *parser) problem(err error) {
	var m *mistake
	if !errors.As(err, &m) {
		m = &mistake{Place{p.at, 1}, err.Error(), ""}
	}
	p.problems = append(p.problems, &Problem{Path: p.file.Path, Line: m.Line, Col: m.Col, Reason: m.reason, Hint: m.hint})
}

var (
	marginWords = []string{"rule", "query", "option", "host", "with", "test"}
	innerWords  = []string{"rule", "query", "option", "host", "with", "events", "lose", "expect", "late"}
)

// line reads one line, and those below it that it takes along.
func (p *parser) line(text string) error {
	c := &cursor{text: text, line: p.at}
	if !utf8.ValidString(text) {
		return c.mistake(0, "test files are UTF-8", "the line is not valid UTF-8")
	}
	margin := text != "" && !blank(text[0])
	if !c.space() || c.text[c.at] == '#' {
		return nil
	}
	if p.skip = p.skip && !margin; p.skip {
		return nil // it would be blamed for what is wrong above it
	}
	if p.test != nil && !margin {
		p.test.last = p.at
	}
	if c.startsField() {
		if p.more == nil {
			return c.mistake(c.at, "fields stand behind an event or behind `with`, or on lines of their own below one", "a field that belongs to no event")
		}
		return p.fields(c, p.more)
	}
	p.more = nil
	if !margin {
		if p.test == nil {
			return c.mistake(c.at, "start the test with a line at the margin: test NAME", "an indented line belongs to a test, and there is none above")
		}
		return p.innerLine(c)
	}
	start := c.at
	word := c.word()
	switch {
	case word == "test":
		return p.startTest(c, start)
	case slices.Contains(marginWords, word):
		p.endTest()
		return p.setting(c, word, start, &p.outer)
	case slices.Contains(innerWords, word) || startsEvent(word):
		return c.mistake(start, "indent it: lines at the margin are about the tests below them", "%q belongs to a test", strings.TrimSuffix(word, ":"))
	}
	p.endTest()
	p.skip = true
	return c.mistake(start, or(didYouMean(word, marginWords), "at the margin stand "+strings.Join(marginWords, ", ")), "unknown keyword %q", word)
}

// startsEvent reports whether a word can only begin an event.
func startsEvent(word string) bool {
	return strings.HasSuffix(word, ":") || strings.HasPrefix(word, "+") || strings.HasPrefix(word, "-")
}

func (p *parser) innerLine(c *cursor) error {
	start := c.at
	word := c.peek()
	if name, _, ok := strings.Cut(word, ":"); ok && validName(name) || startsEvent(word) || word == "late" {
		return p.event(c)
	}
	c.word()
	switch word {
	case "rule", "query", "option", "host", "with":
		return p.setting(c, word, start, &p.inner)
	case "events":
		return p.eventsFile(c, start)
	case "lose":
		names, err := eventNames(c, false)
		p.test.Lost = append(p.test.Lost, names...)
		return err
	case "expect":
		return p.expect(c, start)
	case "test":
		return c.mistake(start, "move it to the margin", "a test within a test")
	}
	hint := didYouMean(word, innerWords)
	if hint == "" && c.space() && strings.HasPrefix(c.peek(), "+") {
		hint = "put a colon behind an event's name: " + word + ": " + c.rest()
	}
	return c.mistake(start, or(hint, "in a test stand events, such as `e1: +0s process exec process.name=bash`, and "+strings.Join(innerWords[:8], ", ")),
		"unknown keyword %q", word)
}

// startTest begins the test of a line `test NAME`.
func (p *parser) startTest(c *cursor, start int) error {
	p.endTest()
	name := c.rest()
	p.test = &Test{Name: name, At: c.placeOf(start), last: p.at}
	p.inner = scope{subject: p.outer.subject, fields: slices.Clone(p.outer.fields)}
	if name == "" {
		return c.mistake(start, "say in a few words what it shows: test NAME", "the test has no name")
	}
	if first, taken := p.names[name]; taken {
		return c.mistake(start, "give each test a name of its own", "the test of line %d has the same name", first.Line)
	}
	p.names[name] = p.test.At
	return nil
}

// endTest completes the test being read.
func (p *parser) endTest() {
	t := p.test
	p.test, p.more = nil, nil
	if t == nil {
		return
	}
	t.Subject = p.inner.subject
	p.file.Tests = append(p.file.Tests, t)
	for _, err := range t.complete() {
		p.problem(err)
	}
}

// fields reads fields up to the end of the line.
func (p *parser) fields(c *cursor, take func(Field)) error {
	for c.space() {
		f, err := c.field()
		if err != nil {
			return err
		}
		take(f)
	}
	return nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
