package sink

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func newWebhook(t *testing.T, opts WebhookOptions) *Webhook {
	t.Helper()
	w, err := NewWebhook(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The receiver gets the alert as it is, with a signature that the library of
// Standard Webhooks accepts, and secrets from files.
func TestWebhookRequest(t *testing.T) {
	for _, key := range []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a key of no form"} {
		item := sample(1)
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			verifier, err := newSigner(key)
			if err != nil {
				t.Fatal(err)
			}
			if err := verifier.Verify(body, r.Header); err != nil {
				t.Errorf("%s: %v", key, err)
			}
			if err := verifier.Verify(append(body, ' '), r.Header); err == nil {
				t.Errorf("%s: another body has the same signature", key)
			}
			for name, want := range map[string]string{
				"Content-Type": "application/json", standardwebhooks.HeaderWebhookID: item.ID, "X-Team": "soc", "Authorization": "Bearer token", "User-Agent": "tripline/test",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if r.Method != http.MethodPost || string(body) != string(item.Doc) {
				t.Errorf("%s %s", r.Method, body)
			}
		})
		w := newWebhook(t, WebhookOptions{
			URL: server.URL, Secret: write(t, key+"\n"), Headers: map[string]string{"X-Team": "soc"},
			HeaderFiles: map[string]string{"Authorization": write(t, "Bearer token\n")}, Agent: "tripline/test",
		})
		outcomes, err := w.Deliver(t.Context(), []Item{item})
		if err != nil || verdicts(outcomes) != "taken" {
			t.Errorf("%v %v", outcomes, err)
		}
	}
}

// What a status means: for the alert, or for the receiver as a whole.
func TestWebhookStatus(t *testing.T) {
	for status, want := range map[int]string{
		200: "taken", 201: "taken", 202: "taken", 204: "taken",
		400: "refused", 402: "refused", 409: "refused", 410: "refused", 413: "refused", 415: "refused", 422: "refused",
		401: "again", 403: "again", 404: "again", 405: "again", 407: "again", 301: "again", 307: "again",
		408: "again", 425: "again", 500: "again", 502: "again", 504: "again",
		429: "down", 503: "down",
	} {
		hits := atomic.Int32{}
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			hits.Add(1)
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "why not")
		})
		w := newWebhook(t, WebhookOptions{URL: server.URL})
		outcomes, err := w.Deliver(t.Context(), []Item{sample(1)})
		got := verdicts(outcomes)
		if err != nil {
			got = "down"
			var pause *Pause
			if !errors.As(err, &pause) || pause.After != 7*time.Second {
				t.Errorf("%d: %v", status, err)
			}
		} else if got != "taken" && !strings.HasSuffix(outcomes[0].Reason, "why not") {
			t.Errorf("%d: reason %q", status, outcomes[0].Reason)
		}
		if got != want || hits.Load() != 1 {
			t.Errorf("%d: %s after %d requests, want %s", status, got, hits.Load(), want)
		}
	}
}

// A receiver that fails in every way gets each alert in the end, and one that it can
// not take becomes a dead letter.
func TestWebhookThroughFailures(t *testing.T) {
	var n atomic.Int64
	var mu sync.Mutex
	seen := map[string]bool{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if r.Header.Get(standardwebhooks.HeaderWebhookID) == sample(13).ID {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		switch n.Add(1) % 7 {
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
			return
		case 2:
			w.WriteHeader(http.StatusTooManyRequests)
			return
		case 3: // the answer breaks off
			conn, buf, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
				_ = buf.Flush()
				_ = conn.Close()
			}
		case 4: // nothing is answered in time
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
			return
		}
		mu.Lock()
		defer mu.Unlock()
		seen[r.Header.Get(standardwebhooks.HeaderWebhookID)+" "+string(body)] = true
	})
	w := newWebhook(t, WebhookOptions{URL: server.URL, Timeout: 50 * time.Millisecond})
	box := NewMemory()
	box.Add(samples(40)...)
	told := &logged{}
	opts := quick()
	opts.Log = told.logger()
	status := deliverAll(t, w, box, opts)
	mu.Lock()
	defer mu.Unlock()
	for i := range 40 {
		item := sample(i + 1)
		if poison := i+1 == 13; seen[item.ID+" "+string(item.Doc)] == poison {
			t.Errorf("alert %d: poison %v, seen %v", i+1, poison, !poison)
		}
	}
	dead := box.DeadLetters()
	if len(dead) != 1 || dead[0].Item.ID != sample(13).ID || !strings.HasPrefix(dead[0].Reason, "422 Unprocessable Entity") {
		t.Errorf("dead letters %+v", dead)
	}
	if status.Dead != 1 || status.Delivered != 39 || !strings.Contains(told.String(), "kept as a dead letter") {
		t.Errorf("status %+v, log %s", status, told)
	}
}

