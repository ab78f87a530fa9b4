package cli

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/alert"
	"github.com/tripline-sec/tripline/internal/state"
)

type alertsExportFlags struct {
	data   string
	filter storedFilter
	format choice
	output string
}

func (a *app) alertsExportCommand() *cobra.Command {
	f := &alertsExportFlags{format: choice{allowed: []string{"ndjson", "elastic"}}}
	cmd := &cobra.Command{
		Use:   "export [FLAGS]",
		Short: "Write alerts as documents, with their building blocks",
		Example: examples(
			"tripline alerts export -o alerts.ndjson", "all of them, as scan writes them",
			"tripline alerts export --format elastic --since -24h -o day.ndjson", "those of the last day, for Elasticsearch:",
			"curl -H 'Content-Type: application/x-ndjson' --data-binary @day.ndjson https://es:9200/_bulk", "into Kibana's list of alerts",
		),
		Long: `Alerts are written in the order in which they were made, each followed by its building
blocks.

--format ndjson writes a document a line: what scan -o writes, with status, tags and
repeats as they are now.

--format elastic writes what Elasticsearch's _bulk takes: before each document a line
that creates it, under its id, in ` + alert.Index + `. Values
that do not go into the fields of that index are left out. What is there already is
refused item by item, and stays as it is.

Exit codes: 0 done; 1 it did not work; 2 usage; 3 part of it was not written.`,
		Args:              noArgs,
		RunE:              func(*cobra.Command, []string) error { return a.alertsExport(f) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	a.addDataFlag(cmd, &f.data)
	f.filter.add(cmd, false)
	flags.Var(&f.format, "format", "what to write (default: ndjson)")
	flags.StringVarP(&f.output, "output", "o", "", "write to `FILE`; - is standard output (the default)")
	mustComplete(cmd, "format", f.format.complete)
	return cmd
}

func (a *app) alertsExport(f *alertsExportFlags) error {
	return a.withState(f.data, func(s *state.State) error {
		var to io.Writer = a.out
		var file *alertFile
		if f.output != "" && f.output != "-" {
			var err error
			if file, err = createAlertFile(f.output); err != nil {
				return err
			}
			defer file.discard()
			to = file
		}
		count := 0
		err := s.InOrder(a.ctx, f.filter.settled(a), 0, func(one *state.Alert) error {
			if file == nil && a.gone() {
				return errReaderGone
			}
			docs, err := s.Documents(a.ctx, one)
			if errors.Is(err, state.ErrNotFound) {
				return nil // deleted meanwhile
			}
			if err != nil {
				return err
			}
			count++
			return exportAlert(to, docs, f.format.value == "elastic")
		})
		if err != nil && !errors.Is(err, errReaderGone) {
			return failure("%v", err)
		}
		if file == nil {
			return nil
		}
		if err := file.keep(); err != nil {
			return err
		}
		a.sayf("%s written to %s", counted(count, "alert", "alerts"), f.output)
		return nil
	})
}

// exportAlert writes an alert's document and its blocks'.
func exportAlert(to io.Writer, docs *state.Documents, elastic bool) error {
	for _, doc := range append([][]byte{docs.Alert}, docs.Blocks...) {
		if elastic {
			var err error
			if doc, err = alert.ExportBulk(doc); err != nil {
				return err
			}
		}
		if _, err := to.Write(append(doc[:len(doc):len(doc)], '\n')); err != nil {
			return err
		}
	}
	return nil
}
