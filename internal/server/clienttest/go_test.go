package clienttest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	es8 "github.com/elastic/go-elasticsearch/v8"
	es8util "github.com/elastic/go-elasticsearch/v8/esutil"
	es9 "github.com/elastic/go-elasticsearch/v9"
	es9util "github.com/elastic/go-elasticsearch/v9/esutil"
	os4 "github.com/opensearch-project/opensearch-go/v4"
	os4api "github.com/opensearch-project/opensearch-go/v4/opensearchapi"
	os4util "github.com/opensearch-project/opensearch-go/v4/opensearchutil"
)

// options are the settings of a Go client that a test changes; the rest is as it
// comes.
type options struct {
	compress bool
	compat   bool
	retryOn  []int
	patient  bool   // tries again ten times, with a pause that doubles
	action   string // "" = create
	alone    bool   // one worker, so that one request fails
	pace     func(n int)
}

// sums is the statistics that all bulk indexers keep.
type sums struct {
	created, indexed, failed, flushed uint64
	fatal                             []string // what OnError said
}

// sender sends documents of a client, from one number up to another, and says what
// the client said.
type sender func(t *testing.T, at string, s *target, o options, from, to int) (*outcome, sums)

func patience(attempt int) time.Duration { return min(time.Second, 50*time.Millisecond<<attempt) }

// report gathers what callbacks tell.
type report struct {
	mu  sync.Mutex
	got *outcome
	sum sums
}

func (r *report) ok(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got.acked[id] = true
}

func (r *report) bad(id, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got.failed[id] = why
}

func (r *report) fatal(_ context.Context, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.fatal = append(r.sum.fatal, err.Error())
}

func why(status int, kind string, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(status, " ", kind)
}

func workersOf(o options) int {
	if o.alone {
		return 1
	}
	return 4
}

func sendGo8(t *testing.T, at string, s *target, o options, from, to int) (*outcome, sums) {
	t.Helper()
	cfg := es8.Config{
		Addresses: []string{at}, APIKey: s.secret.Encoded(), CompressRequestBody: o.compress, EnableCompatibilityMode: o.compat, RetryOnStatus: o.retryOn,
	}
	if o.patient {
		cfg.MaxRetries, cfg.RetryBackoff = 10, patience
	}
	client, err := es8.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &report{got: newOutcome()}
	indexer, err := es8util.NewBulkIndexer(es8util.BulkIndexerConfig{Client: client, Index: index, NumWorkers: workersOf(o), FlushBytes: 200_000, OnError: r.fatal})
	if err != nil {
		t.Fatal(err)
	}
	for n := from; n < to; n++ {
		id := idOf("go8", n)
		item := es8util.BulkIndexerItem{
			Action: action(o), DocumentID: id, Body: strings.NewReader(sourceOf("go8", n)),
			OnSuccess: func(context.Context, es8util.BulkIndexerItem, es8util.BulkIndexerResponseItem) { r.ok(id) },
			OnFailure: func(_ context.Context, _ es8util.BulkIndexerItem, i es8util.BulkIndexerResponseItem, err error) {
				r.bad(id, why(i.Status, i.Error.Type, err))
			},
		}
		if o.pace != nil {
			o.pace(n)
		}
		if err := indexer.Add(t.Context(), item); err != nil {
			t.Fatal(err)
		}
	}
	_ = indexer.Close(context.Background()) // what failed is told above
	stats := indexer.Stats()
	r.sum.created, r.sum.indexed, r.sum.failed, r.sum.flushed = stats.NumCreated, stats.NumIndexed, stats.NumFailed, stats.NumFlushed
	return r.got, r.sum
}

