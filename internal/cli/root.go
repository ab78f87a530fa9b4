package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// The groups of commands in the help.
const (
	groupJudge  = "judge"
	groupRules  = "rules"
	groupDaemon = "daemon"
	groupAbout  = "about"
)

// helpTemplate puts the examples first: most who ask for help want one of them.
const helpTemplate = `{{.Short}}.
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}
Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{if .HasAvailableSubCommands}}{{$cmds := .Commands}}{{if .Groups}}{{range $group := .Groups}}
{{.Title}}
{{range $cmds}}{{if and (eq .GroupID $group.ID) .IsAvailableCommand}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{else}}
Commands:
{{range $cmds}}{{if .IsAvailableCommand}}  {{rpad .Name .NamePadding}} {{.Short}}
{{end}}{{end}}{{end}}{{end}}{{if .Long}}
{{.Long}}
{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages}}{{end}}{{if .HasAvailableInheritedFlags}}
Flags of all commands:
{{.InheritedFlags.FlagUsages}}{{end}}`

// root builds the commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tripline",
		Short: "Tripline runs Elastic's EQL detection rules without an Elastic Stack",
		Example: examples(
			"tripline demo", "see the built-in rule catch recorded reverse shells",
			"tripline scan events.ndjson", "judge events by the built-in rule",
			"tripline scan -r rules/ logs/", "judge a folder of events by rules of your own",
			`tripline query 'process where process.name : "nc*"' events.ndjson`, "search events with EQL",
		),
		Version:           a.versionText(),
		Args:              onlyCommands,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddGroup(
		&cobra.Group{ID: groupJudge, Title: "Judge events:"},
		&cobra.Group{ID: groupRules, Title: "Work with rules:"},
		&cobra.Group{ID: groupDaemon, Title: "Run the daemon:"},
		&cobra.Group{ID: groupAbout, Title: "About Tripline:"},
	)
	root.PersistentFlags().Var(&a.color, "color", "when to use colour; auto: on a terminal, unless NO_COLOR is set")
	root.PersistentFlags().BoolP("help", "h", false, "show help")
	mustComplete(root, "color", a.color.complete)
	root.AddCommand(a.queryCommand(), a.scanCommand(), a.explainCommand(), a.inspectCommand(), a.demoCommand(), a.rulesCommand(),
		a.testCommand(), a.generateCommand(), a.alertsCommand(), a.keysCommand(),
		a.licensesCommand(), a.versionCommand(), a.completionCommand())
	root.AddCommand(a.runCommand(), a.eventsCommand(), a.topCommand(), a.configCommand())
	plainUse(root)
	root.Flags().Bool("version", false, "show the version")
	root.SetVersionTemplate("tripline {{.Version}}\n")
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(helpTemplate)
	root.SetFlagErrorFunc(flagFault)
	root.SetHelpCommand(helpCommand(root))
	return root
}

// plainUse keeps cobra from adding "[flags]" to each usage line.
func plainUse(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = true
	for _, c := range cmd.Commands() {
		plainUse(c)
	}
}

// helpCommand is cobra's own, but for a wrong name being an error.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		GroupID: groupAbout,
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				if cmd == nil {
					cmd = root
				}
				if len(rest) == 0 {
					rest = args
				}
				return commandFault(cmd, rest[0])
			}
			return cmd.Help()
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, c := range root.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, c.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// examples lays out pairs of a command and what it does.
func examples(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString("  # " + pairs[i+1] + "\n  " + pairs[i] + "\n")
		if i+3 < len(pairs) {
			b.WriteString("\n")
		}
	}
	return strings.TrimRight(b.String(), "\n")
}
