package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/server/servertest"
)

// house is a server over an in-memory store, asked without a network.
type house struct {
	t       *testing.T
	store   *servertest.Store
	server  *server.Server
	handler http.Handler
}

// open makes a house; change may change its configuration.
func open(t *testing.T, change func(*server.Config)) *house {
	t.Helper()
	store := servertest.New(nil)
	cfg := server.Config{Appender: store, Finder: store, Version: "v1.2.3"}
	if change != nil {
		change(&cfg)
	}
	s, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &house{t: t, store: store, server: s, handler: s.Handler(server.Local)}
}

// reply is an answer.
type reply struct {
	code    int
	body    string
	header  http.Header
	aborted bool // the connection was closed with no answer
}

// ask sends a request; headers are `Name: value`.
func (h *house) ask(method, target, body string, headers ...string) reply {
	h.t.Helper()
	r := httptest.NewRequest(method, "http://tripline.test:9200/", strings.NewReader(body))
	return h.send(r, target, headers...)
}

func (h *house) send(r *http.Request, target string, headers ...string) (got reply) {
	h.t.Helper()
	path, query, _ := strings.Cut(target, "?")
	u, err := url.Parse("http://tripline.test:9200" + path) // which leaves dots alone
	if err != nil {
		h.t.Fatal(err)
	}
	u.RawQuery = query
	r.URL = u
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	defer func() {
		if err := recover(); err != nil {
			if err != any(http.ErrAbortHandler) { //nolint:errorlint // net/http compares so too
				panic(err)
			}
			got = reply{aborted: true}
		}
	}()
	h.handler.ServeHTTP(w, r)
	if w.Header().Get("X-Elastic-Product") != "Elasticsearch" {
		h.t.Errorf("%s %s: no product header", r.Method, target)
	}
	body := w.Body.Bytes()
	if kind := w.Header().Get("Content-Type"); strings.Contains(kind, "json") && w.Header().Get("Content-Encoding") == "" && !json.Valid(body) {
		h.t.Errorf("%s %s: not JSON: %s", r.Method, target, body)
	}
	return reply{code: w.Code, body: string(body), header: w.Header()}
}

// bulk posts a bulk.
func (h *house) bulk(lines ...string) reply {
	h.t.Helper()
	return h.ask("POST", "/_bulk", strings.Join(lines, "\n")+"\n", "Content-Type: application/x-ndjson")
}

// sources returns the bytes of what is stored, in order.
func (h *house) sources() []string {
	var all []string
	for _, d := range h.store.Docs() {
		all = append(all, d.Raw)
	}
	return all
}

// items are those of an answer to a bulk.
type items []struct {
	action string
	Index  string `json:"_index"`
	ID     string `json:"_id"`
	Status int    `json:"status"`
	Result string `json:"result"`
	Error  *struct {
		Type, Reason string
	} `json:"error"`
}

// itemsOf reads the answer to a bulk that was understood.
func itemsOf(t *testing.T, got reply) (errors bool, all items) {
	t.Helper()
	if got.code != http.StatusOK {
		t.Fatalf("status %d: %s", got.code, got.body)
	}
	var answer struct {
		Errors bool
		Items  []map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		t.Fatal(err)
	}
	all = make(items, len(answer.Items))
	for i, one := range answer.Items {
		if len(one) != 1 {
			t.Errorf("an item of %d actions", len(one))
		}
		for action, raw := range one {
			if err := json.Unmarshal(raw, &all[i]); err != nil {
				t.Fatal(err)
			}
			all[i].action = action
		}
	}
	return answer.Errors, all
}

// errorOf reads an error body as clients do.
func errorOf(t *testing.T, got reply) (kind, reason string) {
	t.Helper()
	var body struct {
		Error struct {
			RootCause    []struct{ Type, Reason string } `json:"root_cause"`
			Type, Reason string
		}
		Status int
	}
	d := json.NewDecoder(strings.NewReader(got.body))
	if err := d.Decode(&body); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if body.Status != got.code || len(body.Error.RootCause) != 1 || body.Error.RootCause[0].Type != body.Error.Type ||
		body.Error.RootCause[0].Reason != body.Error.Reason {
		t.Errorf("status %d, error body %s", got.code, got.body)
	}
	return body.Error.Type, body.Error.Reason
}

// one is a body of one byte a read, with no length.
type one struct{ from io.Reader }

func (o one) Read(b []byte) (int, error) { return o.from.Read(b[:min(1, len(b))]) }

func chunked(text string) io.Reader { return one{bytes.NewReader([]byte(text))} }
