package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
)

// conformanceFile reads a file of Elasticsearch's EQL test data, which lies in a
// folder `shared` beside the clone and is not part of this repository.
func conformanceFile(t *testing.T, name string) []byte {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "spec", "elasticsearch-eql", name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no Elasticsearch test data: %s is not beside this clone", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// conformanceCase is one [[queries]] entry.
type conformanceCase struct {
	Name     string   `toml:"name"`
	Query    string   `toml:"query"`
	Expected []any    `toml:"expected_event_ids"`
	JoinKeys []string `toml:"join_keys"`
	Size     *int     `toml:"size"`
}

func conformanceCases(t *testing.T, name string, live int) []conformanceCase {
	t.Helper()
	var file struct {
		Queries []conformanceCase `toml:"queries"`
	}
	if err := toml.Unmarshal(conformanceFile(t, name), &file); err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	if len(file.Queries) != live {
		t.Errorf("%s has %d live cases, want %d", name, len(file.Queries), live)
	}
	return file.Queries
}

// alternatives returns the results that are allowed: expected_event_ids is one
// list of ids, or a list of such lists.
func (c conformanceCase) alternatives() []string {
	render := func(list []any) string {
		var out []string
		for _, id := range list {
			out = append(out, fmt.Sprint(id))
		}
		return strings.Join(out, " ")
	}
	var out []string
	for _, e := range c.Expected {
		if list, ok := e.([]any); ok {
			out = append(out, render(list))
		}
	}
	if out == nil {
		out = []string{render(c.Expected)}
	}
	return out
}

// suite is a set of documents under a mapping.
type suite struct {
	id     string // the field that names an event
	schema *eql.Schema
	docs   []*event.Document
	opts   Options
}

// add decodes the records of one index.
func (s *suite) add(t *testing.T, index string, records []json.RawMessage) {
	t.Helper()
	for _, r := range records {
		d, err := event.Decode(r, event.Identity{Index: index}, uint64(len(s.docs)))
		if err != nil {
			t.Fatalf("decode %s: %v", r, err)
		}
		s.docs = append(s.docs, d)
		for path, values := range d.Fields() {
			for _, v := range values {
				s.schema.Observe(d.Index, path, v) // as indexing would
			}
		}
	}
}

// run asserts a case under both result positions, which must not matter.
func (s *suite) run(t *testing.T, c conformanceCase) {
	t.Helper()
	for _, head := range []bool{false, true} {
		opts := s.opts
		opts.Schema, opts.Head, opts.Size = s.schema, head, 50
		if c.Size != nil {
			opts.Size = *c.Size
		}
		r := search(t, c.Query, opts, s.docs)
		got := strings.ReplaceAll(ids(r, s.id), ",", "")
		if want := c.alternatives(); !slices.Contains(want, got) {
			t.Errorf("head %v: got %s, want one of %q", head, got, want)
		}
		var keys []string
		for _, seq := range r.Sequences {
			for _, k := range seq.Keys {
				if k.IsNull() {
					keys = append(keys, "null")
					continue
				}
				keys = append(keys, k.Text())
			}
		}
		if c.JoinKeys != nil && !slices.Equal(keys, c.JoinKeys) {
			t.Errorf("head %v: got the join keys %q, want %q", head, keys, c.JoinKeys)
		}
	}
}

// keywordTypes are what Elasticsearch draws at random for a text field.
var keywordTypes = []string{"keyword", "wildcard"}

// mapping reads a mapping file: it has # comments and a placeholder for a type.
func mapping(t *testing.T, name, keyword string) []byte {
	t.Helper()
	text := strings.ReplaceAll(string(conformanceFile(t, name)), "[runtime_random_keyword_type]", keyword)
	return []byte(withoutLines(text, "#"))
}

// records reads a data file: an array of objects, with // comments.
func records(t *testing.T, name string) []json.RawMessage {
	t.Helper()
	var out []json.RawMessage
	if err := json.Unmarshal([]byte(withoutLines(string(conformanceFile(t, name)), "//")), &out); err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return out
}

func withoutLines(text, comment string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), comment) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// withTimestamp adds the @timestamp that Elasticsearch's loader derives from a
// Windows FILETIME.
func withTimestamp(t *testing.T, record json.RawMessage) json.RawMessage {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(record))
	dec.UseNumber()
	var fields map[string]any
	if err := dec.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	filetime, err := fields["timestamp"].(json.Number).Int64()
	if err != nil {
		t.Fatal(err)
	}
	fields["@timestamp"] = filetime/10000 - 11644473600000
	out, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestConformanceQueries(t *testing.T) {
	for file, live := range map[string]int{"test_queries.toml": 133, "test_queries_date.toml": 4} {
		cases := conformanceCases(t, file, live)
		for _, keyword := range keywordTypes {
			s := &suite{id: "serial_event_id", schema: schemaOf(t, string(mapping(t, "data/endgame-140.mapping", keyword)))}
			s.opts.TiebreakerField = "event.sequence"
			var loaded []json.RawMessage
			for _, r := range records(t, "test_data.json") {
				loaded = append(loaded, withTimestamp(t, r))
			}
			s.add(t, "endgame-140", loaded)
			for _, c := range cases {
				t.Run(c.Name+"/"+keyword, func(t *testing.T) { s.run(t, c) })
			}
		}
	}
}

