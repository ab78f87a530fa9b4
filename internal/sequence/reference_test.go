package sequence

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
)

// This file holds that the model says what the reference evaluator says, over
// documents and queries that mean the same.

func (t modelTerm) eql() string {
	mark := ""
	if t.missing {
		mark = "!"
	}
	return fmt.Sprintf(`%s[any where tag == "%c"] by k%d`, mark, t.tag, t.field)
}

func (q *modelQuery) eql() string {
	var b strings.Builder
	b.WriteString(map[bool]string{true: "sample", false: "sequence"}[q.sample])
	if q.hasSpan {
		fmt.Fprintf(&b, " with maxspan=%dms", q.span.Milliseconds())
	}
	for _, t := range q.terms {
		b.WriteString(" " + t.eql())
	}
	if q.until != nil {
		b.WriteString(" until " + q.until.eql())
	}
	return b.String()
}

func (e *modelEvent) json() string {
	fields := []string{fmt.Sprintf(`"event.id":"%d"`, e.id)}
	if e.timed {
		fields = append(fields, fmt.Sprintf(`"@timestamp":%q`, time.Unix(0, e.at).UTC().Format(time.RFC3339Nano)))
	}
	switch {
	case e.tied:
		fields = append(fields, fmt.Sprintf(`"tie":[%d,9]`, e.tie))
	case e.tie >= 0:
		fields = append(fields, fmt.Sprintf(`"tie":%d`, e.tie))
	}
	if e.agent != 0 {
		fields = append(fields, fmt.Sprintf(`"agent.id":"%d"`, e.agent))
	}
	if e.seq >= 0 {
		fields = append(fields, fmt.Sprintf(`"event.sequence":%d`, e.seq))
	}
	if tags := strings.Split(e.tags, ""); e.tags != "" {
		fields = append(fields, fmt.Sprintf(`"tag":["%s"]`, strings.Join(tags, `","`)))
	}
	for i, keys := range e.keys {
		fields = append(fields, fmt.Sprintf(`"k%d":%s`, i, strings.ReplaceAll(fmt.Sprint(keys), " ", ",")))
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// distinctKeys gives until terms no null keys, which the model does not know.
func (c *modelCase) distinctKeys() {
	for _, e := range c.events {
		for f := range e.keys {
			if len(e.keys[f]) == 0 {
				e.keys[f] = []int{5}
			}
		}
	}
}

func TestModelEqualsReference(t *testing.T) {
	t.Parallel()
	schema, err := eql.ParseMapping([]byte(`{"properties":{"@timestamp":{"type":"date_nanos"},"tag":{"type":"keyword"},` +
		`"k0":{"type":"long"},"k1":{"type":"long"},"tie":{"type":"long"},"event":{"properties":{"category":{"type":"keyword"}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i := range cases(t, 2000) {
		c := newCase(rand.New(rand.NewPCG(11, uint64(i))))
		c.distinctKeys()
		var docs []*event.Document
		for _, e := range c.events {
			d, err := event.Decode([]byte(e.json()), event.Identity{}, uint64(e.arrival))
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, d)
		}
		for _, q := range c.queries {
			opts := reference.Options{Size: -1, Schema: schema, Tolerant: true, MaxSamplesPerKey: q.most}
			if !c.byAgent {
				opts.TiebreakerField = "tie"
			}
			if len(q.terms) < 2 {
				continue // no query that EQL allows
			}
			got := referenceRun(t, q.eql(), opts, docs)
			found += len(got)
			var want []string
			if q.sample {
				for _, of := range q.samples(c.events) {
					want = append(want, of...)
				}
				slices.Sort(want)
				slices.Sort(got)
			} else {
				matches, _ := q.run(arrange(c.events, c.byAgent), nil, 1<<60)
				for _, m := range matches {
					want = append(want, m.text)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("case %d, %s\nreference %q\nmodel     %q\n%v", i, q.eql(), got, want, c)
			}
		}
	}
	t.Logf("%d matches", found)
}

func referenceRun(t *testing.T, text string, opts reference.Options, docs []*event.Document) []string {
	t.Helper()
	parsed, err := eql.Parse(text)
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	checked, _, err := eql.Check(parsed, eql.CheckOptions{Schema: opts.Schema, TiebreakerField: opts.TiebreakerField})
	if err != nil {
		t.Fatalf("check %s: %v", text, err)
	}
	p, err := reference.Compile(checked, opts)
	if err != nil {
		t.Fatalf("compile %s: %v", text, err)
	}
	result, err := p.Run(docs)
	if err != nil {
		t.Fatalf("run %s: %v", text, err)
	}
	var out []string
	for _, s := range result.Sequences {
		var ids []string
		for _, d := range s.Events {
			if d == nil {
				ids = append(ids, "-")
			} else {
				ids = append(ids, d.ID)
			}
		}
		out = append(out, render(int(s.Keys[0].Int()), ids))
	}
	return out
}
