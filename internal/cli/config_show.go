package cli

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) configShowCommand() *cobra.Command {
	format := choice{value: "text", allowed: []string{"text", "yaml", "json"}}
	var flags *config.Flags
	cmd := &cobra.Command{
		Use:   "show [FLAGS]",
		Short: "Show every setting, its value and where it comes from",
		Example: examples(
			"tripline config show", "what the daemon would run with",
			"tripline config show --config tripline.yaml --listen 127.0.0.1:9200", "the same with flags of `tripline run`",
			"tripline config show --format yaml > tripline.yaml", "write a file with every setting",
		),
		Long: `Takes the flags of tripline run. A value comes from a flag, else from the environment
(TRIPLINE_... and the setting's name), else from the file, else it is the default.

Exit codes: 0 shown; 2 usage, or a mistake in the settings.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			l, err := a.loadConfig(flags.File, flags)
			if err != nil {
				return err
			}
			return a.configShow(l, format.value)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Var(&format, "format", "how to print")
	mustComplete(cmd, "format", format.complete)
	flags = config.AddFlags(cmd.Flags())
	return cmd
}

func (a *app) configShow(l *config.Loaded, format string) error {
	switch format {
	case "json":
		return a.writeJSON(l.Settings())
	case "yaml":
		text, err := l.YAML()
		if err != nil {
			return err
		}
		a.printf("%s", text)
		return nil
	}
	rows := [][3]string{{"SETTING", "VALUE", "FROM"}}
	for _, s := range l.Settings() {
		rows = append(rows, [3]string{show.Escape(s.Key), show.Escape(cmp.Or(s.Text(), "-")), show.Escape(s.Origin)})
	}
	const mostValue = 60
	var widths [2]int
	for _, row := range rows {
		for i := range widths {
			widths[i] = max(widths[i], show.Columns(row[i]))
		}
	}
	widths[1] = min(widths[1], mostValue)
	p := a.palette()
	pad := func(text string, to int) string {
		return text + strings.Repeat(" ", max(to-show.Columns(text), 0))
	}
	for i, row := range rows {
		line := pad(row[0], widths[0]) + "  " + pad(row[1], widths[1]) + "  "
		switch {
		case i == 0:
			line = p.Bold(line + row[2])
		case row[2] == "default":
			line += p.Dim(row[2])
		default:
			line += row[2]
		}
		a.printf("%s\n", line)
	}
	return nil
}