func TestConformanceMissingEvents(t *testing.T) {
	cases := conformanceCases(t, "test_missing_events.toml", 26)
	for _, keyword := range keywordTypes {
		s := &suite{id: "sequence", schema: schemaOf(t, string(mapping(t, "data/missing-events.mapping", keyword)))}
		s.opts.TiebreakerField = "event.sequence"
		s.add(t, "missing-events", records(t, "data/missing-events.data"))
		for _, c := range cases {
			t.Run(c.Name+"/"+keyword, func(t *testing.T) { s.run(t, c) })
		}
	}
}

func TestConformanceSamples(t *testing.T) {
	cases := conformanceCases(t, "test_sample.toml", 25)
	indices := []string{"sample1", "sample2", "sample3"}
	mappings := map[string]map[string]json.RawMessage{}
	for _, index := range indices {
		mappings[index] = map[string]json.RawMessage{"mappings": mapping(t, "data/"+index+".mapping", "keyword")}
	}
	whole, err := json.Marshal(mappings)
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{id: "id", schema: schemaOf(t, string(whole))}
	for _, index := range indices {
		s.add(t, index, records(t, "data/"+index+".data"))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { s.run(t, c) })
	}
}

// TestConformanceSeries runs the streams of the series file: a row for each
// stage, a token for each event, its number the time and its prefix the key.
func TestConformanceSeries(t *testing.T) {
	blocks := strings.Split(withoutLines(string(conformanceFile(t, "sequences.series-spec")), "//"), ";")
	if count := (len(blocks) - 1) / 2; count != 25 {
		t.Errorf("the series file has %d streams, want 25", count)
	}
	for i := 0; i+1 < len(blocks); i += 2 {
		rows, want := nonEmptyLines(blocks[i]), nonEmptyLines(blocks[i+1])
		name, rows := rows[0], rows[1:]
		t.Run(name, func(t *testing.T) { runSeries(t, rows, want) })
	}
}

func runSeries(t *testing.T, rows, want []string) {
	t.Helper()
	query, docs := "sequence", []*event.Document{}
	if strings.Contains(rows[0], "|") {
		query += " by k"
	}
	for stage, row := range rows {
		query += fmt.Sprintf(" [any where stage == %d]", stage)
		for _, token := range strings.Fields(row) {
			key, name, keyed := strings.Cut(token, "|")
			if !keyed {
				key, name = "", token
			}
			at, err := strconv.Atoi(name[1:])
			if err != nil {
				t.Fatalf("token %s: %v", token, err)
			}
			docs = append(docs, decode(t, fmt.Sprintf(`{"@timestamp":%d,"stage":%d,"k":%q,"id":%q}`, at, stage, key, name), len(docs)))
		}
	}
	r := search(t, query, all, docs)
	var got []string
	for _, s := range r.Sequences {
		line := idsOf(s.Events, "id")
		if len(s.Keys) > 0 {
			line = s.Keys[0].Text() + "|" + line
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func nonEmptyLines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, line)
		}
	}
	return out
}
