package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/tripline-sec/tripline/internal/daemon"
	"github.com/tripline-sec/tripline/internal/rule"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/watch"
)

// rulePaths are where the daemon's rules and exceptions are.
func (r *running) rulePaths() []string {
	paths := slices.Clone(r.cfg.Rules)
	if folder := exceptionsFolder(r.cfg.Data); isThere(folder) {
		paths = append(paths, folder)
	}
	return paths
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// rules reads them.
func (r *running) rules() (*daemon.Rules, error) {
	set, err := readRulesBy(r.rulePaths(), r.cfg.ValueLists, prepare)
	if err != nil {
		return nil, err
	}
	r.set = set
	out := &daemon.Rules{Paths: r.rulePaths()}
	for _, one := range set.ready {
		out.Ready = append(out.Ready, one.Rule)
	}
	faults := newRuleFaults()
	for _, p := range set.problems {
		switch {
		case p.Kind == rule.KindError:
			out.Problems = append(out.Problems, p.Place()+": "+p.Reason)
			if r.daemon == nil {
				r.show("error", faults.of(p))
			}
		case p.Kind == rule.KindWarning && r.daemon == nil && !strings.Contains(p.Reason, notByScan): // the daemon applies it
			r.show("warning", faults.of(p))
		}
	}
	if len(out.Ready) == 0 && r.daemon == nil {
		return nil, usage("`tripline rules check` says what is wrong with each", "none of the rules can run")
	}
	return out, nil
}

// watchRules takes rules in that are saved, and all of them on SIGHUP.
func (r *running) watchRules(ctx context.Context) {
	hup := make(chan os.Signal, 1)
	if reloadSignal != nil {
		signal.Notify(hup, reloadSignal)
		defer signal.Stop(hup)
	}
	saved := make(chan struct{}, 1)
	paths := slices.DeleteFunc(r.rulePaths(), func(p string) bool { return p == rule.BuiltinName || !isThere(p) })
	if r.cfg.Reload && len(paths) > 0 {
		watcher, err := watch.New(paths)
		if err != nil {
			r.log.Warn("rules are not watched; SIGHUP takes them in", "error", err)
		} else {
			defer watcher.Close()
			go func() {
				for {
					if _, err := watcher.Next(ctx); err != nil {
						return
					}
					select {
					case saved <- struct{}{}:
					default:
					}
				}
			}()
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			if err := r.server.ReloadCertificate(); err != nil {
				r.log.Error("the certificate was not read again", "error", err)
			}
		case <-saved:
		}
		changes, err := r.daemon.Reload(ctx)
		if err != nil {
			r.log.Error("rules were not taken in", "error", err, "problems", changes.Problems)
			r.sayf("the rules that ran before still do: %v", err)
			continue
		}
		r.log.Info("rules were taken in", "changes", changes.String(), "added", changes.Added, "changed", changes.Changed, "removed", changes.Removed)
		r.sayf("rules: %s", changes)
	}
}

// sayRules says which rules run.
func (r *running) sayRules(s *daemon.Status) {
	streamed := 0
	for _, one := range s.Rules {
		if one.Streams {
			streamed++
		}
	}
	text := counted(len(s.Rules), "rule", "rules")
	switch {
	case s.Stream && s.Schedule:
		text += fmt.Sprintf(", %s judged as events come, all on schedule", show.Number(streamed))
	case s.Stream:
		text += fmt.Sprintf(", %s judged as events come; the schedule is off", show.Number(streamed))
	case s.Schedule:
		text += " judged on schedule; the stream is off"
	default:
		text += ", and neither stream nor schedule is on: events are only stored"
	}
	if s.Policy == "elastic" {
		text += ", as Elastic schedules them"
	}
	if len(s.Problems) > 0 {
		text += fmt.Sprintf("; %s do not run", show.Number(len(s.Problems)))
	}
	r.sayf("%s", text)
}
