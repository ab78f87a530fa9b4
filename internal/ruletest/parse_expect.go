package ruletest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

var expectations = []string{"alert", "alerts", "silence", "error"}

// expect reads what stands behind the keyword.
func (p *parser) expect(c *cursor, start int) error {
	x := &Expectation{At: c.placeOf(start)}
	c.space()
	at := c.at
	var err error
	switch word := c.word(); word {
	case "alert":
		x.Names, err = eventNames(c, true)
	case "silence":
		x.Kind = ExpectSilence
	case "alerts":
		x.Kind = ExpectCount
		c.space()
		at := c.at
		number := c.word()
		if x.Count, err = strconv.Atoi(number); err != nil || x.Count < 0 {
			return c.mistake(at, "write how many, such as expect alerts 2; by the events' names it is expect alert e1 e2", "%q is no number of alerts", number)
		}
	case "error":
		x.Kind, x.Error = ExpectError, c.rest()
		if x.Error == "" {
			return c.mistake(at, "write a part of the message", "the error's text is missing")
		}
	case "":
		return c.mistake(start, "expect alert e1 e2, expect silence or expect alerts N", "what to expect is missing")
	default:
		return c.mistake(at, or(didYouMean(word, expectations), "expect alert e1 e2, expect silence or expect alerts N"), "unknown expectation %q", word)
	}
	if err != nil {
		return err
	}
	if c.peek() == "until" {
		c.word()
		x.HasUntil = true
		if x.Until, err = p.offset(c, "until when"); err != nil {
			return err
		}
	}
	p.test.Expect = append(p.test.Expect, x)
	return end(c)
}

// complete checks a test as a whole, and names its events.
func (t *Test) complete() []error {
	named, errs := t.numbered()
	fromFile := slices.ContainsFunc(t.Steps, func(s Step) bool { return s.File != "" })
	check := func(names []Name, placeholder string) {
		for _, n := range names {
			if _, ok := named[n.Text]; ok || n.Text == placeholder || fromFile {
				continue // what a file holds is known when it is read
			}
			errs = append(errs, unknownEvent(n, slices.Sorted(maps.Keys(named))))
		}
	}
	check(t.Lost, "")
	for _, x := range t.Expect {
		check(x.Names, "-")
		for _, y := range t.Expect {
			if x != y && x.together(y) && x.Kind != ExpectAlert {
				errs = append(errs, &mistake{x.At, "this expectation and that of line " + strconv.Itoa(y.At.Line) + " exclude each other", "leave one of them out"})
				return errs
			}
		}
	}
	return errs
}

func unknownEvent(n Name, known []string) *mistake {
	hint := didYouMean(n.Text, known)
	if hint == "" && len(known) > 0 && len(known) <= 12 {
		hint = "the test's events are " + strings.Join(known, ", ")
	}
	return &mistake{n.At, "no event is called " + strconv.Quote(n.Text), or(hint, "name the event in its line: "+n.Text+": +0s ...")}
}

// together reports whether two expectations are about the same moment.
func (x *Expectation) together(y *Expectation) bool {
	return x.HasUntil == y.HasUntil && x.Until == y.Until
}
