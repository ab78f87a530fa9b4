package cli

import "github.com/spf13/cobra"

func (a *app) alertsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "Look at alerts and work through them",
		Example: examples(
			"tripline alerts list", "what is not closed yet, the newest first",
			"tripline alerts show 3f9c1a2b", "one alert whole, by the beginning of its id",
			"tripline alerts close 3f9c1a2b --reason false_positive", "close it",
			"tripline alerts mute 3f9c1a2b --this parent --for 30d --reason 'the backup'", "write an exception, and see what it would have hidden",
			"tripline alerts to-test -r rules/ -o rules/shell.test alerts.ndjson", "write a test from an alert that scan wrote",
		),
		GroupID: groupDaemon,
		Args:    onlyCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.alertsListCommand(), a.alertsShowCommand(), a.alertsTailCommand(), a.alertsExportCommand(),
		a.alertsAckCommand(), a.alertsCloseCommand(), a.alertsReopenCommand(), a.alertsAssignCommand(), a.alertsTagCommand(),
		a.alertsNoteCommand(), a.alertsMuteCommand(), a.alertsDeleteCommand(), a.alertsToTestCommand())
	return cmd
}
