package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/server/servertest"
)

func TestBulkAnswerIsByteForByte(t *testing.T) {
	h := open(t, nil)
	got := h.bulk(`{"create":{"_index":"logs-a-default","_id":"x1"}}`, `{"n":1}`)
	want := `"errors":false,"items":[{"create":{"_index":"logs-a-default","_id":"x1","_version":1,"result":"created",` +
		`"_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}}]}`
	if _, rest, _ := strings.Cut(got.body, ","); !strings.HasPrefix(got.body, `{"took":`) || rest != want {
		t.Errorf("got %s", got.body)
	}
	got = h.bulk(`{"create":{"_index":"logs-a-default","_id":"x1"}}`, `{"n":1}`)
	want = `"errors":true,"items":[{"create":{"_index":"logs-a-default","_id":"x1","status":409,"error":{"type":"version_conflict_engine_exception",` +
		`"reason":"[x1]: version conflict, document already exists (current version [1])","index":"logs-a-default","shard":"0"}}}]}`
	if _, rest, _ := strings.Cut(got.body, ","); rest != want {
		t.Errorf("got %s", got.body)
	}
}

func TestBulkPathsAndMethods(t *testing.T) {
	for _, path := range []string{"/_bulk", "/_bulk/", "/_bulk/?pipeline=p", "//_bulk", "/%5Fbulk", "/from-path/_bulk", "/from-path/_doc/_bulk", "/from-path/events/_bulk/"} {
		for _, method := range []string{"POST", "PUT"} {
			h := open(t, nil)
			got := h.ask(method, path, `{"index":{"_index":"given"}}`+"\n{}\n")
			if _, all := itemsOf(t, got); all[0].Index != "given" || all[0].Status != 201 {
				t.Errorf("%s %s: %s", method, path, got.body)
			}
			if !strings.Contains(path, "from-path") {
				continue
			}
			got = h.ask(method, path, `{"index":{}}`+"\n{\"n\":2}\n")
			if _, all := itemsOf(t, got); all[0].Index != "from-path" || all[0].Status != 201 {
				t.Errorf("%s %s: %s", method, path, got.body)
			}
		}
	}
}

func TestBulkLines(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		stored []string
	}{
		"plain":               {"{\"index\":{}}\n{\"a\":1}\n{\"create\":{}}\n{\"a\":2}\n", []string{`{"a":1}`, `{"a":2}`}},
		"CRLF":                {"{\"index\":{}}\r\n{\"a\":1}\r\n", []string{`{"a":1}`}},
		"blank between":       {"{\"index\":{}}\n{\"a\":1}\n\n \t\n{\"index\":{}}\n{\"a\":2}\n\r\n", []string{`{"a":1}`, `{"a":2}`}},
		"blank before":        {"\n\n{\"index\":{}}\n{\"a\":1}\n", []string{`{"a":1}`}},
		"spaces in documents": {"{\"index\":{}}\n  {\"a\": 1}\t \n", []string{`{"a": 1}`}},
		"null metadata":       {`{"index":{"_id":null,"routing":null,"_index":null}}` + "\n{}\n", []string{`{}`}},
		"types of old":        {`{"index":{"_type":"_doc"}}` + "\n{}\n", []string{`{}`}},
	} {
		h := open(t, nil)
		got := h.ask("POST", "/x/_bulk", test.body)
		if errors, all := itemsOf(t, got); errors || len(all) != len(test.stored) {
			t.Errorf("%s: %s", name, got.body)
		}
		if !slices.Equal(h.sources(), test.stored) {
			t.Errorf("%s: stored %q", name, h.sources())
		}
	}
}

func TestWholeBulkIsRefused(t *testing.T) {
	good := `{"index":{"_index":"x"}}` + "\n{}\n"
	for name, test := range map[string]struct{ body, kind, reason string }{
		"empty":                 {"", "parse_exception", "request body is required"},
		"only blank lines":      {"\n \n\r\n", "action_request_validation_exception", "Validation Failed: 1: no requests added;"},
		"no newline at the end": {good + `{"index":{"_index":"x"}}` + "\n{}", "illegal_argument_exception", `The bulk request must be terminated by a newline [\n]`},
		"no index":              {good + "{\"index\":{}}\n{}\n", "action_request_validation_exception", "Validation Failed: 1: index is missing;"},
		"bad action, line 3":    {good + "{\"put\":{}}\n{}\n" + good, "illegal_argument_exception", "Malformed action/metadata line [3], expected field [create], [delete], [index] or [update] but found [put]"},
		"counts blank lines":    {good + "\n\n[]\n", "illegal_argument_exception", "Malformed action/metadata line [5], expected START_OBJECT but found [START_ARRAY]"},
		"an array":              {"[{\"index\":{}}]\n", "illegal_argument_exception", "Malformed action/metadata line [1], expected START_OBJECT but found [START_ARRAY]"},
	} {
		h := open(t, nil)
		got := h.ask("POST", "/_bulk", test.body)
		kind, reason := errorOf(t, got)
		if got.code != 400 || kind != test.kind || reason != test.reason {
			t.Errorf("%s: %s", name, got.body)
		}
		if h.store.Calls() > 0 {
			t.Errorf("%s: something was stored", name)
		}
	}
}

