package cli

import (
	"context"
	"strings"

	"github.com/tripline-sec/tripline/internal/sink"
	src "github.com/tripline-sec/tripline/internal/source"
	"github.com/tripline-sec/tripline/internal/source/live"
	"github.com/tripline-sec/tripline/internal/state"
	"github.com/tripline-sec/tripline/internal/store"
)

// feeder is where events come from by themselves.
type feeder struct {
	name string
	run  func(context.Context) error
}

// openSources makes the sources of the settings.
func (r *running) openSources() ([]feeder, error) {
	opts := live.Options{Ingest: r.ingest, Positions: positions{r.daemon.State()}, Log: r.log, Problem: func(p *src.Problem) {
		r.log.Warn("not read", "problem", p.Error())
	}}
	var all []feeder
	for _, f := range r.cfg.Sources.Follow {
		one, err := live.NewFollow(live.FollowOptions{Options: opts, Name: f.Name, Paths: f.Paths, FromEnd: f.From == "now"})
		if err != nil {
			return nil, usage("name files, patterns or folders", "follow: %v", err)
		}
		all = append(all, feeder{"files " + strings.Join(f.Paths, ", "), one.Run})
	}
	if j := r.cfg.Sources.Journald; j.Enabled {
		one := live.NewJournald(live.JournaldOptions{Options: opts, Matches: j.Matches, FromStart: j.From == "start", OwnMessageID: sink.JournalMessageID})
		all = append(all, feeder{"systemd's journal", one.Run})
	}
	if r.cfg.Sources.Stdin {
		all = append(all, feeder{"standard input", live.NewStdin(r.Stdin, opts).Run})
	}
	return all, nil
}

// ingest stores documents of a source.
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
			r.log.Warn("not kept", "source", docs[i].Source, "error", err)
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
	"github.com/tripline-sec/tripline/internal/config"
// openedSource is one of the sources that the settings name.
type openedSource struct {
	name   string
	source interface {
		// Run reads until the context ends, or standard input does.
		Run(ctx context.Context) error
		Stats() live.Stats
// openSources makes the sources of the settings; nothing is opened before they run.
// What they share is given: who takes the events, who keeps positions, who is told.
func (a *app) openSources(c *config.Config, shared live.Options) ([]openedSource, error) {
	var all []openedSource
	for _, s := range c.Sources.Follow {
		one, err := live.NewFollow(live.FollowOptions{Options: shared, Name: "follow." + s.Name, Paths: s.Paths, FromEnd: s.From == "now"})
			return nil, failure("source %s: %v", s.Name, err)
		all = append(all, openedSource{"follow " + s.Name, one})
	if j := c.Sources.Journald; j.Enabled {
		all = append(all, openedSource{"journald", live.NewJournald(live.JournaldOptions{
			Options: shared, Matches: j.Matches, FromStart: j.From == "start", OwnMessageID: sink.JournalMessageID,
		})})
	if c.Sources.Stdin {
		all = append(all, openedSource{"stdin", live.NewStdin(a.Stdin, shared)})
