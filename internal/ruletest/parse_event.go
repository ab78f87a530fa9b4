package ruletest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// validName reports whether a word can be an event's name.
func validName(word string) bool {
	for i := range len(word) {
		b := word[i]
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && (i == 0 || strings.IndexByte("_-.", b) < 0) {
			return false
		}
	}
	return word != ""
}

// event reads [NAME:] [late +D] +D CATEGORY ACTION [FIELD=VALUE]...
func (p *parser) event(c *cursor) error {
	e := &Event{At: c.place()}
	start := c.at
	if name, _, ok := strings.Cut(c.peek(), ":"); ok && (validName(name) || !startsOffset(name)) {
		if !validName(name) {
			return c.mistake(start, "a name is made of letters, digits, _ - and .", "%q is no name of an event", name)
		}
		if name == "missing" || name == "until" {
			return c.mistake(start, "", "an event can not be called %s: the word has a meaning of its own behind expect", name)
		}
		e.Name = name
		c.at += len(name) + 1
	}
	if c.peek() == "late" {
		c.word()
		var err error
		if e.Late, err = p.offset(c, "how late the event is"); err != nil {
			return err
		}
		if e.Late < 0 {
			return c.mistake(start, "", "an event can not arrive before its time")
		}
	}
	var err error
	if e.Offset, err = p.offset(c, "the event's time"); err != nil {
		return err
	}
	fields := slices.Clone(p.inner.fields)
	var action any
	for _, part := range []string{"event.category", "event.action"} {
		if !c.space() || c.startsField() {
			return c.mistake(c.at, "an event is +TIME CATEGORY ACTION FIELD=VALUE...; write - for none", "the event's %s is missing", part[len("event."):])
		}
		v, err := c.value("")
		if err != nil {
			return err
		}
		if v == "-" {
			continue
		}
		if part == "event.action" {
			action = v
		}
		fields = with(fields, Field{part, v})
	}
	given := false
	_, given = find(fields, "event.type")
	p.test.Steps = append(p.test.Steps, Step{At: e.At, Event: e})
	if kind := typeOf(fields, action); kind != nil && !given {
		fields = with(fields, Field{"event.type", kind})
	}
	e.Fields = fields
	p.more = func(f Field) { e.Fields = with(e.Fields, f) }
	return p.fields(c, p.more)
}

// startsOffset reports whether a word is meant as an offset.
func startsOffset(word string) bool {
	return strings.HasPrefix(word, "+") || strings.HasPrefix(word, "-")
}

// typeOf returns the event.type that goes with an action; nil for none.
func typeOf(fields []Field, action any) any {
	category, _ := find(fields, "event.category")
	actions, many := action.([]any)
	if !many {
		actions = []any{action}
	}
	var types []any
	for _, a := range actions {
		text, _ := a.(string)
		if t := eventType(text, category == "file"); t != "" && !slices.Contains(types, any(t)) {
			types = append(types, t)
		}
	}
	if len(types) == 0 {
		return nil
	}
	return types
}

// eventType is the mapping of Elastic Defend on Linux.
func eventType(action string, file bool) string {
	switch action {
	case "exec", "fork", "start", "connection_attempted", "connection_accepted":
		return "start"
	case "end", "disconnect_received":
		return "end"
	case "creation", "deletion":
		return action
	case "uid_change", "gid_change", "session_id_change":
		return "change"
	}
	if file && action != "" {
		return "change"
	}
	return ""
}

func (p *parser) offset(c *cursor, what string) (time.Duration, error) {
	if !c.space() {
		return 0, c.mistake(c.at, offsetHint, "%s is missing", what)
	}
	start := c.at
	d, err := parseOffset(c.word())
	if err != nil {
		return 0, c.mistake(start, offsetHint, "%s: %v", what, err)
	}
	return d, nil
}

func (p *parser) eventsFile(c *cursor, start int) error {
	file := strings.Trim(c.rest(), `"`)
	if file == "" {
		return c.mistake(start, "write events FILE", "the file's name is missing")
	}
	p.test.Steps = append(p.test.Steps, Step{At: c.placeOf(start), File: file})
	return nil
}

// eventNames reads names up to the end of the line, or up to `until`.
func eventNames(c *cursor, missing bool) ([]Name, error) {
	var names []Name
	for c.space() && c.peek() != "until" {
		n := Name{At: c.place(), Text: c.word()}
		if missing && n.Text == "missing" {
			n.Text = "-"
		}
		names = append(names, n)
	}
	if len(names) == 0 {
		return nil, c.mistake(c.at, "name the events", "the names of events are missing")
	}
	return names, nil
}

// numbered names the events without a name, and returns the place of each name.
func (t *Test) numbered() (map[string]Place, []error) {
	var errs []error
	named := map[string]Place{}
	mistaken := func(at Place, hint, reason string) {
		errs = append(errs, &mistake{at, reason, hint})
	}
	for _, s := range t.Steps {
		if s.Event == nil || s.Event.Name == "" {
			continue
		}
		if first, taken := named[s.Event.Name]; taken {
			mistaken(s.At, "give each event a name of its own", "the event of line "+strconv.Itoa(first.Line)+" has the same name")
			continue
		}
		named[s.Event.Name] = s.At
	}
	number := 0
	for _, s := range t.Steps {
		if s.Event == nil {
			continue
		}
		number++
		if s.Event.Name != "" {
			continue
		}
		s.Event.Name = "e" + strconv.Itoa(number)
		if first, taken := named[s.Event.Name]; taken {
			mistaken(s.At, "give the event a name", "the event would be called "+s.Event.Name+" by its number, as is that of line "+strconv.Itoa(first.Line))
		}
		named[s.Event.Name] = s.At
	}
	return named, errs
}
