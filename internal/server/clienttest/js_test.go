package clienttest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// job is what client.mjs is told.
type job map[string]any

// said is what it answers.
type said struct {
	Acked  []string
	Failed map[string]string
	Fatal  []string
	Stats  *struct {
		Total, Failed, Retry, Successful, NoOp int
	}
	Answers []struct {
		OK      json.RawMessage
		Error   string
		Status  int
		Type    string
		Message string
	}
}

// needsNode skips a test where Node.js or its packages are missing.
func needsNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node")
	}
	if _, err := os.Stat(filepath.Join("js", "node_modules", "es9")); err != nil {
		t.Skip("the JavaScript clients are not installed: npm ci in js does it")
	}
}

// node runs a JavaScript client.
func node(t *testing.T, s *target, at, client string, j job) said {
	t.Helper()
	needsNode(t)
	all := job{"client": client, "node": at, "index": index, "auth": apiKey(s, client)}
	for k, v := range j {
		all[k] = v
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "client.mjs", string(text))
	cmd.Dir = "js"
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v: %s", err, stderr.String())
	}
	var got said
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return got
}

// apiKey is how a client takes a key: OpenSearch's knows no API keys.
func apiKey(s *target, client string) job {
	if client == "os3" {
		return job{"username": s.secret.ID, "password": s.secret.Text}
	}
	return job{"apiKey": s.secret.Encoded()}
}

func eachJS(t *testing.T, clients string, do func(t *testing.T, name string)) {
	t.Helper()
	needsNode(t)
	for _, name := range strings.Fields(clients) {
		t.Run(name, func(t *testing.T) { do(t, name) })
	}
}

// Tests 4 and 8: bulk and the helper, with and without gzip; OpenSearch's client sends
// PUT when it is given an index.
func TestJSStoresAll(t *testing.T) {
	const many = 5000
	eachJS(t, "es8 es9 os3", func(t *testing.T, name string) {
		for _, j := range []job{
			{"mode": "bulk"},
			{"mode": "bulk", "ownIndex": true},
			{"mode": "helper", "refresh": true},
			{"mode": "bulk", "options": job{"compression": compression(name)}},
		} {
			if name == "os3" && j["mode"] == "helper" {
				j["refresh"] = index
			}
			s := start(t)
			j["from"], j["to"] = 0, many
			got := node(t, s, s.url(), name, j)
			if j["mode"] == "helper" && name == "os3" {
				if got.Stats == nil || got.Stats.Successful != many || got.Stats.Failed != 0 {
					t.Errorf("%v: %+v", j, got.Stats)
				}
			} else if len(got.Acked) != many {
				t.Errorf("%v: %d acknowledged, %d failed, %v", j, len(got.Acked), len(got.Failed), got.Fatal)
			}
			if docs := s.stored(); len(docs) != many {
				t.Errorf("%v: %d are stored", j, len(docs))
			}
		}
	})
}

func compression(client string) any {
	if client == "os3" {
		return "gzip"
	}
	return true
}

// Test 4: credentials, right and wrong.
func TestJSCredentials(t *testing.T) {
	eachJS(t, "es8 es9", func(t *testing.T, name string) {
		s := start(t)
		bulk := []any{[]any{"bulk", job{"operations": []any{job{"create": job{"_index": index}}, job{"a": 1}}}}}
		for what, auth := range map[string]any{
			"ApiKey": job{"apiKey": s.secret.Encoded()},
			"id":     job{"apiKey": job{"id": s.secret.ID, "api_key": s.secret.Text}},
			"Basic":  job{"username": s.secret.ID, "password": s.secret.Text},
			"Bearer": job{"bearer": s.secret.Encoded()},
		} {
			got := node(t, s, s.url(), name, job{"mode": "calls", "auth": auth, "calls": bulk}).Answers[0]
			if !strings.Contains(string(got.OK), `"errors":false`) {
				t.Errorf("%s: %+v", what, got)
			}
		}
		for what, auth := range map[string]any{
			"ApiKey": job{"apiKey": "d3Jvbmc6a2V5"},
			"Basic":  job{"username": s.secret.ID, "password": "wrong"},
			"Bearer": job{"bearer": "wrong"},
			"none":   nil,
		} {
			got := node(t, s, s.url(), name, job{"mode": "calls", "auth": auth, "calls": bulk}).Answers[0]
			if got.Error != "ResponseError" || got.Status != 401 || got.Type != "security_exception" {
				t.Errorf("wrong %s: %+v", what, got)
			}
		}
	})
}

