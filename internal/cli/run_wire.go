package cli

import (
	"context"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/daemon"
	src "github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/source/live"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

// sinks are those of the settings; without any, alerts go to the terminal.
func (r *running) sinks() ([]daemon.Sink, error) {
	if len(r.cfg.Sinks) == 0 {
		r.cfg.Sinks = []config.Sink{{Name: "terminal", Kind: "terminal", Severity: "low", Format: "auto"}}
	}
	opened, err := r.openSinks(r.cfg)
	if err != nil {
		return nil, err
	}
	all := make([]daemon.Sink, len(opened))
	for i, s := range opened {
		all[i] = daemon.Sink{Name: s.name, Sink: s.sink, Options: s.opts, Events: s.events}
	}
	return all, nil
}

// liveOptions are what sources share.
func (r *running) liveOptions() live.Options {
	return live.Options{Ingest: r.ingest, Positions: positions{r.daemon.State()}, Log: r.log, Problem: func(p *src.Problem) {
		r.log.Warn("an event can not be read", "problem", p.Error())
		r.daemon.Unreadable(p.Error())
	}}
}

// ingest stores documents of a source. One that can never be stored is told and passed
// over.
func (r *running) ingest(ctx context.Context, docs []live.Doc) error {
	events := make([]store.Event, len(docs))
	for i := range docs {
		d := &docs[i]
		events[i] = store.Event{Raw: d.Raw, Index: d.Given.Index, ID: d.Given.ID, Source: d.Source}
	}
	results, err := r.daemon.Append(ctx, events)
	if err != nil {
		return err
	}
	for i := range results {
		if err := results[i].Err; err != nil {
			r.log.Warn("an event can not be stored", "source", docs[i].Source, "error", err)
			r.daemon.Unreadable(docs[i].Source + ": " + err.Error())
		}
	}
	return nil
}

// positions keeps how far sources have come, among the settings of the state.
type positions struct{ state *state.State }

const positionPrefix = "position of "

// Load is live.Positions'.
func (p positions) Load(ctx context.Context, name string) ([]byte, error) {
	text, err := p.state.Setting(ctx, positionPrefix+name)
	if err != nil || text == "" {
		return nil, err
	}
	return []byte(text), nil
}

// Save is live.Positions'.
func (p positions) Save(ctx context.Context, name string, position []byte) error {
	return p.state.Set(ctx, positionPrefix+name, string(position))
}