func sendGo9(t *testing.T, at string, s *target, o options, from, to int) (*outcome, sums) {
	t.Helper()
	cfg := es9.Config{
		Addresses: []string{at}, APIKey: s.secret.Encoded(), CompressRequestBody: o.compress, EnableCompatibilityMode: o.compat, RetryOnStatus: o.retryOn,
	}
	if o.patient {
		cfg.MaxRetries, cfg.RetryBackoff = 10, patience
	}
	client, err := es9.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := &report{got: newOutcome()}
	indexer, err := es9util.NewBulkIndexer(es9util.BulkIndexerConfig{Client: client, Index: index, NumWorkers: workersOf(o), FlushBytes: 200_000, OnError: r.fatal})
	if err != nil {
		t.Fatal(err)
	}
	for n := from; n < to; n++ {
		id := idOf("go9", n)
		item := es9util.BulkIndexerItem{
			Action: action(o), DocumentID: id, Body: strings.NewReader(sourceOf("go9", n)),
			OnSuccess: func(context.Context, es9util.BulkIndexerItem, es9util.BulkIndexerResponseItem) { r.ok(id) },
			OnFailure: func(_ context.Context, _ es9util.BulkIndexerItem, i es9util.BulkIndexerResponseItem, err error) {
				r.bad(id, why(i.Status, i.Error.Type, err))
			},
		}
		if o.pace != nil {
			o.pace(n)
		}
		if err := indexer.Add(t.Context(), item); err != nil {
			t.Fatal(err)
		}
	}
	_ = indexer.Close(context.Background())
	stats := indexer.Stats()
	r.sum.created, r.sum.indexed, r.sum.failed, r.sum.flushed = stats.NumCreated, stats.NumIndexed, stats.NumFailed, stats.NumFlushed
	return r.got, r.sum
}

func sendOpenSearchGo(t *testing.T, at string, s *target, o options, from, to int) (*outcome, sums) {
	t.Helper()
	cfg := os4.Config{Addresses: []string{at}, Username: s.secret.ID, Password: s.secret.Text, CompressRequestBody: o.compress, RetryOnStatus: o.retryOn}
	if o.patient {
		cfg.MaxRetries, cfg.RetryBackoff = 10, patience
	}
	client, err := os4api.NewClient(os4api.Config{Client: cfg})
	if err != nil {
		t.Fatal(err)
	}
	r := &report{got: newOutcome()}
	indexer, err := os4util.NewBulkIndexer(os4util.BulkIndexerConfig{Client: client, Index: index, NumWorkers: workersOf(o), FlushBytes: 200_000, OnError: r.fatal})
	if err != nil {
		t.Fatal(err)
	}
	for n := from; n < to; n++ {
		id := idOf("osgo", n)
		item := os4util.BulkIndexerItem{
			Action: action(o), DocumentID: id, Body: strings.NewReader(sourceOf("osgo", n)),
			OnSuccess: func(context.Context, os4util.BulkIndexerItem, os4api.BulkRespItem) { r.ok(id) },
			OnFailure: func(_ context.Context, _ os4util.BulkIndexerItem, i os4api.BulkRespItem, err error) {
				kind := ""
				if i.Error != nil {
					kind = i.Error.Type
				}
				r.bad(id, why(i.Status, kind, err))
			},
		}
		if o.pace != nil {
			o.pace(n)
		}
		if err := indexer.Add(t.Context(), item); err != nil {
			t.Fatal(err)
		}
	}
	_ = indexer.Close(context.Background())
	stats := indexer.Stats()
	r.sum.created, r.sum.indexed, r.sum.failed, r.sum.flushed = stats.NumCreated, stats.NumIndexed, stats.NumFailed, stats.NumFlushed
	return r.got, r.sum
}

func action(o options) string {
	if o.action == "" {
		return "create"
	}
	return o.action
}

// goSenders are the Go clients, by the names of their documents.
var goSenders = map[string]sender{"go8": sendGo8, "go9": sendGo9, "osgo": sendOpenSearchGo}

func eachGo(t *testing.T, do func(t *testing.T, name string, send sender)) {
	t.Helper()
	for _, name := range []string{"go8", "go9", "osgo"} {
		t.Run(name, func(t *testing.T) { do(t, name, goSenders[name]) })
	}
}

// Tests 1 and 8: all documents are stored, and the client knows it.
func TestGoStoresAll(t *testing.T) {
	const many = 10_000
	eachGo(t, func(t *testing.T, name string, send sender) {
		for _, o := range []options{{}, {compress: true}, {compat: true}, {compress: true, compat: true, action: "index"}} {
			s := start(t)
			got, sum := send(t, s.url(), s, o, 0, many)
			if sum.created+sum.indexed != many || sum.failed != 0 || len(got.acked) != many || len(sum.fatal) > 0 {
				t.Errorf("%s %+v: %+v", name, o, sum)
			}
			if docs := s.stored(); len(docs) != many {
				t.Errorf("%s %+v: %d are stored", name, o, len(docs))
			}
		}
	})
}

