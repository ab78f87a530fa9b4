package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/server"
)

// call is a request of a client and what it needs of the answer.
type call struct {
	request string // METHOD PATH
	body    string
	status  int
	has     string // in the body
}

// startups are what clients ask at start, in their order, as they were recorded or
// stand in the clients' source.
var startups = map[string]struct {
	agent string
	calls []call
}{
	"Filebeat 9": {beatAgent, []call{
		{"GET /", "", 200, `"number":"9.4.1"`},
		{"GET /_license?human=false", "", 200, `"status":"active"`},
		{"GET /_ilm/policy/filebeat", "", 200, `{}`},
		{"HEAD /_index_template/filebeat-9.4.1", "", 200, ""},
		{"GET /_data_stream/filebeat-9.4.1", "", 200, `"data_streams":[`},
		{"POST /_bulk?filter_path=errors%2Citems.%2A.error%2Citems.%2A.status", `{"create":{"_index":"filebeat-9.4.1"}}` + "\n{}\n", 200, `"errors":false,"items":[{"create":{"status":201}}]`},
	}},
	"Filebeat 9, all set up": {beatAgent, []call{
		{"GET /", "", 200, ""},
		{"GET /_xpack", "", 200, `"ilm":{"available":false`},
		{"PUT /_ilm/policy/filebeat", `{"policy":{}}`, 200, acknowledged},
		{"PUT /_index_template/filebeat-9.4.1", `{"index_patterns":["filebeat-*"]}`, 200, acknowledged},
		{"PUT /_component_template/filebeat@custom", `{}`, 200, acknowledged},
		{"PUT /_data_stream/filebeat-9.4.1", ``, 200, acknowledged},
		{"PUT /_data_stream/filebeat-9.4.1/_lifecycle", `{}`, 200, acknowledged},
		{"GET /_ingest/pipeline/filebeat-9.4.1-system-auth-pipeline", "", 404, ""},
		{"PUT /_ingest/pipeline/filebeat-9.4.1-system-auth-pipeline", `{"processors":[]}`, 200, acknowledged},
		{"POST /_monitoring/bulk?system_id=beats", `{}`, 200, `"ignored":true`},
	}},
	"Logstash 9": {logstash, []call{
		{"HEAD /", "", 200, ""},
		{"GET /", "", 200, `"number":"9.2.0","build_flavor":"default"`},
		{"GET /_license", "", 200, `{"license":{"status":"active"`},
		{"GET /", "", 200, `"tagline":"You Know, for Search"`},
		{"HEAD /_index_template/ecs-logstash", "", 200, ""},
		{"PUT /_index_template/ecs-logstash", `{}`, 200, acknowledged},
		{"HEAD /logstash", "", 200, ""},
		{"PUT /%3Clogstash-%7Bnow%2Fd%7D-000001%3E", `{"aliases":{}}`, 200, `"shards_acknowledged":true,"index":"<logstash-{now/d}-000001>"`},
		{"GET /_ilm/policy/logstash-policy", "", 200, `{}`},
		{"POST /_bulk?filter_path=errors,items.*.error,items.*.status", `{"create":{"_id":null,"_index":"logs-generic-default","routing":null}}` + "\n{}\n", 200, `"items":[{"create":{"status":201}}]`},
	}},
	"Vector": {vectorAgent, []call{
		{"GET /", "", 200, `"number":"9.2.0"`},
		{"GET /_cluster/health", "", 200, `"status":"green"`},
		{"POST /_bulk?timeout=60s", `{"create":{"_index":"logs-generic-default","_type":"_doc"}}` + "\n{}\n", 200, `"errors":false`},
	}},
	"Fluent Bit": {fluentBit, []call{
		{"POST /_bulk", `{"create":{"_index":"fluent-bit","_type":"_doc"}}` + "\n" + `{"@timestamp":"2026-01-01T00:00:00.000Z"}` + "\n", 200, `"errors":false,"items":[`},
		{"POST /_bulk/?pipeline=p", `{"create":{"_index":"fluent-bit"}}` + "\n{}\n", 200, `"errors":false,"items":[`},
		{"POST /_bulk", `{"update":{"_index":"fluent-bit","_id":"7"}}` + "\n" + `{"doc_as_upsert":true,"doc":{"a":1}}` + "\n", 200, `"errors":false,"items":[{"update":{`},
	}},
	"rsyslog, several servers": {rsyslogAgent, []call{
		{"GET /_cat/health", "", 200, "tripline green"},
		{"POST /_bulk", `{"index":{"_index": "system","_type":"events"}}` + "\n" + `{"message":"a"}` + "\n\n", 200, `"status":201`},
		{"POST /system/events", `{"message":"b"}`, 201, `"result":"created"`},
	}},
	"clients that look for nodes": {jsAgent, []call{
		{"GET /_nodes/_all/http", "", 200, `"nodes":{"n1":{"name":"tripline","version":"9.2.0","roles":["data","ingest"],"http":{"publish_address":"tripline.test:9200"}}}`},
		{"GET /_nodes/http", "", 200, `"publish_address"`},
		{"GET /_nodes", "", 200, `"publish_address"`},
		{"GET /_all/_refresh", "", 200, `"failed":0`},
		{"POST /x/_refresh", "", 200, `"failed":0`},
		{"HEAD /x", "", 200, ""},
		{"HEAD /X", "", 404, ""},
		{"PUT /x", `{"mappings":{}}`, 200, `"index":"x"`},
		{"PUT /X", `{}`, 400, "must be lowercase"},
		{"GET /x", "", 200, `{"x":{`},
		{"GET /_alias/x", "", 200, `{}`},
		{"PUT /x/_mapping", `{}`, 200, acknowledged},
		{"GET /_cat/indices", "", 200, ""},
	}},
	"what is not there": {curlAgent, []call{
		{"GET /_what/ever", "", 200, `{}`},
		{"HEAD /_what", "", 200, ``},
		{"POST /_what/ever", `{}`, 400, `no handler found for uri [/_what/ever] and method [POST]`},
		{"DELETE /x", ``, 405, `allowed`},
		{"GET /_bulk", "", 405, `"status":405`},
		{"POST /x/_search", `{}`, 400, `_eql/search`},
		{"GET /_count", "", 400, `_eql/search`},
		{"GET /_security/user", "", 404, ``},
		{"PATCH /x/_doc/1", "", 405, `allowed`},
		{"GET /x/y/z", "", 405, `allowed: [POST, PUT]`},
	}},
}

