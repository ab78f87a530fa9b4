package ruletest

import (
	"slices"
	"strings"
)

// ruleOptions are what a rule says beside its query of how it is run.
var ruleOptions = []string{"timestamp_field", "tiebreaker_field", "event_category_override"}

// setting reads a line that holds for what is below it: of the file or of the
// test.
func (p *parser) setting(c *cursor, word string, start int, s *scope) error {
	switch word {
	case "rule":
		return p.rule(c, start, s)
	case "query":
		return p.query(c, start, s)
	case "option":
		return p.option(c, start, s)
	case "host":
		name := c.word()
		if name == "" {
			return c.mistake(start, "write host NAME, or host NAME OS", "the host's name is missing")
		}
		system := or(c.word(), "linux")
		for _, f := range []Field{{"host.id", name}, {"host.name", name}, {"host.os.type", system}} {
			s.fields = with(s.fields, f)
		}
		return end(c)
	}
	if !c.space() {
		return c.mistake(start, fieldHint, "the fields are missing")
	}
	p.more = func(f Field) { s.fields = with(s.fields, f) }
	return p.fields(c, p.more)
}

// end requires that a line ends here.
func end(c *cursor) error {
	if c.space() {
		return c.mistake(c.at, "", "%q is too much here", c.peek())
	}
	return nil
}

func (p *parser) rule(c *cursor, start int, s *scope) error {
	var file string
	var err error
	if c.space() && c.text[c.at] == '"' {
		file, err = c.quoted()
	} else {
		file = c.word()
	}
	if err != nil {
		return err
	}
	if file == "" {
		return c.mistake(start, "write rule FILE", "the rule's file is missing")
	}
	s.subject = Subject{At: c.placeOf(start), Rule: file, Pick: c.rest(), Options: s.subject.Options}
	return nil
}

const blockQuotes = "'''"

// query reads a query on the rest of the line, or between three quotes and three quotes, over as
// many lines as it takes.
func (p *parser) query(c *cursor, start int, s *scope) error {
	if !c.space() {
		return c.mistake(start, "write it behind the keyword, or between ''' and ''' over several lines", "the query is missing")
	}
	s.subject = Subject{At: c.placeOf(start), QueryAt: c.place(), Options: s.subject.Options}
	text := c.rest()
	if !strings.HasPrefix(text, blockQuotes) {
		s.subject.Query = text
		return nil
	}
	s.subject.QueryAt.Col += len(blockQuotes)
	text = text[len(blockQuotes):]
	if body, after, closed := strings.Cut(text, blockQuotes); closed {
		s.subject.Query = body
		if strings.TrimSpace(body) == "" || strings.TrimSpace(after) != "" {
			return c.mistake(start, "write the query between ''' and '''", "the query is empty, or something stands behind it")
		}
		return nil
	}
	// What stands behind the opening quotes is the first line, empty or not: so
	// lines and columns of the query are those of the file.
	body := []string{text}
	for ; p.next < len(p.lines); p.next++ {
		line := strings.TrimRight(p.lines[p.next], "\r")
		last, after, closed := strings.Cut(line, blockQuotes)
		body = append(body, last)
		if !closed {
			continue
		}
		p.next++
		if p.test != nil {
			p.test.last = p.next
		}
		s.subject.Query = strings.Join(body, "\n")
		if strings.TrimSpace(s.subject.Query) == "" || strings.TrimSpace(after) != "" {
			return c.mistake(start, "write the query between ''' and '''", "the query is empty, or something stands behind it")
		}
		return nil
	}
	return c.mistake(start, "end it with '''", "the query is not closed")
}

func (p *parser) option(c *cursor, start int, s *scope) error {
	options := slices.Clone(s.subject.Options)
	if !c.space() {
		return c.mistake(start, "such as timestamp_field=event.created", "the options are missing")
	}
	for c.space() {
		at := c.at
		f, err := c.field()
		if err != nil {
			return err
		}
		if !slices.Contains(ruleOptions, f.Name) {
			return c.mistake(at, or(didYouMean(f.Name, ruleOptions), "there are "+strings.Join(ruleOptions, ", ")), "unknown option %q", f.Name)
		}
		if _, ok := f.Value.(string); !ok {
			return c.mistake(at, "write the name of a field", "%s is no text", f.Name)
		}
		options = with(options, f)
	}
	s.subject.Options = options
	return nil
}