func TestBadItemsLeaveTheOthers(t *testing.T) {
	const document, argument, index = "document_parsing_exception", "illegal_argument_exception", "invalid_index_name_exception"
	long := strings.Repeat("i", 513)
	deep := strings.Repeat(`{"a":`, 1000) + "{}" + strings.Repeat("}", 1000)
	for name, test := range map[string]struct {
		action, doc string
		status      int
		kind        string
	}{
		"array":            {`{"index":{"_index":"x"}}`, `[1]`, 400, document},
		"string":           {`{"index":{"_index":"x"}}`, `"a"`, 400, document},
		"two objects":      {`{"index":{"_index":"x"}}`, `{} {}`, 400, document},
		"broken":           {`{"index":{"_index":"x"}}`, `{"a":}`, 400, document},
		"open":             {`{"index":{"_index":"x"}}`, `{"a":1`, 400, document},
		"blank":            {`{"index":{"_index":"x"}}`, ``, 400, document},
		"control":          {`{"index":{"_index":"x"}}`, "{\"a\":\"\x01\"}", 400, document},
		"too deep":         {`{"index":{"_index":"x"}}`, deep, 400, document},
		"too long":         {`{"index":{"_index":"x"}}`, `{"a":"` + strings.Repeat("a", 2000) + `"}`, 400, document},
		"empty id":         {`{"index":{"_index":"x","_id":""}}`, `{}`, 400, argument},
		"long id":          {`{"create":{"_index":"x","_id":"` + long + `"}}`, `{}`, 400, argument},
		"upper case":       {`{"create":{"_index":"X"}}`, `{}`, 400, index},
		"out of the house": {`{"create":{"_index":"../x"}}`, `{}`, 400, index},
		"dots":             {`{"create":{"_index":".."}}`, `{}`, 400, index},
		"empty index":      {`{"create":{"_index":""}}`, `{}`, 400, index},
		"date math":        {`{"create":{"_index":"<a-{now/d}>"}}`, `{}`, 400, index},
		"newline in index": {`{"create":{"_index":"a\nb"}}`, `{}`, 400, index},
		"alias":            {`{"create":{"_index":"x","require_alias":true}}`, `{}`, 404, "index_not_found_exception"},
		"no data stream":   {`{"create":{"_index":"x","require_data_stream":true}}`, `{}`, 404, "index_not_found_exception"},
		"script":           {`{"update":{"_index":"x","_id":"u"}}`, `{"script":{"source":""},"upsert":{}}`, 400, argument},
		"update only":      {`{"update":{"_index":"x","_id":"u"}}`, `{"doc":{"a":1}}`, 400, argument},
		"upsert of text":   {`{"update":{"_index":"x","_id":"u"}}`, `{"upsert":"a"}`, 400, argument},
		"update, no id":    {`{"update":{"_index":"x"}}`, `{"upsert":{}}`, 400, argument},
		"update, broken":   {`{"update":{"_index":"x","_id":"u"}}`, `{"upsert":{}`, 400, document},
	} {
		h := open(t, func(c *server.Config) { c.MaxDocument = 1500 })
		if name == "too deep" {
			h = open(t, nil)
		}
		got := h.bulk(`{"index":{"_index":"x","_id":"1"}}`, `{"n":1}`, test.action, test.doc, `{"create":{"_index":"x","_id":"2"}}`, `{"n":2}`)
		errors, all := itemsOf(t, got)
		if !errors || len(all) != 3 || all[0].Status != 201 || all[2].Status != 201 {
			t.Fatalf("%s: %s", name, got.body)
		}
		if bad := all[1]; bad.Status != test.status || bad.Error == nil || bad.Error.Type != test.kind || bad.Error.Reason == "" || bad.Result != "" ||
			!strings.HasPrefix(test.action, `{"`+bad.action+`"`) {
			t.Errorf("%s: %s", name, got.body)
		}
		if !slices.Equal(h.sources(), []string{`{"n":1}`, `{"n":2}`}) {
			t.Errorf("%s: stored %q", name, h.sources())
		}
	}
}

