package cli

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/engine"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/replay"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/source"
)

type queryFlags struct {
	format     choice
	category   fieldName
	timestamp  fieldName
	tiebreaker fieldName
	size       count
	position   choice
	perKey     count
	mapping    string
}

func (a *app) queryCommand() *cobra.Command {
	f := &queryFlags{
		format:    choice{allowed: []string{"pretty", "ndjson", "json"}},
		category:  fieldName{value: eql.DefaultCategoryField, empty: "event category field is null or empty"},
		timestamp: fieldName{value: eql.DefaultTimestampField, empty: "@timestamp field is null or empty"},
		size:      count{value: -1, unset: "all", reason: "size must be greater than or equal to 0"},
		position:  choice{value: "tail", allowed: []string{"head", "tail"}},
		perKey:    count{value: 1, min: 1, reason: "max_samples_per_key must be greater than 0"},
	}
	cmd := &cobra.Command{
		Use:   "query QUERY|@FILE [EVENTS...] [FLAGS]",
		Short: "Search recorded events with an EQL query",
		Example: examples(
			`tripline query 'process where process.name : "nc*"' events.ndjson`, "find events",
			"tripline query @hunt.eql --format json logs/ > answer.json", "run a query from a file, answer as Elasticsearch does",
			`tripline query 'any where true | tail 5' events.ndjson`, "show the last five events",
		),
		Long: inputHelp + `

--format ndjson writes a result a line: an event as {"_index","_id","_source"}, a
sequence or sample as {"join_keys","events"}. --format json writes one answer in
the shape of Elasticsearch's EQL search.

Exit codes: 0 matched; 1 nothing matched; 2 a bad query, usage, or a value that
stopped the query; 3 part of the input was not read.`,
		GroupID: groupJudge,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("tripline query 'process where true' events.ndjson", "name a query")
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.query(f, args[0], args[1:]) },
		ValidArgsFunction: completeFiles,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.format, "format", "how to print results (default: pretty on a terminal, else ndjson)")
	flags.Var(&f.size, "size", "the most results, before the pipes of the query")
	flags.Var(&f.position, "result-position", "which results to keep if there are more than --size")
	flags.Var(&f.perKey, "max-samples-per-key", "the most samples of one join key")
	flags.Var(&f.category, "event-category-field", "the field of the event category")
	flags.Var(&f.timestamp, "timestamp-field", "the field that events are ordered by")
	flags.Var(&f.tiebreaker, "tiebreaker-field", "the field that orders events of equal time")
	flags.StringVar(&f.mapping, "mapping", "", "an Elasticsearch mapping, a `FILE` that gives fields their types, as the index would")
	mustComplete(cmd, "format", f.format.complete)
	mustComplete(cmd, "result-position", f.position.complete)
	mustComplete(cmd, "mapping", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"json", "mapping"}, cobra.ShellCompDirectiveFilterFileExt
	})
	return cmd
}

// search is one run of a query.
type search struct {
	*app
	flags  *queryFlags
	name   string // the file of the query; "" for one of the command line
	text   string
	schema *eql.Schema
	query  *eql.Query // as written

	program *engine.Program
	kind    engine.Kind
	results *results
	report  *replay.Report
	reader  atomic.Pointer[source.Reader] // the last one; nil where documents are kept
	loader  *replay.Loader
	index   *proctree.Index // of where the events of each process stand
	docs    []*event.Document
	places  map[uint64]source.Place // of docs, by arrival
}

func (a *app) query(f *queryFlags, query string, named []string) error {
	s := &search{app: a, flags: f}
	paths, err := a.eventPaths(named, "tripline query")
	if err != nil {
		return err
	}
	if err := s.parse(query); err != nil {
		return err
	}
	if err := s.readMapping(); err != nil {
		return err
	}
	start := a.Now()
	if s.schema == nil {
		err = s.search(paths)
	} else {
		err = s.searchMapped(paths)
	}
	if err != nil {
		return err
	}
	if first := s.report.Queries[0].First(); first != nil {
		return s.runFault(first)
	}
	result, err := s.results.result(s.kind)
	if err != nil {
		return err
	}
	matched, err := s.print(result, a.Now().Sub(start))
	if err != nil {
		return err
	}
	code := exitOK
	if matched == 0 {
		code = exitNothing
	}
	if s.report.Stats.BadTotal() > 0 || s.lost() > 0 {
		code = exitIncomplete
	}
	return ended(code)
}

// search judges the input as it is read. A fault in the query is told before
// anything is.
func (s *search) search(paths []string) error {
	if err := s.compile(); err != nil {
		return err
	}
	s.index = proctree.NewIndex(0)
	open := func() *source.Reader {
		s.reader.Store(source.Open(paths, s.Stdin, source.Options{Batching: source.Batching{Peek: engine.PeekTime}}))
		return s.reader.Load()
	}
	problems := s.newProblems()
	run := s.replay(replay.Options{
		Processes: s.index, Problem: problems.add, Spilled: s.saySpilled,
		Restart: func(sorting bool) {
			problems.again()
			s.begin()
			s.loader = nil
			s.sayRestart(sorting)
		},
	})
	stop := s.progress(s.reader.Load)
	var err error
	s.report, err = run.Run(s.ctx, open, !slices.Contains(paths, "-"))
	stop()
	problems.more()
	return err
}