// Test 2: without the product header Elastic's clients take a success for a failure.
// This shows that the first test can fail.
func TestGoWithoutProductHeader(t *testing.T) {
	s := start(t)
	to, err := url.Parse(s.url())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error { r.Header.Del("X-Elastic-Product"); return nil },
	}
	front := httptest.NewServer(proxy)
	defer front.Close()
	for name, send := range map[string]sender{"go8": sendGo8, "go9": sendGo9} {
		got, sum := send(t, front.URL, s, options{}, 0, 1000)
		if sum.failed != 1000 || len(got.acked) != 0 {
			t.Errorf("%s: %+v", name, sum)
		}
	}
	if docs := s.stored(); len(docs) != 2000 {
		t.Errorf("%d are stored", len(docs))
	}
}

// Test 3: what exists is a conflict of its own item, and the others are stored.
func TestGoConflict(t *testing.T) {
	eachGo(t, func(t *testing.T, name string, send sender) {
		s := start(t)
		send(t, s.url(), s, options{}, 7, 8)
		got, sum := send(t, s.url(), s, options{}, 0, 20)
		if sum.created != 19 || sum.failed != 1 || len(sum.fatal) > 0 || got.failed[idOf(name, 7)] != "409 version_conflict_engine_exception" {
			t.Errorf("%+v, %v", sum, got.failed)
		}
	})
}

// Test 9: a queue that is full for 3 s is not seen by the client.
func TestGoIsHeld(t *testing.T) {
	const many = 5000
	eachGo(t, func(t *testing.T, name string, send sender) {
		s := start(t)
		s.full(3 * time.Second)
		got, sum := send(t, s.url(), s, options{}, 0, many)
		if len(got.acked) != many || sum.failed != 0 || len(sum.fatal) > 0 || len(s.stored()) != many {
			t.Errorf("%+v", sum)
		}
	})
}

// Test 10: a queue that is full for longer refuses whole requests. As 429, which a
// client does not try again by itself, or as what loses least.
func TestGoIsRefused(t *testing.T) {
	eachGo(t, func(t *testing.T, name string, send sender) {
		s := start(t, "-hold", "300ms", "-refuse-429")
		s.full(time.Hour)
		got, sum := send(t, s.url(), s, options{alone: true}, 0, 100)
		if len(got.acked) != 0 || len(sum.fatal) != 1 || !strings.Contains(sum.fatal[0], "429") || len(s.stored()) != 0 {
			t.Errorf("429 by default: %+v", sum)
		}
		s.full(2 * time.Second)
		got, sum = send(t, s.url(), s, options{retryOn: []int{429}, patient: true}, 0, 100)
		if len(got.acked) != 100 || len(sum.fatal) != 0 || len(s.stored()) != 100 {
			t.Errorf("429, tried again: %+v", sum)
		}

		s = start(t, "-hold", "1s")
		s.full(3 * time.Second) // three holds and no more than the client bears by default
		got, sum = send(t, s.url(), s, options{alone: true}, 0, 100)
		if len(got.acked) != 100 || len(sum.fatal) != 0 || len(s.stored()) != 100 {
			t.Errorf("what loses least: %+v", sum)
		}
		s.full(time.Hour)
		got, sum = send(t, s.url(), s, options{alone: true}, 200, 300)
		if len(got.acked) != 0 || len(sum.fatal) != 1 || !strings.Contains(sum.fatal[0], "503") || len(s.stored()) != 100 {
			t.Errorf("full for ever: %+v", sum)
		}
		s.full(2500 * time.Millisecond)
		got, sum = send(t, s.url(), s, options{retryOn: []int{429, 502, 503, 504}}, 300, 400)
		if len(got.acked) != 100 || len(s.stored()) != 200 {
			t.Errorf("with the list of its manual: %+v", sum)
		}
	})
}