func TestLastActionWithoutDocument(t *testing.T) {
	h := open(t, nil)
	got := h.bulk(`{"index":{"_index":"x"}}`, `{"n":1}`, `{"index":{"_index":"x"}}`)
	if errors, all := itemsOf(t, got); !errors || len(all) != 2 || all[0].Status != 201 || all[1].Status != 400 {
		t.Errorf("got %s", got.body)
	}
}

func TestBulkActions(t *testing.T) {
	h := open(t, nil)
	h.store.Put(servertest.Stored{Index: "x", ID: "old", Raw: `{"a":1}`})
	got := h.bulk(
		`{"index":{"_index":"x","_id":"old"}}`, `{"a":1}`, // the same again
		`{"index":{"_index":"x","_id":"old"}}`, `{"a":2}`,
		`{"create":{"_index":"x","_id":"old"}}`, `{"a":1}`,
		`{"index":{"_index":"x","_id":"old","op_type":"create"}}`, `{"a":1}`,
		`{"update":{"_index":"x","_id":"old"}}`, `{"upsert":{"a":1}}`,
		`{"update":{"_index":"x","_id":"new"}}`, `{"upsert":{"a": 3}}`,
		`{"update":{"_index":"x","_id":"new2"}}`, `{"doc":{"a":4},"doc_as_upsert":true}`,
		`{"delete":{"_index":"x","_id":"old"}}`,
		`{"delete":{"_index":"x","_id":"none"}}`,
		`{"delete":{"_index":"x","_id":"soon"}}`,
		`{"create":{"_index":"x","_id":"soon"}}`, `{"a":5}`,
		`{"delete":{"_index":"x","_id":"soon"}}`,
		`{"delete":{"_index":"x"}}`,
	)
	want := []string{
		"index 200 noop", "index 409 version_conflict_engine_exception", "create 409 version_conflict_engine_exception",
		"index 409 version_conflict_engine_exception", "update 400 illegal_argument_exception", "update 201 created", "update 201 created",
		"delete 400 illegal_argument_exception", "delete 404 not_found", "delete 404 not_found", "create 201 created",
		"delete 400 illegal_argument_exception", "delete 400 illegal_argument_exception",
	}
	errors, all := itemsOf(t, got)
	var is []string
	for _, i := range all {
		word := i.Result
		if i.Error != nil {
			word = i.Error.Type
		}
		is = append(is, fmt.Sprint(i.action, " ", i.Status, " ", word))
	}
	if !errors || !slices.Equal(is, want) {
		t.Errorf("got  %q\nwant %q", is, want)
	}
	if !slices.Equal(h.sources(), []string{`{"a":1}`, `{"a": 3}`, `{"a":4}`, `{"a":5}`}) {
		t.Errorf("stored %q", h.sources())
	}
	if errors, _ := itemsOf(t, h.bulk(`{"delete":{"_index":"x","_id":"none"}}`)); errors {
		t.Error("deleting what is not there is an error")
	}
}

func TestMadeIDs(t *testing.T) {
	h := open(t, nil)
	lines := []string{`{"create":{"_index":"x"}}`, `{"event":{"id":"e1"}}`, `{"create":{"_index":"x"}}`, `{"a":1}`, `{"create":{"_index":"x"}}`, `{"event":{"id":"e1"},"a":2}`}
	_, first := itemsOf(t, h.bulk(lines...))
	errors, again := itemsOf(t, h.bulk(lines...))
	if errors || first[0].ID != "e1" || len(first[1].ID) != 64 || len(first[2].ID) != 64 {
		t.Errorf("made %v", first)
	}
	for i := range again {
		if again[i].Status != 200 || again[i].Result != "noop" || again[i].ID != first[i].ID {
			t.Errorf("a repeat of what has no id: %+v", again[i])
		}
	}
}

