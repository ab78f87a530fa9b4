package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/reference"
)

// conformanceFile reads a file of Elasticsearch's EQL test data, which lies beside
// the clone, without its lines of comment.
func conformanceFile(t *testing.T, name, comment string) string {
	t.Helper()
	data, err := os.ReadFile(sharedPath(t, "spec", "elasticsearch-eql", name))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		if comment == "" || !strings.HasPrefix(strings.TrimSpace(line), comment) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// conformanceQuery is one [[queries]] entry.
type conformanceQuery struct {
	Name     string   `toml:"name"`
	Query    string   `toml:"query"`
	Expected []any    `toml:"expected_event_ids"`
	JoinKeys []string `toml:"join_keys"`
	Size     *int     `toml:"size"`
}

func conformanceQueries(t *testing.T, name string, live int) []conformanceQuery {
	t.Helper()
	var file struct {
		Queries []conformanceQuery `toml:"queries"`
	}
	if err := toml.Unmarshal([]byte(conformanceFile(t, name, "")), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Queries) != live {
		t.Errorf("%s has %d live cases, want %d", name, len(file.Queries), live)
	}
	return file.Queries
}

// allows reports whether some ids are what is expected: one list, or one of several.
func (c *conformanceQuery) allows(ids []string) bool {
	render := func(list any) string { return strings.Trim(fmt.Sprint(list), "[]") }
	got := strings.Join(ids, " ")
	return got == render(c.Expected) || slices.ContainsFunc(c.Expected, func(e any) bool {
		list, ok := e.([]any)
		return ok && got == render(list)
	})
}

// corpus is documents on disk with their mapping, as the command is given them.
type corpus struct {
	events, mapping, id string
	more                []string // flags
}

// newCorpus writes documents, by index, and a mapping.
func newCorpus(t *testing.T, id, mapping string, indices []string, docs [][]json.RawMessage, flags ...string) *corpus {
	t.Helper()
	folder := t.TempDir()
	c := &corpus{filepath.Join(folder, "events.ndjson"), filepath.Join(folder, "mapping.json"), id, flags}
	var b bytes.Buffer
	for i, index := range indices {
		for _, doc := range docs[i] {
			b.WriteString(`{"_index":` + jsonText(index) + `,"_source":`)
			if err := json.Compact(&b, doc); err != nil {
				t.Fatal(err)
			}
			b.WriteString("}\n")
		}
	}
	save(t, c.events, b.String())
	save(t, c.mapping, mapping)
	return c
}

// ask runs the command, and the reference on the same documents, under both result
// positions, which must not matter.
func (c *corpus) ask(t *testing.T, q conformanceQuery) {
	t.Helper()
	size := 50
	if q.Size != nil {
		size = *q.Size
	}
	query, err := eql.Parse(q.Query)
	if err != nil {
		t.Fatal(err)
	}
	for _, position := range []string{"head", "tail"} {
		args := append([]string{"query", q.Query, c.events, "--mapping", c.mapping, "--format", "ndjson", "--size", strconv.Itoa(size), "--result-position", position}, c.more...)
		got, said, code := command(args...)
		opts := reference.Options{Size: size, Head: position == "head"}
		if len(c.more) > 0 {
			opts.TiebreakerField = c.more[1]
		}
		if want := c.reference(t, query, opts); got != want {
			t.Errorf("%s: got\n%s\nreference\n%s\n%s", position, got, want, said)
		}
		if wantCode := map[bool]int{true: exitNothing}[got == ""]; code != wantCode {
			t.Errorf("%s: exit code %d, want %d: %s", position, code, wantCode, said)
		}
		ids, keys := c.read(t, got)
		if !q.allows(ids) {
			t.Errorf("%s: got %v, want %v", position, ids, q.Expected)
		}
		if q.JoinKeys != nil && !slices.Equal(keys, q.JoinKeys) {
			t.Errorf("%s: got the join keys %q, want %q", position, keys, q.JoinKeys)
		}
	}
}

// command runs a command with a fixed time.
func command(args ...string) (stdout, stderr string, code int) {
	var out, err bytes.Buffer
	e := &Env{
		Program: "tripline", Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return judgedAt },
	}
	code = e.Run(context.Background())
	return out.String(), err.String(), code
}

// reference is what the reference answers, written as the command writes it.
func (c *corpus) reference(t *testing.T, query *eql.Query, opts reference.Options) string {
	t.Helper()
	mapping, err := os.ReadFile(c.mapping)
	if err != nil {
		t.Fatal(err)
	}
	if opts.Schema, err = eql.ParseMapping(mapping); err != nil {
		t.Fatal(err)
	}
	docs := documents(t, nil, c.events)
	for _, doc := range docs {
		for path, values := range doc.Fields() {
			for _, v := range values {
				opts.Schema.Observe(doc.Index, path, v)
			}
		}
	}
	checked, _, err := eql.Check(query, eql.CheckOptions{Schema: opts.Schema, TiebreakerField: opts.TiebreakerField})
	if err != nil {
		t.Fatal(err)
	}
	p, err := reference.Compile(checked, opts)
	if err != nil {
		t.Fatal(err)
	}
	result, err := p.Run(docs)
	if err != nil {
		t.Fatal(err)
	}
	return resultText(result)
}

// resultText writes a result a line.
func resultText(result *reference.Result) string {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	for _, doc := range result.Events {
		writeHit(w, doc, true)
		w.WriteByte('\n')
	}
	for _, s := range result.Sequences {
		writeSequence(w, s, true)
		w.WriteByte('\n')
	}
	w.Flush()
	return b.String()
}

