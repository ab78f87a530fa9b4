package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/server"
)

func TestSingleDocuments(t *testing.T) {
	h := open(t, nil)
	for _, c := range []struct {
		request, body string
		status        int
		has           string
	}{
		{"POST /x/_doc", `{"event":{"id":"e1"}}`, 201, `{"_index":"x","_id":"e1","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1}`},
		{"PUT /x/_doc/a%2Fb", ` {"n":1} `, 201, `"_id":"a/b"`},
		{"PUT /x/_doc/a%2Fb", `{"n":1}`, 200, `"result":"noop"`},
		{"PUT /x/_doc/a%2Fb", `{"n":2}`, 409, `version_conflict_engine_exception`},
		{"POST /x/_doc/a%2Fb?op_type=create", `{"n":1}`, 409, `version_conflict_engine_exception`},
		{"PUT /x/_create/c", `{}`, 201, `"_id":"c"`},
		{"POST /x/_create/c", `{}`, 409, `"status":409`},
		{"POST /x/events", `{"m":1}`, 201, `"result":"created"`}, // rsyslog
		{"PUT /x/events/7", `{"m":2}`, 201, `"_id":"7"`},
		{"POST /%78/_doc/%252F", "{\n\"lines\":\n2}\n", 201, `"_id":"%2F"`},
		{"GET /x/_doc/a%2Fb", "", 200, `{"_index":"x","_id":"a/b","_version":1,"_seq_no":1,"_primary_term":1,"found":true,"_source":{"n":1}}`},
		{"HEAD /x/_doc/a%2Fb", "", 200, ""},
		{"GET /x/_doc/none", "", 404, `{"_index":"x","_id":"none","found":false}`},
		{"GET /x/_doc/%252F", "", 200, `"found":true`},
		{"HEAD /x/_doc/none", "", 404, ""},
		{"GET /X/_doc/none", "", 404, `"found":false`},
		{"DELETE /x/_doc/c", "", 400, "illegal_argument_exception"},
		{"POST /x/_update/c", `{"doc":{}}`, 400, "illegal_argument_exception"},
		{"POST /x/_doc?op_type=update", `{}`, 400, "illegal_argument_exception"},
		{"POST /x/_doc", ``, 400, "parse_exception"},
		{"POST /x/_doc", `[]`, 400, "document_parsing_exception"},
		{"POST /x/_doc?refresh=maybe", `{}`, 400, "illegal_argument_exception"},
		{"POST /X/_doc", `{}`, 400, "invalid_index_name_exception"},
		{"POST /../_doc", `{}`, 400, "invalid_index_name_exception"},
		{"POST /..%2Fx/_doc", `{}`, 400, "invalid_index_name_exception"},
		{"PUT /x/_doc/" + strings.Repeat("i", 513), `{}`, 400, "illegal_argument_exception"},
		{"POST /x/_doc?require_alias=true", `{}`, 404, "index_not_found_exception"},
	} {
		method, target, _ := strings.Cut(c.request, " ")
		got := h.ask(method, target, c.body)
		if got.code != c.status || method != http.MethodHead && !strings.Contains(got.body, c.has) {
			t.Errorf("%.60s: %d %s", c.request, got.code, got.body)
		}
		if location := got.header.Get("Location"); (location != "") != (got.code == 201 || strings.Contains(got.body, "noop")) {
			t.Errorf("%.60s: Location %q", c.request, location)
		}
	}
	if got := h.ask("PUT", "/x/_doc/d%20d", "{}"); got.header.Get("Location") != "/x/_doc/d%20d" {
		t.Errorf("Location %q", got.header.Get("Location"))
	}
}

func TestAStoreThatCanNotBeRead(t *testing.T) {
	h := open(t, func(c *server.Config) { c.Finder = nil })
	if got := h.ask("GET", "/x/_doc/1", ""); got.code != 404 {
		t.Errorf("with no finder: %d", got.code)
	}
}
