package cli

import (
	"github.com/tripline-sec/tripline/internal/proctree"
	"github.com/tripline-sec/tripline/internal/show"
)

// teller tells of events to people, on stdout.
type teller struct {
	*app
	show.Teller
}

func (a *app) newTeller() *teller {
	return &teller{a, show.Teller{Out: a.out, Processes: proctree.New(), Palette: a.palette(), Width: max(a.Width, 0)}}
}

var colorModes = []string{"auto", "always", "never"}

// palette decides about colour: asked for, or stdout is a terminal that takes it.
func (a *app) palette() show.Palette {
	switch a.color.value {
	case "always":
		return true
	case "never":
		return false
	}
	return show.Palette(a.StdoutTerminal && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb")
}
