package cli

import (
	"context"
	"strings"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/sink"
	"github.com/tripline-sec/tripline/internal/source/live"
)

// openedSource is one of the sources that the settings name.
type openedSource struct {
	name   string
	source interface {
		// Run reads until the context ends, or standard input does.
		Run(ctx context.Context) error
		Stats() live.Stats
	}
}

// openSources makes the sources of the settings; nothing is opened before they run.
// What they share is given: who takes the events, who keeps positions, who is told.
func (a *app) openSources(c *config.Config, shared live.Options) ([]openedSource, error) {
	var all []openedSource
	for _, s := range c.Sources.Follow {
		one, err := live.NewFollow(live.FollowOptions{Options: shared, Name: "follow." + s.Name, Paths: s.Paths, FromEnd: s.From == "now"})
		if err != nil {
			return nil, failure("source %s: %v", s.Name, err)
		}
		all = append(all, openedSource{"files " + strings.Join(s.Paths, " "), one})
	}
	if j := c.Sources.Journald; j.Enabled {
		all = append(all, openedSource{"systemd's journal", live.NewJournald(live.JournaldOptions{
			Options: shared, Matches: j.Matches, FromStart: j.From == "start", OwnMessageID: sink.JournalMessageID,
		})})
	}
	if c.Sources.Stdin {
		all = append(all, openedSource{"standard input", live.NewStdin(a.Stdin, shared)})
	}
	return all, nil
}
