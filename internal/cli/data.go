package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/state"
)

// exceptionsFolder is where exceptions of built-in rules stand, which have no folder
// of their own.
func exceptionsFolder(data string) string { return filepath.Join(data, "exceptions") }

// withState opens the state of a data folder for a function.
func (a *app) withState(flag string, do func(*state.State) error) error {
	dir, err := a.dataDir(flag)
	if err != nil {
		return err
	}
	s, err := state.OpenExisting(a.ctx, disk.OS{}, dir)
	switch {
	case errors.Is(err, state.ErrNone):
		return usage("name the daemon's data folder with --data; `tripline run` makes one", "there are no alerts in %s", dir)
	case errors.Is(err, state.ErrNewer):
		return &fault{code: exitUsage, reason: err.Error(), hint: "use the Tripline that wrote it, or a later one"}
	case err != nil:
		return failure("%v", err)
	}
	err = do(s)
	if closed := s.Close(); err == nil && closed != nil {
		err = failure("close state: %v", closed)
	}
	return err
}

// picked finds alerts by the beginnings of their ids, each once.
func (a *app) picked(s *state.State, ids []string) ([]*state.Alert, error) {
	var all []*state.Alert
	seen := map[int64]bool{}
	for _, id := range ids {
		found, err := s.Find(a.ctx, id)
		var several *state.Ambiguous
		switch {
		case errors.Is(err, state.ErrNotFound):
			return nil, usage("`tripline alerts list --status all` has them; the beginning of an id is enough", "there is no alert %s", show.ShellWord(id))
		case errors.As(err, &several):
			return nil, usage("write more of it: "+strings.Join(several.IDs, ", "), "several alerts have an id that begins with %s", id)
		case err != nil:
			return nil, failure("%v", err)
		}
		if !seen[found.Seq] {
			seen[found.Seq] = true
			all = append(all, found)
		}
	}
	return all, nil
}

func seqs(alerts []*state.Alert) []int64 {
	all := make([]int64, len(alerts))
	for i, a := range alerts {
		all[i] = a.Seq
	}
	return all
}

// me is who does something, and when.
func (a *app) me() state.By {
	name := cmp.Or(a.Getenv("SUDO_USER"), a.Getenv("USER"), a.Getenv("LOGNAME"))
	if name == "" {
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
	}
	return state.By{User: cmp.Or(name, "unknown"), At: a.Now().UTC()}
}

// short is as much of an alert's id as lists show. Sixteen million alerts would have
// to be there for two of a thousand to begin alike.
func short(id string) string { return id[:min(len(id), 10)] }

// named names one alert, or says how many there are.
func named(alerts []*state.Alert) string {
	if len(alerts) == 1 {
		return fmt.Sprintf("alert %s (%s)", short(alerts[0].ID), show.Escape(alerts[0].Name))
	}
	return counted(len(alerts), "alert", "alerts")
}
