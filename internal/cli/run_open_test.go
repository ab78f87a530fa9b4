package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/sink"
	"github.com/tripline-sec/tripline/internal/source/live"
)

func settings(t *testing.T, text string) *config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tripline.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := config.Load(config.Source{File: file, Getenv: func(string) string { return "" }})
	if err != nil && l.Data == "" {
		t.Fatal(err)
	}
	return &l.Config
}

func (o *on) app() *app {
	return &app{Env: &o.Env, ctx: context.Background(), color: choice{value: "auto", allowed: colorModes}}
}

// Every kind of sink can be made of settings, and takes what it is to take.
func TestOpenSinks(t *testing.T) {
	a := newOn().app()
	sinks, err := a.openSinks(settings(t, `
data: state
sinks:
  - kind: terminal
  - {kind: file, path: alerts.ndjson, severity: high}
  - {kind: syslog, network: tls, address: "localhost:6514"}
  - {kind: journald, json: true}
  - {kind: webhook, url: "http://localhost/", template: '{"x": "{{rule.name}}"}'}
  - {kind: forward, urls: "http://localhost:9200", events: [logs-*], from: start}
  - {name: only-events, kind: forward, urls: "http://localhost:9200", events: [logs-*], alerts: no}
`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sinks {
		names = append(names, s.name)
		if s.sink == nil || s.events != strings.HasSuffix(s.name, ".events") || s.opts.FromStart != strings.HasPrefix(s.name, "forward") {
			t.Errorf("%+v", s)
		}
		low := sink.Item{Doc: []byte(`{"kibana.alert.severity":"low"}`), Index: "logs-x"}
		if got := s.opts.Wants(&low); got != (s.name != "file") {
			t.Errorf("%s wants it: %v", s.name, got)
		}
	}
	if got := strings.Join(names, " "); got != "terminal file syslog journald webhook forward.events forward only-events.events" {
		t.Errorf("%s", got)
	}
	for name, text := range map[string]string{
		"no template": "sinks: [{kind: webhook, url: 'http://x/', template_file: none}]",
		"no JSON":     "sinks: [{kind: webhook, url: 'http://x/', template: '{{x}}'}]",
		"no CA":       "sinks: [{kind: forward, urls: 'http://x/', tls: {ca: none}}]",
		"facility":    "sinks: [{kind: syslog, facility: local9}]",
		"url":         "sinks: [{kind: forward, urls: 'x'}]",
	} {
		if _, err := a.openSinks(settings(t, "data: state\n"+text)); err == nil || !strings.HasPrefix(err.Error(), "sink ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The terminal gets text, a pipe gets documents.
func TestOpenTerminal(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		o := newOn()
		o.Stdout, o.StdoutTerminal = &out, terminal
		sinks, err := o.app().openSinks(settings(t, "data: state"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sinks[0].sink.Deliver(t.Context(), []sink.Item{{ID: "a", Doc: []byte(`{"kibana.alert.severity":"high","kibana.alert.rule.name":"R"}`)}}); err != nil {
			t.Fatal(err)
		}
		if got := strings.HasPrefix(out.String(), "{"); got == terminal {
			t.Errorf("terminal %v: %s", terminal, &out)
		}
	}
}

func TestOpenSources(t *testing.T) {
	o := newOn()
	o.Stdin = strings.NewReader("{\"n\":1}\n")
	var got []string
	shared := live.Options{Positions: &live.Memory{}, Ingest: func(_ context.Context, docs []live.Doc) error {
		for _, d := range docs {
			got = append(got, string(d.Raw))
		}
		return nil
	}}
	sources, err := o.app().openSources(settings(t, `
data: state
sources:
  follow: [{paths: a}, {name: b, paths: [b, c], from: now}]
  journald: {enabled: true}
  stdin: true
`), shared)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sources {
		for _, word := range strings.Fields(s.name) {
			names = append(names, filepath.Base(word)) // files are named with their folder
		}
	}
	if strings.Join(names, " ") != "files a files b c systemd's journal standard input" {
		t.Errorf("%q", names)
	}
	if err := sources[3].source.Run(t.Context()); err != nil || len(got) != 1 || sources[3].source.Stats().Documents != 1 {
		t.Errorf("%v %v", got, err)
	}
}
