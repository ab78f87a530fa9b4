package reference

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/value"
)

// decode makes a document of JSON; its place among the others is its arrival.
func decode(tb testing.TB, text string, arrival int) *event.Document {
	tb.Helper()
	d, err := event.Decode([]byte(text), event.Identity{}, uint64(arrival))
	if err != nil {
		tb.Fatalf("decode %s: %v", text, err)
	}
	return d
}

// decodeLines makes a document of every line that is not empty.
func decodeLines(tb testing.TB, text string) []*event.Document {
	tb.Helper()
	var docs []*event.Document
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			docs = append(docs, decode(tb, line, len(docs)))
		}
	}
	return docs
}

func schemaOf(tb testing.TB, mapping string) *eql.Schema {
	tb.Helper()
	s, err := eql.ParseMapping([]byte(mapping))
	if err != nil {
		tb.Fatalf("read mapping: %v", err)
	}
	return s
}

// compile parses, checks and compiles a query.
func compile(tb testing.TB, query string, opts Options) *Program {
	tb.Helper()
	q, err := eql.Parse(query)
	if err != nil {
		tb.Fatalf("parse %s: %v", query, err)
	}
	q, _, err = eql.Check(q, checkOptions(opts))
	if err != nil {
		tb.Fatalf("check %s: %v", query, err)
	}
	p, err := Compile(q, opts)
	if err != nil {
		tb.Fatalf("compile %s: %v", query, err)
	}
	return p
}

func checkOptions(opts Options) eql.CheckOptions {
	return eql.CheckOptions{
		Schema: opts.Schema, CategoryField: opts.CategoryField,
		TimestampField: opts.TimestampField, TiebreakerField: opts.TiebreakerField,
	}
}

// all asks for every result.
var all = Options{Size: -1}

func search(tb testing.TB, query string, opts Options, docs []*event.Document) *Result {
	tb.Helper()
	result, err := compile(tb, query, opts).Run(docs)
	if err != nil {
		tb.Fatalf("run %s: %v", query, err)
	}
	return result
}

// matches reports whether an event condition holds for one document.
func matches(tb testing.TB, condition string, opts Options, doc string) bool {
	tb.Helper()
	return len(search(tb, "any where "+condition, opts, []*event.Document{decode(tb, doc, 0)}).Events) == 1
}

// ids renders results by the field that names an event: an event query as
// "1 2", sequences as "1 2, 3 4", a missing event as -1.
func ids(r *Result, field string) string {
	if r.Kind == Events {
		return idsOf(r.Events, field)
	}
	var out []string
	for _, s := range r.Sequences {
		out = append(out, idsOf(s.Events, field))
	}
	return strings.Join(out, ", ")
}

func idsOf(docs []*event.Document, field string) string {
	var out []string
	for _, d := range docs {
		if d == nil {
			out = append(out, "-1")
			continue
		}
		out = append(out, d.Text(field))
	}
	return strings.Join(out, " ")
}

// keyText renders join keys, each with its kind where it is not text.
func keyText(keys []value.Value) string {
	var out []string
	for _, k := range keys {
		switch {
		case k.IsNull():
			out = append(out, "null")
		case k.Kind() == value.String:
			out = append(out, fmt.Sprintf("%q", k.Str()))
		default:
			out = append(out, k.Text())
		}
	}
	return strings.Join(out, ",")
}

// stream makes documents of tokens such as "A1 u|B2@3": an optional key, the
// tag, the number that names the event, and its time in milliseconds, which is
// its number where none is given.
func stream(tb testing.TB, tokens string) []*event.Document {
	tb.Helper()
	var docs []*event.Document
	for _, token := range strings.Fields(tokens) {
		key, rest, keyed := strings.Cut(token, "|")
		if !keyed {
			key, rest = "", token
		}
		name, at, timed := strings.Cut(rest, "@")
		if !timed {
			at = name[1:]
		}
		body := fmt.Sprintf(`{"@timestamp":%s,"tag":%q,"id":%q`, at, name[:1], name)
		if keyed {
			body += fmt.Sprintf(`,"k":%q`, key)
		}
		docs = append(docs, decode(tb, body+"}", len(docs)))
	}
	return docs
}
