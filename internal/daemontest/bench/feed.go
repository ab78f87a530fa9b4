package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/tripline-sec/tripline/internal/daemontest"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/stream"
)

const (
	hosts = 60
	// plantedEvery is of which rules matches are planted: one in that many.
	plantedEvery = 25
)

// planted are the rules of which there are matches among the events.
func (b *bench) planted() (rules []stream.Rule, name string, err error) {
	var all []*rule.Rule
	if _, err := os.Stat(b.rules); err != nil {
		if all, err = rule.Builtin(); err != nil {
			return nil, "", err
		}
		name = number(len(all)) + " built-in rules"
		b.rules = rule.BuiltinName
	} else {
		var problems []*rule.Problem
		if all, problems = rule.Load(b.rules); len(problems) > 0 {
			return nil, "", problems[0]
		}
		name = number(len(all)) + " rules"
	}
	for i := 0; i < len(all); i += plantedEvery {
		one, err := stream.OfRule(all[i], time.Now())
		if err != nil {
			return nil, "", fmt.Errorf("plant %s: %w", all[i].Name, err)
		}
		rules = append(rules, one)
	}
	return rules, name, nil
}

// load is events on their way.
type load struct {
	opts   stream.Options
	length time.Duration // how long; 0: until there are no more
	paced  bool          // each at its time; else as fast as they are taken
}

// body is a request that is ready.
type body struct {
	data []byte
	docs int
	at   time.Time // of its last event
}

// fed is what was taken.
type fed struct {
	events int
	bytes  int64
	took   time.Duration
}

func (f fed) rate() float64 { return float64(f.events) / f.took.Seconds() }

// feed posts events over some connections at once.
func (b *bench) feed(ctx context.Context, c *daemontest.Client, l load) (fed, error) {
	s, err := stream.New(l.opts)
	if err != nil {
		return fed{}, err
	}
	if l.length > 0 {
		limited, stop := context.WithTimeout(ctx, l.length)
		defer stop()
		return b.post(ctx, limited, c, s, l)
	}
	return b.post(ctx, ctx, c, s, l)
}

func (b *bench) post(ctx, until context.Context, c *daemontest.Client, s *stream.Stream, l load) (fed, error) {
	ready, free := make(chan body, b.clients), make(chan []byte, 3*b.clients)
	for range cap(free) {
		free <- nil
	}
	var (
		out     fed
		first   error
		mu      sync.Mutex
		posting sync.WaitGroup
		begin   = time.Now()
	)
	posting.Go(func() {
		defer close(ready)
		b.fill(until, s, l, ready, free)
	})
	for range b.clients {
		posting.Go(func() {
			for one := range ready {
				if l.paced {
					time.Sleep(time.Until(one.at))
				}
				statuses, err := c.PostBulk(ctx, one.data, one.docs)
				if i := slices.IndexFunc(statuses, func(s int) bool { return s != http.StatusCreated }); i >= 0 && err == nil {
					err = fmt.Errorf("status %d", statuses[i])
				}
				mu.Lock()
				if err != nil && first == nil {
					first = err
				}
				out.events += one.docs
				out.bytes += int64(len(one.data))
				mu.Unlock()
				free <- one.data
			}
		})
	}
	posting.Wait()
	out.took = time.Since(begin)
	return out, first
}

// fill writes requests until there are no more events or their time is over.
func (b *bench) fill(until context.Context, s *stream.Stream, l load, ready chan<- body, free <-chan []byte) {
	written := 0
	for {
		var one body
		select {
		case <-until.Done():
			return
		case one.data = <-free:
		}
		one.data = one.data[:0]
		for one.docs < b.batch {
			start := len(one.data)
			one.data = append(one.data, `{"create":{"_index":"logs-endpoint.events.`...)
			at := len(one.data)
			one.data = append(one.data, "process-default\"}}\n"...)
			doc := len(one.data)
			data, ok := s.Next(one.data)
			if !ok {
				one.data = one.data[:start]
				break
			}
			one.data = append(data, '\n')
			if name := datasetOf(one.data[doc:]); name != "process" { // the action has the place for the name
				one.data = slices.Replace(one.data, at, at+len("process"), []byte(name)...)
			}
			one.docs++
		}
		if one.docs == 0 {
			return
		}
		written += one.docs
		one.at = l.opts.Start.Add(time.Duration(float64(written) / l.opts.Rate * float64(time.Second)))
		select {
		case <-until.Done():
			return
		case ready <- one:
		}
	}
}

var prefix = []byte(`"dataset":"endpoint.events.`)

func datasetOf(doc []byte) string {
	_, rest, ok := bytes.Cut(doc, prefix)
	if !ok {
		return "process"
	}
	name, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(name)
}
