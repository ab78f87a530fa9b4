package cli

import "github.com/spf13/cobra"

func (a *app) rulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, check, lint, format and show detection rules",
		Example: examples(
			"tripline rules check rules/", "check a folder of rules",
			"tripline rules lint rules/", "look for what is doubtful in them",
			"tripline rules fmt -w rules/", "lay out their queries in one way",
			"tripline rules show", "show the built-in rule",
		),
		GroupID: groupRules,
		Args:    onlyCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.rulesListCommand(), a.rulesCheckCommand(), a.rulesLintCommand(), a.rulesFmtCommand(), a.rulesShowCommand(),
		a.rulesStatusCommand(), a.rulesBlindCommand(), a.rulesRunCommand(), a.rulesPreviewCommand())
	return cmd
}
