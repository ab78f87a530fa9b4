package cli

import (
	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/show"
)

func (a *app) configCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Look for mistakes in a configuration file",
		Example: examples(
			"tripline config check tripline.yaml", "what is wrong, and what may have been meant",
		),
		Long: `Judges the file alone: neither the environment nor flags. Warns of secrets that are not
there, or that everybody on this host may read.

Exit codes: 0 good, warnings too; 1 mistakes; 2 usage.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("see `"+cmd.CommandPath()+" --help`", "%s takes one file", cmd.CommandPath())
			}
			return nil
		},
		RunE:              func(_ *cobra.Command, args []string) error { return a.configCheck(args[0]) },
		ValidArgsFunction: completeFiles,
	}
}

func (a *app) configCheck(file string) error {
	l, err := config.Load(config.Source{File: file, Getenv: a.withoutSettings})
	if err != nil {
		return configFaults(l, err, exitNothing)
	}
	a.sayConfigWarnings(l)
	a.printf("%s: %s\n", show.Escape(file), a.palette().Good("ok"))
	return nil
}

// withoutSettings is the environment with nothing but where things are kept.
func (a *app) withoutSettings(name string) string {
	switch name {
	case "HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME":
		return a.Getenv(name)
	}
	return ""
}
