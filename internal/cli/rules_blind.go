package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/inspect"
	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/store"
)

// mostLooked is how many of the newest events are looked at to tell which rules can be
// fed, and mostGlanced when the daemon starts.
const (
	mostLooked  = 50_000
	mostGlanced = 3_000
)

func (a *app) rulesBlindCommand() *cobra.Command {
	var data string
	var paths []string
	format := choice{value: "text", allowed: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "blind [FLAGS]",
		Short: "Show which rules the stored events can not feed, and why",
		Example: examples(
			"tripline rules blind", "the rules of the daemon, by what it has stored",
			"tripline rules blind -r new-rules/", "other rules, by the same events",
		),
		Long: fmt.Sprintf(`The newest %s stored events are looked at. A rule is named only if none of them could
be one for some term of it, however they are combined.

Exit codes: 0 shown; 1 it did not work; 2 usage.`, show.Number(mostLooked)),
		Args:              noArgs,
		RunE:              func(*cobra.Command, []string) error { return a.rulesBlind(data, paths, format.value) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().SortFlags = false
	a.addDataFlag(cmd, &data)
	cmd.Flags().StringArrayVarP(&paths, "rules", "r", nil, "rule `FILE-OR-FOLDER`s (default: those of the daemon)")
	cmd.Flags().Var(&format, "format", "how to print")
	mustComplete(cmd, "format", format.complete)
	return cmd
}

func (a *app) rulesBlind(flag string, paths []string, format string) error {
	dir, err := a.dataDir(flag)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		var err error
		if paths, err = a.daemonRules(dir); err != nil {
			return err
		}
	}
	set, err := readRules(paths)
	if err != nil {
		return err
	}
	events, err := store.OpenReader(disk.OS{}, filepath.Join(dir, "store"))
	if err != nil {
		return failure("%v", err)
	}
	defer func() { _ = events.Close() }()
	blocked, looked, err := a.blocked(set, events, mostLooked)
	if err != nil {
		return failure("%v", err)
	}
	if format == "json" {
		return a.writeJSON(map[string]any{"events": looked, "rules": len(set.ready), "blind": append([]inspect.Blocked{}, blocked...)})
	}
	if looked == 0 {
		a.sayf("no events are stored in %s: which rules they can feed shows when some have come", dir)
		return nil
	}
	for _, b := range blocked {
		text := b.Reason.Text
		if b.Stage > 0 && len(set.ready[b.Rule].Stages()) > 1 {
			text = fmt.Sprintf("stage %d: %s", b.Stage, text)
		}
		a.printf("%s: %s\n", show.Escape(b.Name), show.Escape(text))
	}
	a.sayf("by the newest %s: %s", counted(looked, "event", "events"), fedText(len(set.ready), len(blocked)))
	return nil
}

func fedText(rules, blind int) string {
	if blind == 0 {
		return counted(rules, "rule", "rules") + " can be fed"
	}
	return fmt.Sprintf("%s of %s can be fed, %s blind", show.Number(rules-blind), counted(rules, "rule", "rules"), show.Number(blind))
}

// scanner is a store that is read, in this process or beside another.
type scanner interface {
	Scan(q store.Query) *store.Scan
	Stats() store.Stats
}

// blocked tells which rules the newest events can not feed, and how many were looked at.
func (a *app) blocked(set *ruleSet, events scanner, most uint64) ([]inspect.Blocked, int, error) {
	i := inspect.New(set.inspected(), inspect.Options{RulesOnly: true})
	from, looked := uint64(1), 0
	if last := events.Stats().LastArrival; last > most {
		from = last - most + 1
	}
	scan := events.Scan(store.Query{From: from})
	defer scan.Close()
	for {
		b, err := scan.Next(a.ctx)
		if errors.Is(err, io.EOF) {
			return i.Blocked(), looked, nil
		}
		if err != nil {
			return nil, looked, err
		}
		for n := range b.Docs {
			one := &b.Docs[n]
			doc, err := event.Decode(one.Raw, event.Identity{Index: one.Index, ID: one.ID}, one.Arrival)
			if err != nil {
				continue // the store takes only what decodes
			}
			i.Take(doc)
			looked++
		}
		b.Release()
	}
}

// sayBlind says at the start how many of the rules can be fed.
func (r *running) sayBlind() {
	started := time.Now()
	blocked, looked, err := r.blocked(r.set, r.daemon.Store(), mostGlanced)
	switch {
	case err != nil:
		r.log.Warn("can not tell which rules are blind", "error", err)
	case looked == 0:
		r.tell("no events yet: `%s` says which rules they can feed when some have come", r.command("rules blind"))
	default:
		r.log.Debug("looked at the newest events", "events", looked, "took", time.Since(started))
		text := ""
		if len(blocked) > 0 {
			text = "; `" + r.command("rules blind") + "` says why"
		}
		r.tell("by the newest %s: %s%s", counted(looked, "event", "events"), fedText(len(r.set.ready), len(blocked)), text)
	}
}
