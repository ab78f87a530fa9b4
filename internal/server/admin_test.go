package server_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/server"
)

func TestHealthAndReady(t *testing.T) {
	var healthy, ready error
	h := open(t, func(c *server.Config) {
		c.Health = func() error { return healthy }
		c.Ready = func() error { return ready }
	})
	expect := func(target string, status int, has string) {
		t.Helper()
		if got := h.ask("GET", target, ""); got.code != status || !strings.Contains(got.body, has) {
			t.Errorf("%s: %d %s", target, got.code, got.body)
		}
	}
	expect("/_tripline/health", 200, "ok")
	expect("/_tripline/ready", 200, "ok")
	expect("/_cluster/health", 200, "green")
	healthy, ready = errors.New("open /secret/place: gone"), server.ErrStarting
	expect("/_tripline/health", 503, "/secret/place")
	expect("/_tripline/ready", 503, "starting")
	expect("/_cluster/health", 503, "unavailable_shards_exception")
	h.handler = h.server.Handler(server.Keyed)
	expect("/_tripline/health", 503, "see the log")
	expect("/_tripline/ready", 503, "starting")
	if got := h.ask("GET", "/_tripline/health", ""); strings.Contains(got.body, "secret") {
		t.Errorf("who has no key is told %s", got.body)
	}
	ready = nil
	if err := h.server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect("/_tripline/ready", 503, "stopping")
}

func TestStatusReloadAndMounted(t *testing.T) {
	bad := false
	h := open(t, func(c *server.Config) {
		c.Status = func() (any, error) { return map[string]string{"a": "<b>"}, nil }
		c.Reload = func(context.Context) (any, error) {
			if bad {
				return nil, errors.New("rule x does not load")
			}
			return struct {
				Added int `json:"added"`
			}{2}, nil
		}
	})
	h.server.Mount("GET", "/_tripline/rules/{id}", key.Read, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.server.Answer(w, r, http.StatusOK, map[string]string{"id": server.Param(r, "id")})
	}))
	if got := h.ask("GET", "/_tripline/status", ""); got.code != 200 || got.body != `{"a":"<b>"}` {
		t.Errorf("status: %d %s", got.code, got.body)
	}
	if got := h.ask("POST", "/_tripline/reload", ""); got.code != 200 || got.body != `{"added":2}` {
		t.Errorf("reload: %d %s", got.code, got.body)
	}
	if got := h.ask("GET", "/_tripline/rules/a%2Fb%25", ""); got.body != `{"id":"a/b%"}` {
		t.Errorf("mounted: %d %s", got.code, got.body)
	}
	if got := h.ask("GET", "/_tripline/reload", ""); got.code != 405 {
		t.Errorf("a reload by GET: %d", got.code)
	}
	bad = true
	if got := h.ask("POST", "/_tripline/reload", ""); got.code != 400 || !strings.Contains(got.body, "rule x does not load") {
		t.Errorf("a bad reload: %d %s", got.code, got.body)
	}
}

func TestConfigurations(t *testing.T) {
	for name, cfg := range map[string]server.Config{
		"no appender": {},
		"version":     {Appender: short{}, ESVersion: "nine"},
		"body":        {Appender: short{}, MaxBody: 1 << 31},
	} {
		if _, err := server.New(cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
