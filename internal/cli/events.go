package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/event"
	"github.com/tripline-sec/tripline/internal/store"
	"github.com/tripline-sec/tripline/internal/value"
)

type eventsFlags struct {
	data         string
	indices      []string
	since, until string
}

func (a *app) eventsCommand() *cobra.Command {
	f := &eventsFlags{}
	cmd := &cobra.Command{
		Use:   "events [FLAGS]",
		Short: "Print the stored events as NDJSON",
		Example: examples(
			"tripline events --since now-1h > hour.ndjson", "the last hour, for a colleague or a ticket",
			"tripline events --index 'logs-*' | tripline query 'process where process.name == \"nc\"' -", "search what is stored",
		),
		Long: `Works with the daemon running or not. Each line is a search hit with _index, _id and the
document in _source, in the order of arrival; query, scan, explain and inspect read them.
Alerts are among them, as events of .alerts-security.alerts-default.

Exit codes: 0 printed; 1 it did not work; 2 usage.`,
		GroupID:           groupDaemon,
		Args:              noArgs,
		RunE:              func(*cobra.Command, []string) error { return a.events(f) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().SortFlags = false
	a.addDataFlag(cmd, &f.data)
	cmd.Flags().StringSliceVar(&f.indices, "index", nil, "only of these index `PATTERN`s")
	cmd.Flags().StringVar(&f.since, "since", "", "only from a `TIME` on, such as now-1h")
	cmd.Flags().StringVar(&f.until, "until", "", "only up to a `TIME`")
	return cmd
}

func (a *app) events(f *eventsFlags) error {
	dir, err := a.dataDir(f.data)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "store")); err != nil {
		return usage("name the daemon's folder with --data", "there is no data folder of Tripline at %s", dir)
	}
	var q store.Query
	if len(f.indices) > 0 {
		q.Indices = event.NewPatterns(strings.Split(strings.Join(f.indices, ","), ","))
	}
	if f.since != "" || f.until != "" {
		span := store.Span{To: value.InstantOfTime(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))}
		for _, bound := range []struct {
			flag, text string
			to         *value.Instant
		}{{"since", f.since, &span.From}, {"until", f.until, &span.To}} {
			if bound.text == "" {
				continue
			}
			at, err := a.instant(bound.flag, bound.text)
			if err != nil {
				return err
			}
			*bound.to = value.InstantOfTime(at)
		}
		q.Spans = []store.Span{span}
	}
	events, err := store.OpenReader(disk.OS{}, filepath.Join(dir, "store"))
	if err != nil {
		return failure("%v", err)
	}
	defer func() { _ = events.Close() }()
	scan := events.Scan(q)
	defer scan.Close()
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	for !a.gone() {
		b, err := scan.Next(a.ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return failure("%v", err)
		}
		for i := range b.Docs {
			doc := &b.Docs[i]
			hit := struct {
				Index  string          `json:"_index"`
				ID     string          `json:"_id"`
				Source json.RawMessage `json:"_source"`
			}{doc.Index, doc.ID, doc.Raw}
			if err := encoder.Encode(hit); err != nil && !a.gone() {
				return failure("print event: %v", err)
			}
		}
		b.Release()
	}
	return nil
}