// Nobody listens, or it is not who it should be: the sink is down, whatever it was
// handed, and a key does not leave the house.
func TestWebhookUnreachable(t *testing.T) {
	asked := atomic.Int32{}
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	plain := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	for name, opts := range map[string]WebhookOptions{
		"unknown authority": {URL: secure.URL},
		"nobody there":      {URL: gone.URL},
		"no TLS":            {URL: strings.Replace(plain.URL, "http:", "https:", 1)},
		"no secret":         {URL: plain.URL, Secret: filepath.Join(t.TempDir(), "none")},
		"no header":         {URL: plain.URL, HeaderFiles: map[string]string{"Authorization": write(t, " \n")}},
	} {
		outcomes, err := newWebhook(t, opts).Deliver(t.Context(), samples(2))
		if err == nil || verdicts(outcomes) != "again again" {
			t.Errorf("%s: %v, %v", name, outcomes, err)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("%d requests came through", asked.Load())
	}
	// With its own authority it is reached.
	ca := write(t, pemOf(secure.Certificate()))
	outcomes, err := newWebhook(t, WebhookOptions{URL: secure.URL, TLS: TLSOptions{CA: ca}}).Deliver(t.Context(), samples(1))
	if err != nil || verdicts(outcomes) != "taken" {
		t.Errorf("%v, %v", outcomes, err)
	}
}

// What ends the process does not count against an alert.
func TestWebhookCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client is gone
		cancel()
		<-r.Context().Done()
	})
	outcomes, err := newWebhook(t, WebhookOptions{URL: server.URL}).Deliver(ctx, samples(1))
	if !errors.Is(err, context.Canceled) || verdicts(outcomes) != "again" {
		t.Errorf("%v, %v", outcomes, err)
	}
}

func TestWebhookOptions(t *testing.T) {
	for name, opts := range map[string]WebhookOptions{
		"no url":           {},
		"no host":          {URL: "http://"},
		"another scheme":   {URL: "ftp://x/"},
		"no authority":     {URL: "https://x/", TLS: TLSOptions{CA: write(t, "none")}},
		"half a key":       {URL: "https://x/", TLS: TLSOptions{Cert: "x"}},
		"open section":     {URL: "https://x/", Template: "{{#a}}"},
		"partial":          {URL: "https://x/", Template: "{{> /etc/passwd}}"},
		"no JSON":          {URL: "https://x/", Template: `{"text": {{rule.name}} }`},
		"JSON by luck":     {URL: "https://x/", Template: `{"text": "{{{rule.name}}}"}`},
		"JSON, but not {}": {URL: "https://x/", Template: `{"risk": {{kibana.alert.risk_score}} }`},
	} {
		if _, err := NewWebhook(opts); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Templates written for Kibana's actions give what they give there.
func TestTemplate(t *testing.T) {
	item := sample(1)
	for text, want := range map[string]string{
		`{{rule.name}}`:                       `Two \"things\"`,
		`{{{rule.name}}}`:                     `Two "things"`,
		`{{context.rule.name}}`:               `Two \"things\"`,
		`{{context.rule.severity}}`:           `high`,
		`{{context.rule.query}}`:              `process where true`,
		`{{rule.params.rule_id}}`:             `two-things`,
		`{{rule.tags}}`:                       `Linux,Execution`,
		`{{state.signals_count}}`:             `1`,
		`{{alert.id}}|{{alert.uuid}}`:         item.ID + "|" + item.ID,
		`{{host.name}} {{host.ip}}`:           `web-01 10.0.0.1,fe80::1`,
		`{{host}}`:                            `{\"ip\":[\"10.0.0.1\",\"fe80::1\"],\"name\":\"web-01\"}`,
		`{{kibana.alert.reason}}`:             `process event by root on web-01 created high alert Two \"things\".`,
		`{{kibana.alert.risk_score}}`:         `73`,
		`{{date}}`:                            `2026-02-03T09:00:02.000Z`,
		`{{alertId}} {{alertName}}`:           item.ID + ` Two \"things\"`,
		`[{{nothing.at.all}}]`:                `[]`,
		`{{^nothing}}none{{/nothing}}`:        `none`,
		`{{#rule.tags}}<{{.}}>{{/rule.tags}}`: `<Linux><Execution>`,
		`{{#context.alerts}}{{host.name}}:{{kibana.alert.severity}}{{/context.alerts}}`:              `web-01:high`,
		`{{#tripline.events}}{{_source.process.name}} {{_source.process.args}};{{/tripline.events}}`: `bash bash,-i;x\u001b[2J\"]\n x;`,
		`{{{alert_json}}}`:                          string(item.Doc),
		`{{#rule.name}}{{#x}}{{/x}}y{{/rule.name}}`: `y`,
	} {
		tmpl, err := NewTemplate(`"`+text+`"`, false)
		if err != nil {
			t.Fatal(err)
		}
		tmpl.parsed.Escape(escapeJSON)
		got, err := tmpl.Render(&item)
		if err != nil || string(got) != `"`+want+`"` {
			t.Errorf("%s\n got %s, %v\nwant \"%s\"", text, got, err, want)
		}
	}
	tmpl, err := NewTemplate(`{"text": "{{#tripline.events}}{{_source.process.name}}{{/tripline.events}}"}`, true)
	if err != nil {
		t.Fatal(err)
	}
	body, err := tmpl.Render(&item)
	var parsed map[string]string
	if err != nil || json.Unmarshal(body, &parsed) != nil || len(parsed) != 1 || parsed["text"] != "bashx\x1b[2J\"]\n" {
		t.Errorf("a process name has broken out: %s, %v", body, err)
	}
}
