package sink

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// bulkServer is an Elasticsearch as far as _bulk goes: it keeps what is created, once,
// and fails as it is told.
type bulkServer struct {
	mu       sync.Mutex
	docs     map[string]string // index/id: document
	again    int               // creates of what was there
	requests []*http.Request
	before   func(w http.ResponseWriter, r *http.Request, docs int) bool // true: answered
	item     func(id string) (int, string)                               // an error of one document
	after    func(w http.ResponseWriter) bool                            // true: it is stored, and the answer is lost
}

type bulkLine struct {
	index, id, doc string
}

// stored returns what was created: index/id to document.
func (s *bulkServer) stored() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.docs)
}

func (s *bulkServer) handler(t *testing.T) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		lines, err := readBulk(r)
		if err != nil {
			return // the client has gone
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = append(s.requests, r)
		if s.before != nil && s.before(w, r, len(lines)) {
			return
		}
		var answers []string
		failed := false
		for _, line := range lines {
			status, problem := 201, ""
			key := line.index + "/" + line.id
			if s.item != nil {
				if code, text := s.item(line.id); code != 0 {
					status, problem = code, text
				}
			}
			if problem == "" && s.docs[key] != "" {
				status, problem = 409, "version_conflict_engine_exception"
				s.again++
			}
			if problem == "" {
				s.docs[key] = line.doc
				answers = append(answers, fmt.Sprintf(`{"create":{"_index":%q,"_id":%q,"status":%d}}`, line.index, line.id, status))
				continue
			}
			failed = true
			answers = append(answers, fmt.Sprintf(`{"create":{"_index":%q,"_id":%q,"status":%d,"error":{"type":%q,"reason":"because"}}}`, line.index, line.id, status, problem))
		}
		if s.after != nil && s.after(w) {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, err = fmt.Fprintf(w, `{"took":1,"errors":%v,"items":[%s]}`, failed, strings.Join(answers, ","))
		if err != nil {
			t.Log(err)
		}
	}
}

func readBulk(r *http.Request) ([]bulkLine, error) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		body = z
	}
	var lines []bulkLine
	scanner := bufio.NewScanner(body)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var action struct {
			Create struct {
				Index string `json:"_index"`
				ID    string `json:"_id"`
			} `json:"create"`
		}
		if err := json.Unmarshal(scanner.Bytes(), &action); err != nil {
			return nil, err
		}
		if !scanner.Scan() {
			return nil, io.ErrUnexpectedEOF
		}
		lines = append(lines, bulkLine{action.Create.Index, action.Create.ID, scanner.Text()})
	}
	return lines, scanner.Err()
}

