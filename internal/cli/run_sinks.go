package cli

import (
	"fmt"
	"os"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/sink"
)

// openedSink is one of the sinks that the settings name.
type openedSink struct {
	name   string // by which its position is kept
	sink   sink.Sink
	opts   sink.Options
	events bool // it takes the stored events, not the alerts
}

// openSinks makes the sinks of the settings. Nothing is connected or opened yet; what is
// wrong with files that they name is told.
func (a *app) openSinks(c *config.Config) ([]openedSink, error) {
	var all []openedSink
	for i := range c.Sinks {
		s := &c.Sinks[i]
		if s.Kind == "forward" && len(s.Events) > 0 {
			one, err := a.newForward(c, s)
			if err != nil {
				return nil, failure("sink %s: %v", s.Name, err)
			}
			// Positions in the outbox and in the store are numbers of two kinds.
			all = append(all, openedSink{s.Name + ".events", one, sink.Options{Wants: sink.WantsEvents(s.Events), FromStart: s.From == "start"}, true})
			if !s.Alerts {
				continue
			}
		}
		one, err := a.openSink(c, s)
		if err != nil {
			return nil, failure("sink %s: %v", s.Name, err)
		}
		least := rule.Severity(s.Severity)
		if least == rule.Low {
			least = ""
		}
		all = append(all, openedSink{s.Name, one, sink.Options{Wants: sink.WantsAlerts(least, s.Blocks), FromStart: s.From == "start"}, false})
	}
	return all, nil
}

func (a *app) openSink(c *config.Config, s *config.Sink) (sink.Sink, error) {
	secure := sink.TLSOptions{CA: s.TLS.CA, Cert: s.TLS.Cert, Key: s.TLS.Key, ServerName: s.TLS.ServerName}
	switch s.Kind {
	case "terminal":
		ndjson := s.Format == "ndjson" || s.Format == "auto" && !a.StdoutTerminal
		return sink.NewTerminal(a.Stdout, ndjson, a.palette(), a.Width), nil
	case "file":
		return sink.NewFile(disk.OS{}, sink.FileOptions{Path: s.Path, MaxSize: int64(s.MaxSize), Keep: s.Keep}), nil
	case "syslog":
		opts := sink.SyslogOptions{Network: s.Network, Address: s.Address, Facility: s.Facility, Host: c.Host, JSON: s.JSON, Timeout: s.Timeout}
		if s.Network == "tls" {
			var err error
			if opts.TLS, err = secure.Config(); err != nil {
				return nil, err
			}
		}
		return sink.NewSyslog(opts)
	case "journald":
		return sink.NewJournal(sink.JournalOptions{Socket: s.Socket, JSON: s.JSON}), nil
	case "webhook":
		template := s.Template
		if s.TemplateFile != "" {
			text, err := os.ReadFile(s.TemplateFile)
			if err != nil {
				return nil, fmt.Errorf("read template: %w", err)
			}
			template = string(text)
		}
		return sink.NewWebhook(sink.WebhookOptions{
			URL: s.URL, Method: s.Method, Template: template, ContentType: s.ContentType, Headers: s.Headers, HeaderFiles: s.HeaderFiles,
			Secret: s.SecretFile, TLS: secure, Timeout: s.Timeout, Parallel: s.Parallel, Agent: a.agent(),
		})
	case "forward":
		return a.newForward(c, s)
	}
	return nil, fmt.Errorf("unknown kind %s", s.Kind)
}

func (a *app) newForward(c *config.Config, s *config.Sink) (sink.Sink, error) {
	return sink.NewForward(sink.ForwardOptions{
		URLs: s.URLs, Index: s.Index, KeyFile: s.KeyFile, UserFile: s.UserFile,
		TLS:     sink.TLSOptions{CA: s.TLS.CA, Cert: s.TLS.Cert, Key: s.TLS.Key, ServerName: s.TLS.ServerName},
		Timeout: s.Timeout, MaxBytes: int(s.MaxBytes), Plain: !s.Gzip, RequireAlias: s.RequireAlias, Host: c.Host, Agent: a.agent(),
	})
}

// agent is how we name ourselves to servers.
func (a *app) agent() string {
	if a.Version == "" {
		return "tripline"
	}
	return "tripline/" + a.Version
}