// searchMapped judges under a mapping, which learns the fields that it does not
// name from all documents before the query is checked, as an index would have. So
// the documents are kept.
func (s *search) searchMapped(paths []string) error {
	s.places = map[uint64]source.Place{}
	stats, err := s.read(paths, s.Stdin, s.take)
	if err != nil {
		return err
	}
	if err := s.compile(); err != nil {
		return err
	}
	s.report, err = s.replay(replay.Options{OrderBudget: math.MaxInt64, StateBudget: math.MaxInt64}).Documents(s.ctx, s.docs)
	if err == nil {
		s.report.Stats = stats
	}
	return err
}

func (s *search) replay(opts replay.Options) *replay.Replay {
	s.begin()
	opts.Match = func(m engine.Match) { s.results.add(m) }
	return replay.New(s.program, opts)
}

// begin begins with no results.
func (s *search) begin() {
	f := s.flags
	s.results = newResults(s.query, s.kind, f.size.value, f.position.value == "head")
	s.results.load = s.load
}

// load completes matches.
func (s *search) load(matches ...*engine.Match) error {
	if s.loader == nil {
		s.loader = replay.NewLoader(s.program, s.reader.Load())
	}
	return s.loader.Load(matches...)
}

// lost is how many events, or partial sequences, were lost for want of memory.
func (s *search) lost() int {
	q := s.report.Queries[0]
	return q.Late + q.Evicted
}

// parse reads the query, which is given or stands in a file.
func (s *search) parse(query string) error {
	s.text = query
	if name, inFile := strings.CutPrefix(query, "@"); inFile {
		data, err := os.ReadFile(name)
		if err != nil {
			return usage("", "read query: %v", err)
		}
		if strings.HasSuffix(strings.ToLower(name), ".toml") {
			return usage("tripline scan -r "+show.ShellWord(name)+" EVENTS", "%s is a rule, not a query", name)
		}
		s.name, s.text = name, strings.TrimPrefix(string(data), "\ufeff")
	}
	if strings.TrimSpace(s.text) == "" {
		return usage("", "query is null or empty")
	}
	var err error
	if s.query, err = eql.Parse(s.text); err != nil {
		if _, statErr := os.Stat(s.text); statErr == nil {
			return usage("the query comes first; write @"+s.text+" if it stands in that file", "%s is a file, not a query", s.text)
		}
		return queryFaults(err, s.name, s.text)
	}
	return nil
}

func (s *search) readMapping() error {
	if s.flags.mapping == "" {
		return nil
	}
	data, err := os.ReadFile(s.flags.mapping)
	if err != nil {
		return usage("", "%v", fmt.Errorf("read mapping: %w", err))
	}
	if s.schema, err = eql.ParseMapping(data); err != nil {
		return usage("", "%s: %v", s.flags.mapping, err)
	}
	return nil
}

func (s *search) compile() error {
	f := s.flags
	checked, warnings, err := eql.Check(s.query, eql.CheckOptions{
		Schema: s.schema, CategoryField: f.category.value, TimestampField: f.timestamp.value, TiebreakerField: f.tiebreaker.value,
	})
	for _, w := range warnings {
		s.show("warning", &fault{
			reason:  place(s.name, w.Pos) + w.Message,
			snippet: eql.Snippet(s.text, w.Pos.Line, w.Pos.Col),
			hint:    w.Hint,
		})
	}
	if err != nil {
		return queryFaults(err, s.name, s.text)
	}
	s.program, err = engine.Compile([]engine.Query{{
		Checked: checked, Schema: s.schema, Ordered: true, MaxSamplesPerKey: f.perKey.value,
		CategoryField: f.category.value, TimestampField: f.timestamp.value, TiebreakerField: f.tiebreaker.value,
	}}, replay.LineagePaths...)
	if err != nil {
		return queryFaults(err, s.name, s.text)
	}
	s.kind = s.program.Kind(0)
	return nil
}

// take keeps a document and teaches the mapping its fields.
func (s *search) take(item source.Item) {
	s.docs = append(s.docs, item.Document)
	s.places[item.Document.Arrival] = item.Place
	for path, values := range item.Document.Fields() {
		for _, v := range values {
			s.schema.Observe(item.Document.Index, path, v)
		}
	}
}

// runFault says what stopped the query, and at which document.
func (s *search) runFault(first *replay.BadValue) error {
	if first.NoTime {
		return &fault{
			code:   exitUsage,
			reason: fmt.Sprintf("Expected timestamp field [%s] to have a value but got none: %s", s.flags.timestamp.value, s.placeOf(first.Doc)),
			hint:   "a sequence needs the time of every event that it may hold; see --timestamp-field",
		}
	}
	return &fault{
		code:    exitUsage,
		reason:  place(s.name, first.Fault.At) + first.Fault.Err.Error(),
		snippet: eql.Snippet(s.text, first.Fault.At.Line, first.Fault.At.Col),
		hint:    "the value stands in the document of " + s.placeOf(first.Doc),
	}
}

func (s *search) placeOf(doc *event.Held) string {
	if p, ok := s.places[doc.Arrival]; ok {
		return p.String()
	}
	if r := s.reader.Load(); r != nil {
		return r.Place(source.RefOf(doc.Arrival, len(doc.Raw))).String()
	}
	return doc.ID
}