func newForward(t *testing.T, opts ForwardOptions) *Forward {
	t.Helper()
	f, err := NewForward(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// What goes over the wire.
func TestForwardRequest(t *testing.T) {
	for text, want := range map[string]string{"id:secret\n": "ApiKey aWQ6c2VjcmV0", "aWQ6c2VjcmV0": "ApiKey aWQ6c2VjcmV0"} {
		s := &bulkServer{docs: map[string]string{}}
		server := serve(t, s.handler(t))
		f := newForward(t, ForwardOptions{URLs: []string{server.URL + "/"}, KeyFile: write(t, text), Host: "edge 7", Agent: "tripline/test"})
		event := Item{ID: "e1", Index: "logs-endpoint.events.process-default", Doc: []byte("{\"event\":{\"id\":\"e1\"}}")}
		plain := sample(2)
		plain.Blocks = nil
		outcomes, err := f.Deliver(t.Context(), []Item{sample(1), plain, event})
		if err != nil || verdicts(outcomes) != "taken taken taken" {
			t.Fatalf("%v, %v", outcomes, err)
		}
		r := s.requests[0]
		for name, want := range map[string]string{
			"Authorization": want, "Content-Type": "application/x-ndjson", "Content-Encoding": "gzip", "X-Opaque-Id": "tripline:edge7", "User-Agent": "tripline/test",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if r.URL.Path != "/_bulk" || len(s.requests) != 1 {
			t.Errorf("%s, %d requests", r.URL.Path, len(s.requests))
		}
		alerts := AlertsIndex + "/"
		wantDocs := []string{alerts + sample(1).ID, alerts + blockID(sample(1).Blocks[0], "", 0), alerts + blockID(sample(1).Blocks[1], "", 0), alerts + sample(2).ID, event.Index + "/e1"}
		slices.Sort(wantDocs)
		if got := slices.Sorted(maps.Keys(s.stored())); !slices.Equal(got, wantDocs) {
			t.Errorf("stored %q", got)
		}
		if s.stored()[alerts+sample(1).ID] != string(sample(1).Doc) {
			t.Error("the document is another one")
		}
	}
	s := &bulkServer{docs: map[string]string{}}
	server := serve(t, s.handler(t))
	f := newForward(t, ForwardOptions{URLs: []string{server.URL}, UserFile: write(t, "elastic:pass:word"), Plain: true, Index: "my-alerts"})
	if _, err := f.Deliver(t.Context(), samples(1)); err != nil {
		t.Fatal(err)
	}
	if user, password, _ := s.requests[0].BasicAuth(); user != "elastic" || password != "pass:word" || s.stored()["my-alerts/"+sample(1).ID] == "" {
		t.Errorf("%s %s, %v", user, password, slices.Collect(maps.Keys(s.stored())))
	}
}

// Each document stands for itself.
func TestForwardItems(t *testing.T) {
	s := &bulkServer{docs: map[string]string{AlertsIndex + "/" + sample(1).ID: "there"}}
	kinds := map[string]int{sample(2).ID: 429, sample(3).ID: 503, sample(4).ID: 400, sample(5).ID: 403, sample(6).ID: 404, sample(7).ID: 413}
	s.item = func(id string) (int, string) { return kinds[id], "x_exception" }
	server := serve(t, s.handler(t))
	list := samples(8)
	for i := range list {
		list[i].Blocks = nil
	}
	outcomes, err := newForward(t, ForwardOptions{URLs: []string{server.URL}}).Deliver(t.Context(), list)
	if got := verdicts(outcomes); err != nil || got != "taken again again refused again again refused taken" {
		t.Errorf("%s, %v", got, err)
	}
	if outcomes[3].Reason != "400 x_exception: because" {
		t.Errorf("reason %q", outcomes[3].Reason)
	}
	// An alert is as well off as the worst of its parts.
	one := sample(20)
	s.item = func(id string) (int, string) {
		if id == blockID(one.Blocks[1], "", 0) {
			return 429, "busy"
		}
		return 0, ""
	}
	if outcomes, err = newForward(t, ForwardOptions{URLs: []string{server.URL}}).Deliver(t.Context(), []Item{one}); err != nil || verdicts(outcomes) != "again" {
		t.Errorf("%v, %v", outcomes, err)
	}
}

// What a whole answer means.
func TestForwardWhole(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, docs int)
		want   string
	}{
		"429":      {func(w http.ResponseWriter, _ int) { w.Header().Set("Retry-After", "3"); w.WriteHeader(429) }, "down"},
		"503":      {func(w http.ResponseWriter, _ int) { w.WriteHeader(503) }, "down"},
		"500":      {func(w http.ResponseWriter, _ int) { w.WriteHeader(500) }, "down"},
		"401":      {func(w http.ResponseWriter, _ int) { w.WriteHeader(401) }, "down"},
		"404":      {func(w http.ResponseWriter, _ int) { w.WriteHeader(404) }, "down"},
		"redirect": {func(w http.ResponseWriter, _ int) { w.Header().Set("Location", "/x"); w.WriteHeader(302) }, "down"},
		"no JSON":  {func(w http.ResponseWriter, _ int) { _, _ = io.WriteString(w, "ok") }, "down"},
		"an item too few": {func(w http.ResponseWriter, _ int) {
			_, _ = io.WriteString(w, `{"errors":false,"items":[{"create":{"status":201}}]}`)
		}, "down"},
		"nothing of items": {func(w http.ResponseWriter, _ int) { _, _ = io.WriteString(w, `{"errors":false}`) }, "down"},
		"400":              {func(w http.ResponseWriter, _ int) { w.WriteHeader(400) }, "refused refused refused refused"},
	} {
		s := &bulkServer{docs: map[string]string{}}
		s.before = func(w http.ResponseWriter, _ *http.Request, docs int) bool { c.answer(w, docs); return true }
		server := serve(t, s.handler(t))
		list := samples(4)
		outcomes, err := newForward(t, ForwardOptions{URLs: []string{server.URL}}).Deliver(t.Context(), list)
		got := verdicts(outcomes)
		if err != nil {
			if got != "again again again again" {
				t.Errorf("%s: %s", name, got)
			}
			got = "down"
		}
		if got != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
}

// A document that the receiver can not even read is found by halving, and the others
// get through; one at which it breaks off too.
func TestForwardFindsTheOneAtFault(t *testing.T) {
	for name, fail := range map[string]func(w http.ResponseWriter){
		"400": func(w http.ResponseWriter) { w.WriteHeader(400) },
		"413": func(w http.ResponseWriter) { w.WriteHeader(413) },
		"broken off": func(w http.ResponseWriter) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		},
		"500": func(w http.ResponseWriter) { w.WriteHeader(500) },
	} {
		s := &bulkServer{docs: map[string]string{}}
		bad := sample(17).ID
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), bad) {
				fail(w)
				return
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			s.handler(t)(w, r)
		})
		box := NewMemory()
		box.Add(samples(50)...)
		opts := quick()
		opts.PassedOver = 2
		f := newForward(t, ForwardOptions{URLs: []string{server.URL}, Plain: true})
		d, stop := start(t, f, box, opts)
		// One that breaks the connection counts only while others get through.
		for n := 51; len(box.DeadLetters()) == 0; n++ {
			box.Add(sample(n))
			select {
			case <-t.Context().Done():
				t.Fatal("no dead letter in time")
			case <-time.After(2 * time.Millisecond):
			}
		}
		stop()
		for i := range 50 {
			id := sample(i + 1).ID
			if there := s.stored()[AlertsIndex+"/"+id] != ""; there == (id == bad) {
				t.Errorf("%s: alert %d stored: %v; %+v", name, i+1, there, d.Status(t.Context()))
			}
		}
		if dead := box.DeadLetters(); len(dead) != 1 || dead[0].Item.ID != bad {
			t.Errorf("%s: dead letters %+v", name, dead)
		}
	}
}