const acknowledged = `"acknowledged":true`

func TestStartups(t *testing.T) {
	for name, startup := range startups {
		h := open(t, nil)
		for _, c := range startup.calls {
			method, target, _ := strings.Cut(c.request, " ")
			got := h.ask(method, target, c.body, strings.Split(startup.agent, "\n")...)
			if got.code != c.status || method != "HEAD" && !strings.Contains(got.body, c.has) {
				t.Errorf("%s: %s: %d %s", name, c.request, got.code, got.body)
			}
			if strings.HasPrefix(target, "/_bulk") && got.code == 200 {
				checkAsShippersDo(t, got.body)
			}
		}
	}
}

// checkAsShippersDo reads an answer to a bulk by the rules of Beats (the status and
// error of an item's first member), of Logstash (the status of its only one) and of
// Vector (the bytes of errors).
func checkAsShippersDo(t *testing.T, body string) {
	t.Helper()
	var answer struct {
		Items []map[string]struct {
			Status int             `json:"status"`
			Error  json.RawMessage `json:"error"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Items == nil {
		t.Fatalf("%v: %s", err, body)
	}
	failed := false
	for _, item := range answer.Items {
		for _, result := range item {
			failed = failed || result.Error != nil
			if (result.Status == 200 || result.Status == 201) == (result.Error != nil) {
				t.Errorf("an item of status %d has the error %s", result.Status, result.Error)
			}
		}
	}
	if strings.Contains(body, `"errors":true`) != failed {
		t.Errorf("errors is wrong: %s", body)
	}
}

func TestAllowNamesTheMethods(t *testing.T) {
	h := open(t, nil)
	if got := h.ask("GET", "/_bulk", ""); got.header.Get("Allow") != "POST,PUT" {
		t.Errorf("Allow: %s", got.header.Get("Allow"))
	}
}

func TestVersionThatClientsAreTold(t *testing.T) {
	for agent, want := range map[string]string{
		"":                                "9.2.0",
		"Elastic-Filebeat/8.12.0 (linux)": "9.2.0",
		"Elastic-Filebeat/9.5.0 (linux)":  "9.5.0",
		"Elastic-Filebeat/9.5.0-SNAPSHOT": "9.5.0",
		"Elastic-Agent/9.2.1":             "9.2.1",
		"Elastic-Filebeat/10.0.0":         "9.2.0",
		"Elastic-Filebeat/new":            "9.2.0",
		"go-elasticsearch/9.5.2 (linux)":  "9.2.0",
	} {
		h := open(t, nil)
		if got := h.ask("GET", "/", "", "User-Agent: "+agent); !strings.Contains(got.body, `"number":"`+want+`"`) {
			t.Errorf("%q: %s", agent, got.body)
		}
	}
	uuid := func(cluster string) string {
		got := open(t, func(c *server.Config) { c.Cluster = cluster }).ask("GET", "/", "")
		var root struct {
			UUID string `json:"cluster_uuid"`
		}
		_ = json.Unmarshal([]byte(got.body), &root)
		return root.UUID
	}
	if a, b := uuid("a"), uuid("b"); len(a) != 22 || a == b || a != uuid("a") {
		t.Errorf("cluster_uuid %s, %s", a, b)
	}
}

func TestPrefix(t *testing.T) {
	h := open(t, func(c *server.Config) { c.Prefix = "es/" })
	for target, want := range map[string]int{"/es": 200, "/es/": 200, "/es/_bulk": 200, "/_bulk": 404, "/esx/_bulk": 404} {
		method := "GET"
		if strings.Contains(target, "_bulk") {
			method = "POST"
		}
		if got := h.ask(method, target, oneDoc); got.code != want {
			t.Errorf("%s: %d %s", target, got.code, got.body)
		}
	}
	if got := h.ask("POST", "/es/x/_doc", "{}"); !strings.HasPrefix(got.header.Get("Location"), "/es/x/_doc/") {
		t.Errorf("Location: %s", got.header.Get("Location"))
	}
}

func TestHeadersOfAllAnswers(t *testing.T) {
	h := open(t, nil)
	for _, target := range []string{"/", "/_cat/health", "/metrics", "/_what"} {
		got := h.ask("GET", target, "", "X-Opaque-Id: job 7")
		if got.header.Get("X-Opaque-Id") != "job 7" || got.header.Get("X-Tripline-Version") != "v1.2.3" {
			t.Errorf("%s: %v", target, got.header)
		}
	}
	if got := h.ask("GET", "/_cluster/health?pretty", ""); !strings.HasPrefix(got.body, "{\n  \"cluster_name\": \"tripline\",\n") {
		t.Errorf("pretty: %s", got.body)
	}
	if got := h.ask("POST", "/_bulk?pretty", oneDoc); strings.Contains(got.body, "\n") {
		t.Errorf("a bulk is pretty: %s", got.body)
	}
}

func TestWhatIsIgnoredIsCounted(t *testing.T) {
	h := open(t, nil)
	h.ask("POST", "/_bulk?colour=red&refresh=true&pipeline=p1", `{"create":{"_index":"x","shape":"round","pipeline":"p2"}}`+"\n{}\n")
	h.ask("POST", "/_bulk?pipeline=_none", oneDoc)
	h.ask("PUT", "/_ingest/pipeline/p3", "{}")
	h.ask("GET", "/_what", "")
	for i := range 100 {
		h.ask("POST", fmt.Sprintf("/_bulk?p%d=1", i), oneDoc)
	}
	got := h.ask("GET", "/metrics", "").body
	for _, line := range []string{
		`tripline_http_ignored_total{kind="parameter",name="colour"} 1`,
		`tripline_http_ignored_total{kind="action_key",name="shape"} 1`,
		`tripline_http_ignored_total{kind="pipeline",name="p1"} 1`,
		`tripline_http_ignored_total{kind="pipeline",name="p2"} 1`,
		`tripline_http_ignored_total{kind="pipeline",name="p3"} 1`,
		`tripline_http_ignored_total{kind="call",name="GET /_what"} 1`,
		`tripline_http_ignored_total{kind="parameter",name="(others)"} 37`,
		`tripline_http_documents_total{outcome="created"} `,
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %s", line)
		}
	}
	if strings.Contains(got, `name="refresh"`) || strings.Contains(got, `"_none"`) {
		t.Error("what is known is counted as unknown")
	}
}
