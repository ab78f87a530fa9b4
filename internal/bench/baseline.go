package main

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/valyala/fastjson"

	"github.com/tripline-sec/tripline/internal/event"
)

// parseRow is fastjson's bare parse, by some goroutines that share the documents.
func parseRow(c *corpus, goroutines int) *row {
	parts := split(c.data, goroutines)
	r := &row{name: "fastjson, parse alone", events: c.facts.Events, bytes: c.facts.Bytes, procs: goroutines}
	r.run = func() (outcome, error) {
		errs := make([]error, len(parts))
		var all sync.WaitGroup
		for i, part := range parts[1:] {
			all.Go(func() { errs[i+1] = parse(part) })
		}
		errs[0] = parse(parts[0])
		all.Wait()
		for _, err := range errs {
			if err != nil {
				return outcome{}, fmt.Errorf("parse: %w", err)
			}
		}
		return outcome{}, nil
	}
	return r
}

func parse(data []byte) error {
	var p fastjson.Parser
	for len(data) > 0 {
		n := bytes.IndexByte(data, '\n')
		if _, err := p.ParseBytes(data[:n]); err != nil {
			return err
		}
		data = data[n+1:]
	}
	return nil
}

// split cuts NDJSON into parts of about the same size.
func split(data []byte, parts int) [][]byte {
	var all [][]byte
	for left := parts; left > 1; left-- {
		at := len(data) / left
		at += bytes.IndexByte(data[at:], '\n') + 1
		all = append(all, data[:at])
		data = data[at:]
	}
	return append(all, data)
}

// referenceRow is the plain evaluator over the first events of the corpus: each is
// decoded once, and each rule judges all of them.
func referenceRow(c *corpus, rules *ruleSet, events int) (*row, error) {
	programs, err := rules.references()
	if err != nil {
		return nil, err
	}
	r := &row{name: "reference, " + rules.name, events: min(events, c.facts.Events)}
	part := c.data
	for range r.events {
		part = part[bytes.IndexByte(part, '\n')+1:]
	}
	part = c.data[:len(c.data)-len(part)]
	r.bytes = int64(len(part) - r.events)
	r.run = func() (outcome, error) {
		var out outcome
		docs := make([]*event.Document, 0, r.events)
		err := lines(part, func(raw []byte) error {
			d, err := event.Decode(raw, event.Identity{}, uint64(len(docs)))
			docs = append(docs, d)
			return err
		})
		if err != nil {
			return out, err
		}
		for _, p := range programs {
			found, err := p.Run(docs)
			if err != nil {
				return out, err
			}
			out.matches += len(found.Events) + len(found.Sequences)
		}
		return out, nil
	}
	return r, nil
}
