package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/eql"
	"github.com/tripline-sec/tripline/internal/config"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show and check the daemon's settings",
		Example: examples(
			"tripline config show", "every setting, its value and where it comes from",
			"tripline config check tripline.yaml", "look for mistakes before the daemon does",
		),
		GroupID: groupDaemon,
		Args:    onlyCommands,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.configShowCommand(), a.configCheckCommand())
	return cmd
}

// loadConfig reads the settings for a command, and says what is doubtful in them.
func (a *app) loadConfig(file string, flags *config.Flags) (*config.Loaded, error) {
	l, err := config.Load(config.Source{File: file, Getenv: a.Getenv, Flags: flags})
	if err != nil {
		return nil, configFaults(l, err, exitUsage)
	}
	a.sayConfigWarnings(l)
	return l, nil
}

func (a *app) sayConfigWarnings(l *config.Loaded) {
	for _, w := range l.Warnings {
		a.show("warning", configFault(l, w, exitOK))
	}
}

// configFaults turns the error of loading into faults that show the place.
func configFaults(l *config.Loaded, err error, code int) error {
	var problems config.Problems
	if !errors.As(err, &problems) {
		return &fault{code: exitUsage, reason: err.Error()}
	}
	all := make(faults, len(problems))
	for i, p := range problems {
		all[i] = configFault(l, p, code)
	}
	return all
}

func configFault(l *config.Loaded, p *config.Problem, code int) *fault {
	f := &fault{code: code, reason: p.Error(), hint: p.Hint}
	if p.Origin.Kind == config.File && p.Origin.Line > 0 {
		f.reason = place(p.Origin.Name, eql.Pos{Line: p.Origin.Line, Col: p.Origin.Column}) + p.Reason
		f.snippet = strings.TrimRight(eql.Snippet(string(l.Text), p.Origin.Line, p.Origin.Column), "\n")
	}
	return f
}