// Whatever fails, in the end each document is there, once.
func TestForwardThroughFailures(t *testing.T) {
	for seed := range uint64(3) {
		dice := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test
		s := &bulkServer{docs: map[string]string{}}
		calm := 0
		s.before = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if calm++; calm > 60 {
				return false
			}
			switch dice.IntN(6) {
			case 0:
				w.WriteHeader(429)
			case 1:
				w.WriteHeader(502)
			case 2:
				if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
					_ = conn.Close()
				}
			default:
				return false
			}
			return true
		}
		s.item = func(string) (int, string) {
			if calm <= 60 && dice.IntN(5) == 0 {
				return []int{429, 503}[dice.IntN(2)], "busy"
			}
			return 0, ""
		}
		s.after = func(w http.ResponseWriter) bool {
			if calm > 60 || dice.IntN(4) > 0 {
				return false
			}
			conn, buf, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"took\":1,\"errors\":false,\"items\":[")
				_ = buf.Flush()
				_ = conn.Close()
			}
			return true
		}
		server := serve(t, s.handler(t))
		box := NewMemory()
		box.Add(samples(100)...)
		opts := quick()
		opts.PassedOver, opts.Batch = 1000, 30
		status := deliverAll(t, newForward(t, ForwardOptions{URLs: []string{server.URL}}), box, opts)
		if len(s.stored()) != 300 || status.Delivered != 100 || status.Dead != 0 {
			t.Errorf("seed %d: %d documents stored, %+v", seed, len(s.stored()), status)
		}
	}
}

