package cli

import (
	"context"
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
	folder := exceptionsFolder(r.cfg.Data)
	if there, err := os.ReadDir(folder); err == nil && len(there) > 0 { // an empty folder of rules is a mistake
		paths = append(paths, folder)
	}
	return paths
}

// rules reads them.
func (r *running) rules() (*daemon.Rules, error) {
	set, err := readRulesBy(r.rulePaths(), r.cfg.ValueLists, prepareQuery)
	if err != nil {
		return nil, err
	}
	r.set = set
	out := &daemon.Rules{Paths: r.rulePaths()}
	for _, one := range set.ready {
		out.Ready = append(out.Ready, one.Rule)
		out.Until = one.Expires(r.Now(), out.Until)
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
	paths := slices.DeleteFunc(slices.Clone(r.cfg.Rules), func(p string) bool { return p == rule.BuiltinName })
	paths = append(paths, exceptionsFolder(r.cfg.Data)) // the first exception makes it
	if r.cfg.Reload {
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
			if r.structured(r.cfg.Log) {
				r.log.Error("rules were not taken in", "error", err, "problems", changes.Problems)
			} else {
				r.sayf("error: %s", show.Escape(err.Error()))
			}
			continue
		}
		r.tell("rules: %s", changes)
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
	atOnce := "judged as events come"
	if streamed < len(s.Rules) {
		atOnce = show.Number(streamed) + " of them " + atOnce
	}
	switch {
	case s.Stream && s.Schedule:
		text += ", " + atOnce + " and all on schedule"
	case s.Stream:
		text += ", " + atOnce + "; the schedule is off"
	case s.Schedule:
		text += ", judged on schedule; the stream is off"
	default:
		text += ", and neither stream nor schedule is on: events are only stored"
	}
	if s.Policy == "elastic" {
		text += ", as Elastic schedules them"
	}
	if len(s.Problems) > 0 {
		text += "; " + counted(len(s.Problems), "rule does not run", "rules do not run")
	}
	r.tell("%s", text)
}
