package cli

import "github.com/spf13/cobra"

func (a *app) alertsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "Work with alerts that scan has written",
		Example: examples(
			"tripline alerts to-test -r rules/ -o rules/shell.test alerts.ndjson", "write a test from an alert",
		),
		GroupID: groupRules,
		Args:    onlyCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.alertsToTestCommand())
	return cmd
}
