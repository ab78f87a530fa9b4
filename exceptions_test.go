package tripline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/reference"
	"github.com/tripline-sec/tripline/internal/rule"
)

// excepting writes a rule with a query, filters and the list "l", and the items
// of the list, each given by what it has beside its names.
func excepting(t *testing.T, query, filters string, items ...string) (string, string) {
	t.Helper()
	folder := t.TempDir()
	var b strings.Builder
	fmt.Fprintf(&b, `{"rule_id":"r","name":"Rule","description":"d","type":"eql","language":"eql","severity":"low","risk_score":1,"query":%q,"filters":[%s],`+
		`"exceptions_list":[{"id":"x","list_id":"l","type":"detection","namespace_type":"single"}]}`+"\n", query, filters)
	b.WriteString(`{"list_id":"l","type":"detection","name":"List","namespace_type":"single"}` + "\n")
	for i, item := range items {
		fmt.Fprintf(&b, `{"item_id":"i%d","list_id":"l","name":"Item %d","type":"simple",%s}`+"\n", i, i, item)
	}
	path := filepath.Join(folder, "export.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, path
}

// load reads the one rule of a folder, which must have no problem.
func load(t *testing.T, folder string) *rule.Rule {
	t.Helper()
	set := rule.LoadAll(folder)
	if len(set.Problems) > 0 || len(set.Rules) != 1 {
		t.Fatalf("%d rules, problems %v", len(set.Rules), set.Problems)
	}
	return set.Rules[0]
}

var now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// run returns what a rule finds, with filters and exceptions on events and stages.
func run(t *testing.T, r *rule.Rule, docs ...string) *reference.Result {
	t.Helper()
	q, err := eql.Parse(r.Query)
	if err != nil {
		t.Fatal(err)
	}
	return runQuery(t, r.Narrow(q, now), docs...)
}

func runQuery(t *testing.T, q *eql.Query, docs ...string) *reference.Result {
	t.Helper()
	checked, _, err := eql.Check(q, eql.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := reference.Compile(checked, reference.Options{Size: -1, Tolerant: true})
	if err != nil {
		t.Fatal(err)
	}
	var all []*event.Document
	for i, text := range docs {
		d, err := event.Decode([]byte(text), event.Identity{}, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	result, err := p.Run(all)
	if err != nil {
		t.Fatal(err)
	}
	if result.ValueErrors > 0 {
		t.Errorf("value error: %v", result.FirstValueError)
	}
	return result
}

// Each kind of entry excepts what Elastic's filter would.
func TestExceptionEntries(t *testing.T) {
	const signed = `{"process":{"Ext":{"code_signature":[{"subject_name":"A","trusted":true},{"subject_name":"B","trusted":false}]}}}`
	nested := func(subject, trusted string) string {
		return `{"field":"process.Ext.code_signature","type":"nested","entries":[` +
			`{"field":"subject_name","type":"match","operator":"included","value":"` + subject + `"},` +
			`{"field":"trusted","type":"match","operator":"included","value":"` + trusted + `"}]}`
	}
	tests := []struct {
		name, entries, doc string
		excepted           bool
	}{
		{"is", `{"field":"process.name","type":"match","operator":"included","value":"nc"}`, `{"process":{"name":"nc"}}`, true},
		{"is, exactly", `{"field":"process.name","type":"match","operator":"included","value":"nc"}`, `{"process":{"name":"NC"}}`, false},
		{"is, one of an array", `{"field":"process.args","type":"match","operator":"included","value":"-e"}`, `{"process":{"args":["nc","-e"]}}`, true},
		{"is, without the field", `{"field":"process.name","type":"match","operator":"included","value":"nc"}`, `{}`, false},
		{"is, a number", `{"field":"process.pid","type":"match","operator":"included","value":"7"}`, `{"process":{"pid":7}}`, true},
		{"is, a number of an unknown field", `{"field":"my.number","type":"match","operator":"included","value":"7"}`, `{"my":{"number":7}}`, true},
		{"is, a boolean of an unknown field", `{"field":"my.flag","type":"match","operator":"included","value":"true"}`, `{"my":{"flag":true}}`, true},
		{"is, a block of addresses", `{"field":"source.ip","type":"match","operator":"included","value":"10.0.0.0/8"}`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{"is, caseless", `{"field":"process.name.caseless","type":"match","operator":"included","value":"nc"}`, `{"process":{"name":"NC"}}`, true},
		{"is, words of a text", `{"field":"process.command_line.text","type":"match","operator":"included","value":"Apt-Get update"}`, `{"process":{"command_line":"/usr/bin/apt-get  update -q"}}`, true},
		{"is, words apart", `{"field":"process.command_line.text","type":"match","operator":"included","value":"apt update"}`, `{"process":{"command_line":"apt -q update"}}`, false},
		{"is, part of a word", `{"field":"message","type":"match","operator":"included","value":"pass"}`, `{"message":"no password"}`, false},
		{"is not", `{"field":"process.name","type":"match","operator":"excluded","value":"nc"}`, `{"process":{"name":"sh"}}`, true},
		{"is not, but it is", `{"field":"process.name","type":"match","operator":"excluded","value":"nc"}`, `{"process":{"name":"nc"}}`, false},
		{"is not, without the field", `{"field":"process.name","type":"match","operator":"excluded","value":"nc"}`, `{}`, true},
		{"is one of", `{"field":"process.name","type":"match_any","operator":"included","value":["a","nc"]}`, `{"process":{"name":"nc"}}`, true},
		{"is one of the blocks", `{"field":"source.ip","type":"match_any","operator":"included","value":["192.0.2.1","10.0.0.0/8"]}`, `{"source":{"ip":"10.1.2.3"}}`, true},
		{"is none of", `{"field":"process.name","type":"match_any","operator":"excluded","value":["a","nc"]}`, `{"process":{"name":"nc"}}`, false},
		{"is none of, without the field", `{"field":"process.name","type":"match_any","operator":"excluded","value":["a","nc"]}`, `{}`, true},
		{"exists", `{"field":"user.name","type":"exists","operator":"included"}`, `{"user":{"name":"root"}}`, true},
		{"exists, as null", `{"field":"user.name","type":"exists","operator":"included"}`, `{"user":{"name":[null]}}`, false},
		{"does not exist", `{"field":"user.name","type":"exists","operator":"excluded"}`, `{}`, true},
		{"matches", `{"field":"file.path","type":"wildcard","operator":"included","value":"/opt/*/b?n"}`, `{"file":{"path":"/opt/a/c/bin"}}`, true},
		{"matches, with case", `{"field":"file.path","type":"wildcard","operator":"included","value":"/opt/*"}`, `{"file":{"path":"/OPT/a"}}`, false},
		{"matches, caseless", `{"field":"file.path.caseless","type":"wildcard","operator":"included","value":"/opt/*"}`, `{"file":{"path":"/OPT/a"}}`, true},
		{"matches, escaped", `{"field":"file.path","type":"wildcard","operator":"included","value":"C:\\\\a\\*b*"}`, `{"file":{"path":"C:\\a*b.c"}}`, true},
		{"matches, a star of its own", `{"field":"file.path","type":"wildcard","operator":"included","value":"C:\\\\a\\*b*"}`, `{"file":{"path":"C:\\aXb.c"}}`, false},
		{"does not match, without the field", `{"field":"file.path","type":"wildcard","operator":"excluded","value":"/opt/*"}`, `{}`, true},
		{"nested, one object", nested("A", "true"), signed, true},
		{"nested, two objects", nested("A", "false"), signed, false},
		{"nested, no list", nested("A", "true"), `{"process":{"Ext":{"code_signature":{"subject_name":"A","trusted":true}}}}`, true},
		{"nested, dotted names", nested("A", "true"), `{"process.Ext.code_signature":[{"subject_name":"A","trusted":true}]}`, true},
		{"nested, without", nested("A", "true"), `{}`, false},
		{"entries are ANDed", `{"field":"process.name","type":"match","operator":"included","value":"nc"},{"field":"user.name","type":"match","operator":"included","value":"root"}`, `{"process":{"name":"nc"},"user":{"name":"www"}}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder, _ := excepting(t, "any where true", "", `"entries":[`+tt.entries+`]`)
			if got := len(run(t, load(t, folder), tt.doc).Events) == 0; got != tt.excepted {
				t.Errorf("excepted: %v\n%s", got, load(t, folder).Exceptions[0])
			}
		})
	}
}

// What an item has beside its entries narrows it; items are ORed.
func TestExceptionItems(t *testing.T) {
	const nc = `"entries":[{"field":"process.name","type":"match","operator":"included","value":"nc"}]`
	tests := []struct {
		name     string
		items    []string
		doc      string
		excepted bool
	}{
		{"none", nil, `{"process":{"name":"nc"}}`, false},
		{"the second of two", []string{strings.Replace(nc, `"nc"`, `"sh"`, 1), nc}, `{"process":{"name":"nc"}}`, true},
		{"expired", []string{`"expire_time":"2026-02-28T23:59:59Z",` + nc}, `{"process":{"name":"nc"}}`, false},
		{"not yet expired", []string{`"expire_time":"2026-03-01T00:00:00.000Z",` + nc}, `{"process":{"name":"nc"}}`, true},
		{"of the system, by type", []string{`"os_types":["linux"],` + nc}, `{"process":{"name":"nc"},"host":{"os":{"type":"linux"}}}`, true},
		{"of the system, by name", []string{`"os_types":["macos","linux"],` + nc}, `{"process":{"name":"nc"},"host":{"os":{"name":"Linux"}}}`, true},
		{"of another system", []string{`"os_types":["windows"],` + nc}, `{"process":{"name":"nc"},"host":{"os":{"type":"linux"}}}`, false},
		{"of no known system", []string{`"os_types":["linux"],` + nc}, `{"process":{"name":"nc"}}`, false},
		{"of another namespace", []string{`"namespace_type":"agnostic",` + nc}, `{"process":{"name":"nc"}}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder, _ := excepting(t, "any where true", "", tt.items...)
			if got := len(run(t, load(t, folder), tt.doc).Events) == 0; got != tt.excepted {
				t.Errorf("excepted: %v", got)
			}
		})
	}
}

// An excepted event is in no sequence: as no term, not as what ends one, and not
// as what may not happen. A scope makes that one stage's, or the whole match's.
func TestExceptionScopes(t *testing.T) {
	doc := func(second int, category, user string) string {
		return fmt.Sprintf(`{"@timestamp":"2026-01-01T00:00:%02dZ","event":{"category":%q},"host":{"id":"h"},"user":{"name":%q}}`, second, category, user)
	}
	item := func(scope string) string {
		return `"tags":["a"` + scope + `],"entries":[{"field":"user.name","type":"match","operator":"included","value":"backup"}]`
	}
	const event, stage1, stage2, match = "", `,"tripline.scope:stage=1"`, `,"tripline.scope:stage=2"`, `,"tripline.scope:match"`
	const pair, until, missing = "sequence by host.id [file where true] [process where true]",
		"sequence by host.id [file where true] [process where true] until [network where true]",
		"sequence by host.id with maxspan=1m [file where true] ![network where true] [process where true]"
	tests := []struct {
		name, query, scope string
		docs               []string
		found, dropped     int // sequences; of these, those that an exception on matches takes
	}{
		{"event, first", pair, event, []string{doc(1, "file", "backup"), doc(2, "process", "root")}, 0, 0},
		{"event, last", pair, event, []string{doc(1, "file", "root"), doc(2, "process", "backup")}, 0, 0},
		{"event, another takes its place", pair, event, []string{doc(1, "file", "root"), doc(2, "process", "backup"), doc(3, "process", "root")}, 1, 0},
		{"event, until", until, event, []string{doc(1, "file", "root"), doc(2, "network", "backup"), doc(3, "process", "root")}, 1, 0},
		{"event, missing", missing, event, []string{doc(1, "file", "root"), doc(2, "network", "backup"), doc(3, "process", "root")}, 1, 0},
		{"stage 1, first", pair, stage1, []string{doc(1, "file", "backup"), doc(2, "process", "root")}, 0, 0},
		{"stage 1, last", pair, stage1, []string{doc(1, "file", "root"), doc(2, "process", "backup")}, 1, 0},
		{"stage 2, missing", missing, stage2, []string{doc(1, "file", "root"), doc(2, "network", "backup"), doc(3, "process", "root")}, 1, 0},
		{"stage 1, until", until, stage1, []string{doc(1, "file", "root"), doc(2, "network", "backup"), doc(3, "process", "root")}, 0, 0},
		{"match", pair, match, []string{doc(1, "file", "root"), doc(2, "process", "backup"), doc(3, "process", "root")}, 1, 1},
		{"match, none of its events", pair, match, []string{doc(1, "file", "root"), doc(2, "process", "root")}, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder, _ := excepting(t, tt.query, "", item(tt.scope))
			r := load(t, folder)
			found := run(t, r, tt.docs...).Sequences
			dropped := 0
			if q := r.Dropped(now); q != nil {
				for _, s := range found {
					var docs []string
					for _, d := range s.Events {
						docs = append(docs, string(d.Raw))
					}
					if len(runQuery(t, q, docs...).Events) > 0 {
						dropped++
					}
				}
			}
			if len(found) != tt.found || dropped != tt.dropped {
				t.Errorf("%d found and %d dropped, want %d and %d", len(found), dropped, tt.found, tt.dropped)
			}
		})
	}
}

// A stage that the query does not have is told.
func TestExceptionOnNoStage(t *testing.T) {
	folder, path := excepting(t, "process where true", "",
		`"tags":["tripline.scope:stage=2"],"entries":[{"field":"user.name","type":"exists","operator":"included"}]`)
	r := load(t, folder)
	q, err := eql.Parse(r.Query)
	if err != nil {
		t.Fatal(err)
	}
	problems := r.CheckScopes(q)
	if len(problems) != 1 || problems[0].Place() != path+":3:1" || !strings.Contains(problems[0].Reason, "is for stage 2, but the rule \"Rule\" has 1") {
		t.Errorf("%v", problems)
	}
}

// Value lists are filters within Elastic's limits; beyond them an exception is
// not applied, and the rule says so.
func TestExceptionValueLists(t *testing.T) {
	many := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i) + "\n")
		}
		return b.String()
	}
	number := func(i int) string { return fmt.Sprintf("v%d", i) }
	dash := func(i int) string { return fmt.Sprintf("10.0.%d.1-10.0.%d.9", i, i) }
	block := func(i int) string { return fmt.Sprintf("10.%d.%d.0/24", i/256, i%256) }
	tests := []struct {
		name, field, typ, operator, list, doc string
		excepted                              bool
		warning                               string
	}{
		{"keyword", "process.name", "keyword", "included", "a\n nc \r\n\n", `{"process":{"name":"nc"}}`, true, ""},
		{"keyword, not in it", "process.name", "keyword", "included", "a\n", `{"process":{"name":"nc"}}`, false, ""},
		{"keyword, is not in list", "process.name", "keyword", "excluded", "a\n", `{"process":{"name":"nc"}}`, true, ""},
		{"keyword, is not in list, no field", "process.name", "keyword", "excluded", "a\n", `{}`, true, ""},
		{"keyword, most", "process.name", "keyword", "included", many(65_536, number), `{"process":{"name":"v65535"}}`, true, ""},
		{"keyword, too many", "process.name", "keyword", "included", many(65_537, number), `{"process":{"name":"v1"}}`, false, "65537 values; at most 65536"},
		{"ip", "source.ip", "ip", "included", "192.0.2.1\n2001:db8::1\n", `{"source":{"ip":"2001:db8:0::1"}}`, true, ""},
		{"ip_range, dash", "source.ip", "ip_range", "included", "192.0.2.3-192.0.2.9\n", `{"source":{"ip":"192.0.2.9"}}`, true, ""},
		{"ip_range, past the dash", "source.ip", "ip_range", "included", "192.0.2.3-192.0.2.9\n", `{"source":{"ip":"192.0.2.10"}}`, false, ""},
		{"ip_range, before the dash", "source.ip", "ip_range", "included", "192.0.2.3-192.0.2.9\n", `{"source":{"ip":"192.0.2.2"}}`, false, ""},
		{"ip_range, everything", "source.ip", "ip_range", "included", "0.0.0.0-255.255.255.255\n", `{"source":{"ip":"192.0.2.2"}}`, true, ""},
		{"ip_range, block", "source.ip", "ip_range", "included", "192.0.2.0/24\n", `{"source":{"ip":"192.0.2.9"}}`, true, ""},
		{"ip_range, most dashes", "source.ip", "ip_range", "included", many(200, dash), `{"source":{"ip":"10.0.199.5"}}`, true, ""},
		{"ip_range, too many dashes", "source.ip", "ip_range", "included", many(201, dash), `{"source":{"ip":"10.0.1.5"}}`, false, "201 ranges written with a dash; at most 200"},
		{"ip_range, many blocks", "source.ip", "ip_range", "included", many(300, block), `{"source":{"ip":"10.1.1.5"}}`, true, ""},
		{"ip_range, no address", "source.ip", "ip_range", "included", "192.0.2\n", `{"source":{"ip":"192.0.2.9"}}`, false, "\"192.0.2\" is neither an address nor a range"},
		{"text", "message", "text", "included", "a\n", `{"message":"a"}`, false, "lists of type \"text\" make no filter"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder, _ := excepting(t, "any where true", "",
				fmt.Sprintf(`"entries":[{"field":%q,"type":"list","operator":%q,"list":{"id":"good.txt","type":%q}}]`, tt.field, tt.operator, tt.typ))
			if err := os.Mkdir(filepath.Join(folder, rule.ValueListFolder), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, rule.ValueListFolder, "good.txt"), []byte(tt.list), 0o600); err != nil {
				t.Fatal(err)
			}
			set := rule.LoadAll(folder)
			var said []string
			for _, p := range set.Problems {
				if p.Kind != rule.KindWarning {
					t.Error(p)
				}
				said = append(said, p.Error())
			}
			if got := len(run(t, set.Rules[0], tt.doc).Events) == 0; got != tt.excepted {
				t.Errorf("excepted: %v", got)
			}
			all := strings.Join(said, "\n")
			if tt.warning == "" && all != "" || !strings.Contains(all, tt.warning) ||
				tt.warning != "" && !strings.Contains(all, "The following exceptions won't be applied to rule execution: Item 0") {
				t.Errorf("said %s", all)
			}
		})
	}
}
