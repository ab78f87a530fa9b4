package stream

import (
	"errors"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// recipe is how matches of a rule are made: what is laid over the documents of a
// host, and what of these may stay.
type recipe struct {
	rule    *Rule
	program *reference.Program
	events  []*wanted
	span    int64 // from the first event to the last

	bare   bool            // nothing of the documents may stay but host, time and ids
	chosen map[choice]bool // what more was found to be right
}

// choice is something that makes a match more like life, if the rule still matches.
type choice struct {
	kind choiceKind
	term int
	name string // a field, or a derivation
	key  int    // its place among the join keys
}

type choiceKind uint8

const (
	choiceKeep   choiceKind = iota // a field that the rule asks about stays
	choiceBase                     // a made-up value gives way to that of the document
	choiceKey                      // a join key has a value of its own
	choiceDerive                   // fields agree
)

var errUnlike = errors.New("the documents, laid over those of a host and set in time, do not match")

// newRecipe finds out how to make matches of a rule, which may take as long as
// longest at most.
func newRecipe(r *Rule, s *scene, longest int64) (*recipe, error) {
	found, err := solve(r.Query)
	if err != nil {
		return nil, err
	}
	c := &recipe{rule: r, chosen: map[choice]bool{}}
	opts := r.Options
	opts.Size, opts.Head, opts.Tolerant = -1, false, true
	if c.program, err = reference.Compile(r.Query, opts); err != nil {
		return nil, err
	}
	c.events = wants(r, found)
	c.span = int64(found[len(found)-1].Offset)
	if c.span > longest { // a step is a second, as a rule: closer together will do
		if longest < int64(len(found))*2*millisecond {
			return nil, errors.New("the stream is too short for its events")
		}
		c.span = longest
	}
	p := newPlant(c, s, s.hosts[0], s.now, 0)
	if !c.works(p) {
		c.bare = true
		if !c.works(p) {
			return nil, errUnlike
		}
		return c, nil
	}
	c.choose(p)
	return c, nil
}

func (c *recipe) works(p *plant) bool { return c.confirmed(p.build()) }

// choose takes what makes the match more like life, as far as it goes.
func (c *recipe) choose(p *plant) { c.try(p, c.options(p)) }

// try takes all of the options if that works; else it tries them in two halves.
func (c *recipe) try(p *plant, options []choice) {
	if len(options) == 0 {
		return
	}
	for _, o := range options {
		c.chosen[o] = true
	}
	if c.works(p) {
		return
	}
	for _, o := range options {
		delete(c.chosen, o)
	}
	if half := len(options) / 2; half > 0 {
		c.try(p, options[:half])
		c.try(p, options[half:])
	}
}

// options are the choices that there are.
func (c *recipe) options(p *plant) []choice {
	var out []choice
	for k := range c.events[0].keys {
		out = append(out, choice{kind: choiceKey, key: k})
	}
	add := func(o choice) {
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	for i, w := range c.events {
		for _, field := range w.mentioned {
			if p.bases[i].get(field) != nil {
				add(choice{kind: choiceKeep, term: w.Term, name: field})
			}
		}
		for field, v := range sorted(w.Fields) {
			if p.bases[i].get(field) != nil && madeUp(field, v) && !slices.Contains(w.keys, field) {
				add(choice{kind: choiceBase, term: w.Term, name: field})
			}
		}
	}
	for _, w := range c.events {
		for _, d := range derivations {
			add(choice{kind: choiceDerive, term: w.Term, name: d.name})
		}
	}
	return out
}

// madeUp reports whether a value is one that Solve gives where any would do.
func madeUp(field string, v any) bool {
	s, ok := v.(string)
	return ok && s == field[strings.LastIndexByte(field, '.')+1:]+"-1"
}

// confirmed reports whether the rule finds exactly one match in the documents, and
// all of them in it.
func (c *recipe) confirmed(trees []tree) bool {
	var docs []*event.Document
	for i, t := range trees {
		d, err := event.Decode(marshal(t), event.Identity{}, uint64(i))
		if err != nil {
			return false
		}
		docs = append(docs, d)
	}
	result, err := c.program.Run(docs)
	if err != nil || len(result.Events)+len(result.Sequences) != 1 {
		return false
	}
	matched := result.Events
	if len(result.Sequences) == 1 {
		matched = result.Sequences[0].Events
	}
	for _, d := range docs {
		if !slices.Contains(matched, d) {
			return false
		}
	}
	return true
}

// byHost reports whether nothing but the host joins the events.
func (c *recipe) byHost() bool {
	for _, k := range c.events[0].keys {
		if !strings.HasPrefix(k, "host.") && k != "agent.id" {
			return false
		}
	}
	return true
}

// alone reports whether a host can have one match only, or what else happens on it
// is likely to undo a match: a sample gives one for each key, and a missing event
// is any that its term accepts.
func (c *recipe) alone() bool {
	switch b := c.rule.Query.Body.(type) {
	case *eql.Sample:
		return c.byHost()
	case *eql.Sequence:
		return c.byHost() && slices.ContainsFunc(b.Terms, func(t *eql.Term) bool { return t.Missing })
	}
	return false
}
