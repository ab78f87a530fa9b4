package server_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/server/servertest"
)

// guarded is a house behind TCP's door.
func guarded(t *testing.T) (*house, *servertest.Keys) {
	t.Helper()
	keys := &servertest.Keys{}
	h := open(t, func(c *server.Config) {
		c.Keys = keys
		c.Status = func() (any, error) { return map[string]int{"rules": 3}, nil }
	})
	h.handler = h.server.Handler(server.Keyed)
	return h, keys
}

func TestCredentials(t *testing.T) {
	h, keys := guarded(t)
	good, other := keys.Make(key.Ingest), keys.Make(key.Ingest)
	mixed := key.Secret{ID: good.ID, Text: other.Text}
	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	for header, want := range map[string]int{
		"ApiKey " + good.Encoded():       200,
		"APIKey " + good.Encoded():       200, // go-elasticsearch
		"apikey  " + good.Encoded():      200,
		"Bearer " + good.Encoded():       200,
		"ApiKey " + good.String():        200,
		basic(good.String()):             200,
		"ApiKey " + mixed.Encoded():      401,
		"ApiKey " + good.Encoded() + "x": 401,
		"ApiKey":                         401,
		"ApiKey !!":                      401,
		basic(good.ID):                   401,
		basic("elastic:changeme"):        401,
		basic(":"):                       401,
		"Bearer " + good.ID:              401,
		"AWS4-HMAC-SHA256 Credential=x":  401,
		"":                               401,
	} {
		calls := h.store.Calls()
		got := h.ask("POST", "/_bulk", oneDoc, "Authorization: "+header)
		if got.code != want {
			t.Errorf("%q: %d %s", header, got.code, got.body)
		}
		if want != 401 {
			continue
		}
		kind, reason := errorOf(t, got)
		if kind != "security_exception" || header == "" && reason != "missing authentication credentials for REST request [/_bulk]" || h.store.Calls() != calls {
			t.Errorf("%q: %s", header, got.body)
		}
		if ways := strings.Join(got.header.Values("WWW-Authenticate"), ", "); ways != `Basic realm="security", charset="UTF-8", Bearer realm="security", ApiKey` {
			t.Errorf("WWW-Authenticate: %s", ways)
		}
		if strings.Contains(got.body, good.Text) || strings.Contains(got.body, other.Text) {
			t.Error("the answer has the secret")
		}
	}
}

func TestScopes(t *testing.T) {
	h, keys := guarded(t)
	secrets := map[string]key.Secret{"ingest": keys.Make(key.Ingest), "read": keys.Make(key.Read), "admin": keys.Make(key.Admin), "none": keys.Make(key.None)}
	for request, allowed := range map[string]string{
		"GET /":                 "ingest read admin none",
		"HEAD /":                "ingest read admin none",
		"GET /_license":         "ingest read admin none",
		"GET /_what":            "ingest read admin none",
		"POST /_bulk":           "ingest",
		"PUT /x/_doc/1":         "ingest",
		"GET /x/_doc/1":         "read",
		"GET /metrics":          "read",
		"GET /_tripline/status": "read",
		"GET /_tripline/health": "ingest read admin none -",
		"GET /_tripline/ready":  "ingest read admin none -",
	} {
		method, target, _ := strings.Cut(request, " ")
		if got := h.ask(method, target, oneDoc); (got.code == 401) == strings.Contains(allowed, "-") {
			t.Errorf("%s with no key: %d", request, got.code)
		}
		for name, secret := range secrets {
			got := h.ask(method, target, oneDoc, "Authorization: ApiKey "+secret.Encoded())
			if may := strings.Contains(allowed, name); may != (got.code != 403) || got.code == 401 {
				t.Errorf("%s with %s: %d %s", request, name, got.code, got.body)
			}
		}
	}
}

func TestARevokedKeyOpensNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, keys := guarded(t)
		secret := keys.Make(key.Ingest)
		ask := func() int {
			return h.ask("POST", "/_bulk", oneDoc, "Authorization: ApiKey "+secret.Encoded()).code
		}
		for range 100 {
			if got := ask(); got != 200 {
				t.Fatalf("got %d", got)
			}
		}
		if keys.Asks() != 1 {
			t.Errorf("the key was looked up %d times", keys.Asks())
		}
		keys.Revoke(secret.ID)
		time.Sleep(2*time.Second + 1) // the bubble's
		if got := ask(); got != 401 {
			t.Errorf("after it was revoked: %d", got)
		}
	})
}

func TestAStoreOfKeysThatFailsRefusesAsAFullQueueDoes(t *testing.T) {
	h, keys := guarded(t)
	secret := keys.Make(key.Ingest)
	keys.FailWith(errors.New("broken"))
	if got := h.ask("POST", "/_bulk", oneDoc, "Authorization: ApiKey "+secret.Encoded()); got.code != 503 {
		t.Errorf("got %d %s", got.code, got.body)
	}
	if got := h.ask("POST", "/_bulk", oneDoc, "Authorization: ApiKey "+secret.Encoded(), rsyslogAgent); !got.aborted {
		t.Errorf("rsyslog got %d %s", got.code, got.body)
	}
}
