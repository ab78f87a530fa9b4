package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tripline-sec/tripline/internal/server"
)

// until is a fault that passes.
func until(passes time.Time, err error) func() error {
	return func() error {
		if time.Now().Before(passes) {
			return fmt.Errorf("append: %w", err)
		}
		return nil
	}
}

func TestAFullQueueHoldsTheRequest(t *testing.T) {
	for _, cause := range []error{server.ErrQueueFull, server.ErrDiskFull, server.ErrReadOnly, server.ErrStarting} {
		synctest.Test(t, func(t *testing.T) {
			h := open(t, nil)
			begun := time.Now()
			h.store.Fail(until(begun.Add(3*time.Second), cause))
			got := h.ask("POST", "/_bulk", oneDoc)
			if errors, _ := itemsOf(t, got); errors {
				t.Errorf("%v: %s", cause, got.body)
			}
			if waited := time.Since(begun); waited < 3*time.Second || waited > 4*time.Second {
				t.Errorf("%v: held for %v", cause, waited)
			}
		})
	}
}

// What clients send of themselves, as they were seen to.
const (
	goAgent      = "User-Agent: go-elasticsearch/8.19.7 (linux amd64; Go 1.26.8)"
	jsAgent      = "User-Agent: elasticsearch-js/9.4.3 (linux 6.1.0-x64; Node.js 20.20.2; Transport 9.3.4)"
	osGoAgent    = "User-Agent: opensearch-go/4.8.1 (linux amd64; Go 1.26.8)"
	beatAgent    = "User-Agent: Elastic-Filebeat/9.4.1 (linux; amd64; 0a1b2c; 2026-09-01 00:00:00 +0000 UTC)"
	rsyslogType  = "Content-Type: application/json; charset=utf-8"
	logstash     = "User-Agent: Elastic/Logstash-9.1.0"
	fluentBit    = "User-Agent: Fluent-Bit"
	vectorAgent  = "User-Agent: Vector/0.50.0"
	curlAgent    = "User-Agent: curl/8.5.0"
	rsyslogAgent = rsyslogType
)

func TestRefusalLosesLeastForTheClient(t *testing.T) {
	const drop = 0
	for _, test := range []struct {
		client  string
		cause   error
		refusal server.Refusal
		want    int
	}{
		{rsyslogAgent, server.ErrQueueFull, server.RefuseAuto, drop},
		{rsyslogAgent, server.ErrDiskFull, server.RefuseAuto, drop},
		{goAgent, server.ErrQueueFull, server.RefuseAuto, 503},
		{jsAgent, server.ErrQueueFull, server.RefuseAuto, 503},
		{osGoAgent, server.ErrQueueFull, server.RefuseAuto, 503},
		{goAgent, server.ErrReadOnly, server.RefuseAuto, 503},
		{beatAgent, server.ErrQueueFull, server.RefuseAuto, 429},
		{logstash, server.ErrQueueFull, server.RefuseAuto, 429},
		{fluentBit, server.ErrQueueFull, server.RefuseAuto, 429},
		{vectorAgent, server.ErrQueueFull, server.RefuseAuto, 429},
		{curlAgent, server.ErrQueueFull, server.RefuseAuto, 429},
		{curlAgent, server.ErrDiskFull, server.RefuseAuto, 503},
		{curlAgent, server.ErrStopping, server.RefuseAuto, 503},
		{curlAgent, errors.New("something else"), server.RefuseAuto, 503},
		{rsyslogAgent, server.ErrQueueFull, server.RefuseAs429, 429},
		{goAgent, server.ErrQueueFull, server.RefuseAs429, 429},
		{beatAgent, server.ErrQueueFull, server.RefuseAs503, 503},
		{beatAgent, server.ErrQueueFull, server.RefuseByDrop, drop},
	} {
		for _, target := range []string{"/_bulk", "/x/_doc/1"} {
			synctest.Test(t, func(t *testing.T) {
				h := open(t, func(c *server.Config) { c.Refusal = test.refusal })
				h.store.FailWith(test.cause)
				begun := time.Now()
				body := oneDoc
				if target != "/_bulk" {
					body = "{}"
				}
				got := h.ask("POST", target, body, test.client)
				if got.aborted != (test.want == drop) || got.code != test.want {
					t.Errorf("%s, %v: %d %s", test.client, test.cause, got.code, got.body)
				}
				hold := 10 * time.Second
				if errors.Is(test.cause, server.ErrStopping) || test.cause.Error() == "something else" {
					hold = 0
				}
				if waited := time.Since(begun); waited != hold {
					t.Errorf("%s, %v: held for %v", test.client, test.cause, waited)
				}
				kinds := map[int]string{429: "es_rejected_execution_exception", 503: "unavailable_shards_exception"}
				if got.aborted {
					return
				}
				if kind, _ := errorOf(t, got); kind != kinds[test.want] || got.header.Get("Retry-After") != "1" {
					t.Errorf("%s: %v %s", test.client, got.header, got.body)
				}
			})
		}
	}
}