// Test 3, and the calls of single documents.
func TestJSCalls(t *testing.T) {
	eachJS(t, "es8 es9 os3", func(t *testing.T, name string) {
		s := start(t)
		doc := func(params job, source any) job {
			key := "document"
			if name == "os3" {
				key = "body"
			}
			params["index"], params[key] = index, source
			return params
		}
		operations := []any{
			job{"create": job{"_index": index, "_id": "1"}},
			job{"n": 1},
			job{"create": job{"_index": index, "_id": "2"}},
			job{"n": 2},
		}
		bulk := job{"operations": operations}
		if name == "os3" {
			bulk = job{"body": operations}
		}
		got := node(t, s, s.url(), name, job{"mode": "calls", "calls": []any{
			[]any{"index", doc(job{"id": "1"}, job{"n": 1})},
			[]any{"index", doc(job{}, job{"n": 3})},
			[]any{"create", doc(job{"id": "3"}, job{"n": 4})},
			[]any{"create", doc(job{"id": "3"}, job{"n": 4})},
			[]any{"bulk", bulk},
			[]any{"get", job{"index": index, "id": "2"}},
			[]any{"get", job{"index": index, "id": "none"}},
			[]any{"exists", job{"index": index, "id": "2"}},
			[]any{"ping", job{}},
			[]any{"info", job{}},
			[]any{"indices.exists", job{"index": index}},
			[]any{"indices.create", job{"index": "logs-new-default"}},
			[]any{"indices.putIndexTemplate", templateOf(name)},
			[]any{"cluster.health", job{}},
		}})
		for i, want := range []string{
			`"result":"created"`, `"result":"created"`, `"result":"created"`, "409 version_conflict_engine_exception", `"errors":true`,
			`"_source":{"n":2`, "404 ", "true", "true", `"cluster_name":"tripline"`, "true", `"acknowledged":true`, `"acknowledged":true`, `"status":"green"`,
		} {
			a := got.Answers[i]
			text := string(a.OK)
			if a.Error != "" {
				text = why(a.Status, a.Type, nil)
			}
			if !strings.Contains(text, want) {
				t.Errorf("call %d: want %s, got %s %s", i, want, text, a.Message)
			}
		}
		if count := byID(s.stored()); count["1"] != 1 || count["2"] != 1 || count["3"] != 1 || len(count) != 4 {
			t.Errorf("stored: %v", count)
		}
	})
}

func templateOf(client string) job {
	if client == "os3" {
		return job{"name": "t", "body": job{"index_patterns": []string{"x-*"}}}
	}
	return job{"name": "t", "index_patterns": []string{"x-*"}}
}

// Sniffing clients replace the address that they were given by the one that they are
// told.
func TestJSSniffs(t *testing.T) {
	eachJS(t, "es8 es9 os3", func(t *testing.T, name string) {
		s := start(t)
		got := node(t, s, s.url(), name, job{"mode": "bulk", "from": 0, "to": 1000, "options": job{"sniffOnStart": true, "sniffInterval": 1}})
		if len(got.Acked) != 1000 || len(s.stored()) != 1000 {
			t.Errorf("%d acknowledged, %v", len(got.Acked), got.Fatal)
		}
	})
}

// Tests 9 and 10.
func TestJSIsHeldAndRefused(t *testing.T) {
	const many = 5000
	eachJS(t, "es8 es9 os3", func(t *testing.T, name string) {
		s := start(t)
		s.full(3 * time.Second)
		if got := node(t, s, s.url(), name, job{"mode": "bulk", "from": 0, "to": many}); len(got.Acked) != many || len(got.Fatal) > 0 || len(s.stored()) != many {
			t.Errorf("held: %d acknowledged, %v", len(got.Acked), got.Fatal)
		}
		s = start(t, "-hold", "300ms", "-refuse-429")
		s.full(time.Hour)
		got := node(t, s, s.url(), name, job{"mode": "bulk", "from": 0, "to": 100})
		if len(got.Acked) != 0 || len(got.Fatal) != 1 || !strings.Contains(got.Fatal[0], "ResponseError 429") || len(s.stored()) != 0 {
			t.Errorf("429: %d acknowledged, %v", len(got.Acked), got.Fatal)
		}
		s = start(t, "-hold", "1s")
		s.full(3 * time.Second)
		if got := node(t, s, s.url(), name, job{"mode": "bulk", "from": 0, "to": 100}); len(got.Acked) != 100 || len(s.stored()) != 100 {
			t.Errorf("what loses least: %d acknowledged, %v", len(got.Acked), got.Fatal)
		}
	})
}
