package cli

import "github.com/spf13/cobra"

func (a *app) rulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Check and show detection rules",
		Example: examples(
			"tripline rules check rules/", "check a folder of rules",
			"tripline rules show", "show the built-in rule",
		),
		GroupID: groupRules,
		Args:    onlyCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.rulesCheckCommand(), a.rulesShowCommand())
	return cmd
}
