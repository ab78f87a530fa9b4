package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/valyala/fastjson"
)

// benchBody is a bulk of 1,000 events of the size that Elastic Defend sends.
func benchBody() []byte {
	var b bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&b, `{"create":{"_index":"logs-endpoint.events.process-default","_id":"Nq%018d"}}`+"\n", i)
		fmt.Fprintf(&b, `{"@timestamp":"2026-02-03T09:14:%02d.%06dZ","agent":{"id":"3f0c8b3a-1111-4222-8333-944455556666","type":"endpoint","version":"9.2.0"},`+
			`"data_stream":{"type":"logs","dataset":"endpoint.events.process","namespace":"default"},"ecs":{"version":"8.10.0"},`+
			`"event":{"action":"exec","category":["process"],"created":"2026-02-03T09:14:00.000000Z","id":"Nq%018d","kind":"event","module":"endpoint","sequence":%d,"type":["start"]},`+
			`"host":{"architecture":"x86_64","hostname":"web-%d","id":"1d1d1d1d1d1d1d1d","ip":["10.1.2.3","fe80::1"],"name":"web-%d","os":{"family":"debian","kernel":"6.1.0","name":"Linux","type":"linux","version":"12"}},`+
			`"process":{"args":["bash","-c","cat /etc/passwd | grep root \"quoted\""],"args_count":3,"command_line":"bash -c cat /etc/passwd","entity_id":"ZTlmMWE%d","executable":"/usr/bin/bash","name":"bash","pid":%d,`+
			`"parent":{"entity_id":"cGFyZW50%d","executable":"/usr/sbin/sshd","name":"sshd","pid":%d}},"user":{"id":"0","name":"root"}}`+"\n",
			i%60, i, i, i, i%7, i%7, i, 1000+i, i, 500+i)
	}
	return b.Bytes()
}

// takesAll is an Appender that keeps nothing.
type takesAll struct{}

func (takesAll) Append(_ context.Context, docs []Doc) ([]Result, error) {
	results := make([]Result, len(docs))
	for i := range docs {
		results[i] = Result{ID: docs[i].ID, Arrival: uint64(i)} //nolint:gosec // a count
	}
	return results, nil
}

func BenchmarkBulk(b *testing.B) {
	s, err := New(Config{Appender: takesAll{}})
	if err != nil {
		b.Fatal(err)
	}
	body := benchBody()
	handlers := []struct {
		name string
		http.Handler
	}{
		{"server", s.Handler(Local)},
		{"fastjson", http.HandlerFunc(parseOnly)},
	}
	for _, h := range handlers {
		b.Run(h.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/_bulk", bytes.NewReader(body))
				w := &discard{header: http.Header{}}
				if h.ServeHTTP(w, r); w.status != http.StatusOK {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// parseOnly is the least that a handler can do: read, split, and parse each line.
func parseOnly(w http.ResponseWriter, r *http.Request) {
	var p fastjson.Parser
	body, err := io.ReadAll(r.Body)
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if len(line) > 0 && err == nil {
			_, err = p.ParseBytes(line)
		}
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
