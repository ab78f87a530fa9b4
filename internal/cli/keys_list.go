package cli

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/key"
	"github.com/tripline-sec/tripline/internal/keyring"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) keysListCommand() *cobra.Command {
	var data string
	format := choice{allowed: []string{"pretty", "ndjson"}}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys, without their secrets",
		Example: examples(
			"tripline keys list", "which keys there are",
		),
		Long: `Exit codes: 0 listed; 1 it did not work; 2 usage.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.keysList(cmd.Context(), data, format) },
	}
	a.addDataFlag(cmd, &data)
	cmd.Flags().Var(&format, "format", "how to print (default: pretty on a terminal, else ndjson)")
	mustComplete(cmd, "format", format.complete)
	return cmd
}

// listedKey is a key as JSON.
type listedKey struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Scopes  string     `json:"scopes"`
	Created time.Time  `json:"created"`
	Revoked *time.Time `json:"revoked"`
}

func (a *app) keysList(ctx context.Context, data string, format choice) error {
	var all []key.Key
	err := a.withKeys(ctx, data, false, func(ring keyring.Ring) (err error) {
		all, err = ring.Keys(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if format.or(a.StdoutTerminal, "pretty", "ndjson") == "ndjson" {
		list := make([]listedKey, len(all))
		for i, k := range all {
			list[i] = listedKey{ID: k.ID, Name: k.Name, Scopes: k.Scopes.String(), Created: k.Created.UTC()}
			if revoked := k.Revoked.UTC(); !k.Revoked.IsZero() {
				list[i].Revoked = &revoked
			}
		}
		return writeLines(a.out, list)
	}
	const day = "2006-01-02"
	rows := [][]string{{"ID", "SCOPES", "CREATED", "REVOKED", "NAME"}}
	for _, k := range all {
		revoked := "-"
		if !k.Revoked.IsZero() {
			revoked = k.Revoked.Format(day)
		}
		rows = append(rows, []string{show.Escape(k.ID), k.Scopes.String(), k.Created.Format(day), revoked, show.Escape(cmp.Or(k.Name, "-"))})
	}
	a.columnsOf(rows)
	a.sayf("%s", counted(len(all), "key", "keys"))
	return nil
}

// columnsOf prints rows in columns, the first row as their heads.
func (a *app) columnsOf(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], show.Columns(text))
		}
	}
	for n, row := range rows {
		var line strings.Builder
		for i, text := range row {
			line.WriteString(text)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-show.Columns(text)+2))
			}
		}
		text := line.String()
		if n == 0 {
			text = a.palette().Bold(text)
		}
		a.printf("%s\n", text)
	}
}