// A second address stands in for the first.
func TestForwardNextAddress(t *testing.T) {
	s := &bulkServer{docs: map[string]string{}}
	server := serve(t, s.handler(t))
	gone := serve(t, func(http.ResponseWriter, *http.Request) {})
	gone.Close()
	box := NewMemory()
	box.Add(samples(3)...)
	deliverAll(t, newForward(t, ForwardOptions{URLs: []string{gone.URL, server.URL}}), box, quick())
	if len(s.stored()) != 9 {
		t.Errorf("%d documents", len(s.stored()))
	}
}

// Two hosts that saw the same line do not take each other's alert for their own.
func TestForwardTellsHostsApart(t *testing.T) {
	hash := strings.Repeat("ab", 32)
	line := `{"message":"session closed"}`
	byHash := Item{ID: strings.Repeat("cd", 32), Doc: []byte(`{"kibana.alert.uuid":"x","kibana.alert.ancestors":[{"id":"` + hash + `","type":"event","index":"i","depth":0}],` +
		`"tripline.events":[{"_index":"i","_id":"` + hash + `","stage":1,"_source":` + line + `}]}`)}
	named := Item{ID: strings.Repeat("ef", 32), Doc: []byte(`{"kibana.alert.uuid":"y","kibana.alert.ancestors":[{"id":"` + hash + `","type":"event","index":"i","depth":0}],` +
		`"tripline.events":[{"_index":"i","_id":"` + hash + `","stage":1,"_source":{"event":{"id":"` + hash + `"}}}]}`)}
	list := []Item{
		byHash, named, sample(1),
		{ID: hash, Index: "logs-a-default", Doc: []byte(line)},
		{ID: hash, Index: "logs-b-default", Doc: []byte(`{"event.id":"` + hash + `"}`)},
		{ID: "plain", Index: "logs-c-default", Doc: []byte(line)},
	}
	s := &bulkServer{docs: map[string]string{}}
	server := serve(t, s.handler(t))
	for _, host := range []string{"web-01", "web-02"} {
		outcomes, err := newForward(t, ForwardOptions{URLs: []string{server.URL}, Host: host}).Deliver(t.Context(), list)
		if err != nil || strings.Contains(verdicts(outcomes), "again") {
			t.Fatalf("%v, %v", outcomes, err)
		}
	}
	want := []string{
		AlertsIndex + "/web-01:" + byHash.ID, AlertsIndex + "/web-02:" + byHash.ID, AlertsIndex + "/" + named.ID,
		"logs-a-default/web-01:" + hash, "logs-a-default/web-02:" + hash, "logs-b-default/" + hash, "logs-c-default/plain",
	}
	for _, key := range want {
		if s.stored()[key] == "" {
			t.Errorf("%s is not there", key)
		}
	}
	if n := len(want) + 3; len(s.stored()) != n {
		t.Errorf("%d documents, want %d", len(s.stored()), n)
	}
}

func TestForwardOptions(t *testing.T) {
	for name, opts := range map[string]ForwardOptions{
		"no url": {}, "no scheme": {URLs: []string{"localhost:9200"}}, "two credentials": {URLs: []string{"http://x"}, KeyFile: "a", UserFile: "b"},
	} {
		if _, err := NewForward(opts); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	f := newForward(t, ForwardOptions{URLs: []string{"http://127.0.0.1:1"}, UserFile: write(t, "nobody")})
	if _, err := f.Deliver(t.Context(), samples(1)); err == nil || !strings.Contains(err.Error(), "user:password") {
		t.Errorf("%v", err)
	}
}
