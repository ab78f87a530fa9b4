package cli

import (
	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/show"
)

// ruleExtensions are those of the files that rules are read from.
var ruleExtensions = []string{"toml", "json", "ndjson"}

// completeRules offers rule files and folders to the shell.
func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return ruleExtensions, cobra.ShellCompDirectiveFilterFileExt
}

// completeFiles leaves it to the shell.
func completeFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands in your shell",
		Example: examples(
			"source <(tripline completion bash)", "in this bash only",
			"tripline completion bash > ~/.local/share/bash-completion/completions/tripline", "in every bash from now on",
			`tripline completion zsh > "${fpath[1]}/_tripline"`, "in zsh",
			"tripline completion fish > ~/.config/fish/completions/tripline.fish", "in fish",
		),
		GroupID:   groupAbout,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("see `tripline completion --help`", "name one shell: %s", orList(shells))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			hint := didYouMean(args[0], shells)
			return usage(hint, "unknown shell %s: name %s", show.ShellWord(args[0]), orList(shells))
		},
	}
}