// read returns the ids of the events of an answer, -1 being a missing one, and all
// join keys.
func (c *corpus) read(t *testing.T, answer string) (ids, keys []string) {
	t.Helper()
	type hit struct {
		Source  map[string]any `json:"_source"`
		Missing bool           `json:"missing"`
	}
	id := func(h hit) {
		if h.Missing {
			ids = append(ids, "-1")
			return
		}
		ids = append(ids, fmt.Sprint(h.Source[c.id]))
	}
	for line := range strings.Lines(answer) {
		var one struct {
			hit
			Keys   []any `json:"join_keys"`
			Events []hit `json:"events"`
		}
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(err)
		}
		if one.Source != nil {
			id(one.hit)
		}
		for _, h := range one.Events {
			id(h)
		}
		for _, k := range one.Keys {
			if k == nil {
				k = "null"
			}
			keys = append(keys, fmt.Sprint(k))
		}
	}
	return ids, keys
}

// recordsOf reads an array of documents. Those with a Windows FILETIME get the
// @timestamp that Elasticsearch's loader makes of it.
func recordsOf(t *testing.T, name string) []json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	if err := json.Unmarshal([]byte(conformanceFile(t, name, "//")), &all); err != nil {
		t.Fatal(err)
	}
	for i, raw := range all {
		var filetime struct {
			Timestamp json.Number `json:"timestamp"`
		}
		if err := json.Unmarshal(raw, &filetime); err != nil || filetime.Timestamp == "" {
			continue
		}
		n, err := filetime.Timestamp.Int64()
		if err != nil {
			t.Fatal(err)
		}
		all[i] = json.RawMessage(fmt.Sprintf(`{"@timestamp":%d,`, n/10000-11644473600000) + strings.TrimPrefix(strings.TrimSpace(string(raw)), "{"))
	}
	return all
}

func mappingOf(t *testing.T, name, keyword string) string {
	t.Helper()
	return strings.ReplaceAll(conformanceFile(t, name, "#"), "[runtime_random_keyword_type]", keyword)
}

func TestQueryConformance(t *testing.T) {
	for _, keyword := range []string{"keyword", "wildcard"} {
		c := newCorpus(t, "serial_event_id", mappingOf(t, "data/endgame-140.mapping", keyword), []string{"endgame-140"},
			[][]json.RawMessage{recordsOf(t, "test_data.json")}, "--tiebreaker-field", "event.sequence")
		for _, q := range slices.Concat(conformanceQueries(t, "test_queries.toml", 133), conformanceQueries(t, "test_queries_date.toml", 4)) {
			t.Run(q.Name+"/"+keyword, func(t *testing.T) { c.ask(t, q) })
		}
		c = newCorpus(t, "sequence", mappingOf(t, "data/missing-events.mapping", keyword), []string{"missing-events"},
			[][]json.RawMessage{recordsOf(t, "data/missing-events.data")}, "--tiebreaker-field", "event.sequence")
		for _, q := range conformanceQueries(t, "test_missing_events.toml", 26) {
			t.Run(q.Name+"/"+keyword, func(t *testing.T) { c.ask(t, q) })
		}
	}
}

func TestQueryConformanceSamples(t *testing.T) {
	indices := []string{"sample1", "sample2", "sample3"}
	var docs [][]json.RawMessage
	mappings := map[string]map[string]json.RawMessage{}
	for _, index := range indices {
		mappings[index] = map[string]json.RawMessage{"mappings": json.RawMessage(mappingOf(t, "data/"+index+".mapping", "keyword"))}
		docs = append(docs, recordsOf(t, "data/"+index+".data"))
	}
	mapping, err := json.Marshal(mappings)
	if err != nil {
		t.Fatal(err)
	}
	c := newCorpus(t, "id", string(mapping), indices, docs)
	for _, q := range conformanceQueries(t, "test_sample.toml", 25) {
		t.Run(q.Name, func(t *testing.T) { c.ask(t, q) })
	}
}

// The streams of the series file: a row for each stage, a token for each event, its
// number the time and its prefix the key.
func TestQueryConformanceSeries(t *testing.T) {
	blocks := strings.Split(conformanceFile(t, "sequences.series-spec", "//"), ";")
	if count := (len(blocks) - 1) / 2; count != 25 {
		t.Errorf("the series file has %d streams, want 25", count)
	}
	lines := func(text string) (all []string) {
		for line := range strings.Lines(text) {
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				all = append(all, line)
			}
		}
		return all
	}
	for i := 0; i+1 < len(blocks); i += 2 {
		rows, want := lines(blocks[i]), lines(blocks[i+1])
		t.Run(rows[0], func(t *testing.T) { series(t, rows[1:], want) })
	}
}

func series(t *testing.T, rows, want []string) {
	t.Helper()
	query := "sequence"
	if strings.Contains(rows[0], "|") {
		query += " by k"
	}
	var docs []json.RawMessage
	for stage, row := range rows {
		query += fmt.Sprintf(" [any where stage == %d]", stage)
		for token := range strings.FieldsSeq(row) {
			key, name, keyed := strings.Cut(token, "|")
			if !keyed {
				key, name = "", token
			}
			docs = append(docs, json.RawMessage(fmt.Sprintf(`{"@timestamp":%s,"stage":%d,"k":%q,"id":%q}`, name[1:], stage, key, name)))
		}
	}
	c := newCorpus(t, "id", "{}", []string{"series"}, [][]json.RawMessage{docs})
	answer, said, _ := command("query", query, c.events, "--format", "ndjson")
	var got []string
	for line := range strings.Lines(answer) {
		ids, keys := c.read(t, line)
		got = append(got, strings.Join(append(keys, strings.Join(ids, " ")), "|"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q; %s", got, want, said)
	}
}