func TestTheClientsTimeoutCapsTheHold(t *testing.T) {
	for given, want := range map[string]time.Duration{
		"2s": 2 * time.Second, "1500ms": 1500 * time.Millisecond, "1m": 10 * time.Second, "0s": 0, "soon": 10 * time.Second, "-1s": 10 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			h := open(t, nil)
			h.store.FailWith(server.ErrQueueFull)
			begun := time.Now()
			got := h.ask("POST", "/_bulk?timeout="+given, oneDoc)
			if waited := time.Since(begun); got.code != 429 || waited != want {
				t.Errorf("timeout=%s: %d after %v", given, got.code, waited)
			}
		})
	}
}

// waits is an Appender that waits itself.
type waits struct{ err error }

func (a waits) Append(ctx context.Context, _ []server.Doc) ([]server.Result, error) {
	<-ctx.Done()
	if a.err != nil {
		return nil, a.err
	}
	return nil, ctx.Err()
}

func TestAnAppenderMayWaitItself(t *testing.T) {
	for _, own := range []error{nil, server.ErrQueueFull} {
		synctest.Test(t, func(t *testing.T) {
			h := open(t, func(c *server.Config) { c.Appender = waits{own} })
			begun := time.Now()
			got := h.ask("POST", "/_bulk", oneDoc)
			if waited := time.Since(begun); got.code != 429 || waited != 10*time.Second {
				t.Errorf("%d after %v: %s", got.code, waited, got.body)
			}
		})
	}
}

func TestAClientThatLeavesIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, nil)
		h.store.FailWith(server.ErrQueueFull)
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		begun := time.Now()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(oneDoc)).WithContext(ctx)
		if got := h.send(r, "/_bulk"); !got.aborted || time.Since(begun) > time.Second {
			t.Errorf("%+v after %v", got, time.Since(begun))
		}
	})
}

// short gives fewer results than it was given documents.
type short struct{}

func (short) Append(context.Context, []server.Doc) ([]server.Result, error) { return nil, nil }

func TestNothingIsAcknowledgedWithoutAResult(t *testing.T) {
	h := open(t, func(c *server.Config) { c.Appender = short{} })
	if got := h.ask("POST", "/_bulk", oneDoc); got.code != 503 {
		t.Errorf("%d %s", got.code, got.body)
	}
}

// crashes panics.
type crashes struct{}

func (crashes) Append(context.Context, []server.Doc) ([]server.Result, error) { panic("oh") }

func TestAPanicIsAnAnswer(t *testing.T) {
	h := open(t, func(c *server.Config) { c.Appender = crashes{} })
	if got := h.ask("POST", "/_bulk", oneDoc); got.code != 500 || strings.Contains(got.body, "oh") {
		t.Errorf("%d %s", got.code, got.body)
	}
}