func TestFilterPath(t *testing.T) {
	const lines = `{"create":{"_index":"x","_id":"1"}}` + "\n{}\n" + `{"create":{"_index":"X","_id":"2"}}` + "\n{}\n"
	const failure = `"error":{"type":"invalid_index_name_exception","reason":"Invalid index name [X], must be lowercase"}`
	short := `"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,` + failure + `}}]}`
	indexed := `"errors":true,"items":[{"create":{"_index":"x","status":201}},{"create":{"_index":"X","status":400,` + failure + `}}]}`
	full := `"errors":true,"items":[{"create":{"_index":"x","_id":"1","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}},` +
		`{"create":{"_index":"X","_id":"2","status":400,` + failure + `}}]}`
	for filter, want := range map[string]string{
		"errors,items.*.error,items.*.status":                                   short, // Beats, Logstash
		"errors,items.create.error,items.create.status,items.index.error":       short, // a Beat of between
		"errors,items.*.error,items.*.status,items.*.failure_store":             short,
		"items.*._index,items.*.status,items.*.error.type,items.*.error.reason": indexed, // go-docappender
		"took":                     short,
		"items.*._id":              full,
		"items":                    full,
		"errors,items.what.status": full,
		"*":                        full,
	} {
		h := open(t, nil)
		got := h.ask("POST", "/_bulk?filter_path="+filter, lines)
		if _, rest, _ := strings.Cut(got.body, ","); rest != want {
			t.Errorf("%s: %s", filter, got.body)
		}
	}
}

func TestFluentBitsAnswerFits(t *testing.T) {
	h := open(t, nil)
	var body strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&body, `{"create":{"_index":%q}}`+"\n{\"n\":%d}\n", "logs-"+strings.Repeat("long", 20)+"-default", i)
	}
	got := h.ask("POST", "/_bulk", body.String(), "User-Agent: Fluent-Bit")
	if !strings.Contains(got.body, `"errors":false,"items":[`) || len(got.body) >= 512<<10 {
		t.Errorf("%d bytes: %.200s", len(got.body), got.body)
	}
}

func TestRefresh(t *testing.T) {
	for value, want := range map[string]int{"": 200, "true": 200, "false": 200, "wait_for": 200, "yes": 400} {
		h := open(t, nil)
		if got := h.ask("POST", "/_bulk?refresh="+value, `{"index":{"_index":"x"}}`+"\n{}\n"); got.code != want {
			t.Errorf("refresh=%s: %d %s", value, got.code, got.body)
		}
	}
}

func TestManyActions(t *testing.T) {
	h := open(t, func(c *server.Config) { c.MaxActions = 50_000 })
	lines := strings.Repeat(`{"index":{"_index":"x"}}`+"\n{}\n", 50_000)
	r := httptest.NewRequest(http.MethodPost, "/", chunked(lines[:0]+lines))
	r.ContentLength = -1
	if errors, all := itemsOf(t, h.send(r, "/_bulk")); errors || len(all) != 50_000 {
		t.Errorf("%d items", len(all))
	}
	if got := h.ask("POST", "/_bulk", lines+lines[:28]); got.code != http.StatusRequestEntityTooLarge {
		t.Errorf("one more: %d", got.code)
	}
}

func TestMoreActionsThanMemory(t *testing.T) {
	h := open(t, func(c *server.Config) { c.MaxBody, c.MemoryLimit = 2<<20, 1 })
	if errors, all := itemsOf(t, h.ask("POST", "/_bulk", strings.Repeat(`{"index":{"_index":"x"}}`+"\n{}\n", 50_000))); errors || len(all) != 50_000 {
		t.Errorf("%d items", len(all))
	}
}

func TestLongLines(t *testing.T) {
	h := open(t, nil)
	five := `{"a":"` + strings.Repeat("a", 5<<20) + `"}`
	seventeen := `{"a":"` + strings.Repeat("a", 17<<20) + `"}`
	got := h.bulk(`{"index":{"_index":"x","_id":"1"}}`, five, `{"index":{"_index":"x","_id":"2"}}`, seventeen, `{"index":{"_index":"x","_id":"3"}}`, `{}`)
	errors, all := itemsOf(t, got)
	if !errors || all[0].Status != 201 || all[1].Status != 400 || all[1].Error.Type != "document_parsing_exception" || all[2].Status != 201 {
		t.Errorf("got %s", got.body)
	}
	if action := h.bulk(`{"index":{"_index":"x","`+strings.Repeat("k", 5<<20)+`":1}}`, `{}`); action.code != 200 {
		t.Errorf("an action of 5 MB: %d %.200s", action.code, action.body)
	}
}
